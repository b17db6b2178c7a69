"""Compares a version with what its training made the second time: files, metrics, predictions."""

import json
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from experiments.artifacts.locations import store_path
from experiments.artifacts.store import artifact_store
from experiments.models import LatestMetric, LoggedModel, Run
from jobs.models import DONE
from jobs.process.command import Command, Limits
from jobs.process.run import run_command
from jobs.step import JobStep
from registry.gate.files import FileChanged, downloaded
from registry.models import ModelVersion
from training.models import Reproduction, TrainingJob
from training.models.reproductions import NOT_ATTEMPTED, NOT_EQUAL
from training.reproduction.files import files_compare
from training.reproduction.recorded import Recorded
from training.reproduction.verdict import metrics_compare, verdict_of
from training.work.environment import environment_ready
from training.work.inputs import inputs_place
from training.work.scratch import scratch

PROGRAM = Path(__file__).resolve().parents[1] / "programs" / "comparison" / "compare.py"
# The contexts of inputs that mean held-out data.
EVALUATION = ("evaluation", "eval", "test", "testing", "validation")
LIMITS = Limits(seconds=3600, memory_bytes=8 * 1024**3)


def judged(step: JobStep, reproduction: Reproduction, recorded: Recorded) -> tuple[str, str, dict[str, Any]]:
    """The verdict, why, and what was measured."""
    training = reproduction.training
    if training is None:
        return NOT_ATTEMPTED, f"{'; '.join(recorded.missing)}.".capitalize(), {}
    if training.job.state != DONE or training.run is None:
        return NOT_EQUAL, f"The training ended as {training.job.state}: {training.job.reason[-1500:]}", {}
    location = _location_again(reproduction.version, training.run)
    if location is None:
        return NOT_EQUAL, "The training made no model of that name.", {}
    try:
        with downloaded(step, reproduction.version) as original, _fetched(step, location) as again:
            files = files_compare(original, again)
            predictions = _predictions(step, training, original, again)
    except FileChanged as error:
        return NOT_EQUAL, f"The files of {reproduction.version} are damaged: {error}.", {}
    metrics = metrics_compare(_metrics(_origin(reproduction.version)), _metrics(training.run))
    verdict, why = verdict_of(files, metrics, predictions, reproduction.tolerance)
    measured = {
        "files": files,
        "metrics": metrics,
        "predictions": predictions,
        "machine": platform.platform(),
    }
    return verdict, why, measured


def _origin(version: ModelVersion) -> Run:
    while version.copied_from is not None:
        version = version.copied_from
    assert version.run is not None  # noqa: S101 - it was trained by the portal
    return version.run


def _location_again(version: ModelVersion, run: Run) -> str | None:
    """Where the model that corresponds to a version lies in the run of its reproduction."""
    while version.copied_from is not None:
        version = version.copied_from
    if version.logged_model is not None:
        named = LoggedModel.objects.filter(source_run=run, name=version.logged_model.name)
        newest = named.order_by("-id").first()
        return newest.artifact_location if newest is not None else None
    origin = version.run
    if origin is None or not version.artifact_location.startswith(f"{origin.artifact_uri}/"):
        return None
    return run.artifact_uri + version.artifact_location.removeprefix(origin.artifact_uri)


@contextmanager
def _fetched(step: JobStep, location: str) -> Iterator[Path]:
    """The files of a logged model in a folder that is gone afterwards."""
    root, store = store_path(location), artifact_store()
    with scratch(step) as folder:
        target = folder / "inputs"
        for entry in store.list_files(root):
            path = target / entry.path.removeprefix(f"{root}/")
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                for chunk in store.open(entry.path).chunks:
                    step.check()
                    file.write(chunk)
        yield target


def _metrics(run: Run) -> dict[str, float]:
    rows = LatestMetric.objects.filter(run=run).values_list("key", "value", "is_nan")
    return {
        key: float("nan") if is_nan else value for key, value, is_nan in rows if not key.startswith("system/")
    }


def _predictions(step: JobStep, training: TrainingJob, original: Path, again: Path) -> dict[str, Any]:
    """What the comparison program measures, in the environment of the training and without secrets."""
    environment = training.environment
    if environment is None:
        return {"problem": "no environment was recorded"}
    folder = again.parent
    built = environment_ready(step, folder, environment.lock, environment.python_version)
    report = folder / "outputs" / "report.json"
    env = {
        "PATH": f"{built.python.parent}:/usr/bin:/bin", "HOME": str(folder / "home"), "LANG": "C.UTF-8",
        "MLFLOW_TRACKING_URI": f"file://{folder / 'home'}",
    }  # fmt: skip
    data = _evaluation_files(step, training, folder / "code")
    words = (str(built.python), str(PROGRAM), str(original), str(again), str(report), *data)
    found = run_command(
        step, Command(argv=words, cwd=folder, env=env, limits=LIMITS), label="compare predictions"
    )
    try:
        measured: dict[str, Any] = json.loads(report.read_text())
    except (OSError, ValueError):
        return {
            "problem": f"the comparison ended with {found.cause} {found.code or found.signal}: {found.tail[-500:]}"
        }
    return measured


def _evaluation_files(step: JobStep, training: TrainingJob, folder: Path) -> list[str]:
    """The files of the inputs on which the training was evaluated; none where it named none."""
    inputs = [each for each in inputs_place(step, training, folder) if each.context.lower() in EVALUATION]
    return [str(folder / each.name / path) for each in inputs for path in each.paths]
