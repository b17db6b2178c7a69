"""The job that scores: files and packages as for serving, then one process that makes part after part.

Parts that are whole lie in a folder of the scoring on this machine, and the cursor of the job names them by digest: an
attempt after a killed one goes on behind the last. The model runs in the process only, which has no secret.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from deployments.models import BatchScoring
from deployments.reconciling.environment import BATCH, environment_built
from deployments.reconciling.files import files_ready
from deployments.services.scorings import scoring_end, scoring_note, scoring_record, standing_check
from experiments.data.keeping import FileDiffers, files_fetch, folder_keep, folder_measured
from experiments.models import DatasetVersion
from experiments.services.dataset_versions import NewVersion
from jobs.errors import NothingToDo, Permanent
from jobs.models import JobRun
from jobs.process.command import MEMORY, Command, Limits
from jobs.process.progress import progress_set
from jobs.process.run import run_command
from jobs.step import JobStep
from portal.accounts.actor import Actor
from registry.gate.files import manifest_of
from training.models import RuntimeEnvironment
from training.work.environment import Built
from training.work.scratch import scratch

TIME_SECONDS = 24 * 3600
REPORT_BYTES = PROGRESS_BYTES = 1024 * 1024
_ASKED = ("rows_per_part", "keep", "prediction")


def scoring_run(step: JobStep, *, scoring_id: str) -> None:
    """Score a dataset version. Raises Permanent where another try would not help."""
    related = ("version__model", "version__workspace", "dataset__asset", "workspace", "requested_by")
    scoring = BatchScoring.objects.select_related(*related).filter(pk=UUID(scoring_id)).first()
    if scoring is None or scoring.ended_at is not None:
        raise NothingToDo("There is no scoring that waits for its result.")
    standing_check(scoring)
    folders_clean()
    home = scoring_folder(scoring)
    (home / "parts").mkdir(mode=0o700, parents=True, exist_ok=True)
    with scratch(step) as folder:
        model, signature = files_ready(step, scoring.version, scoring.digest)
        built = environment_built(step, _known(scoring), model, folder, BATCH)
        try:
            paths = _data(step, scoring.dataset, home / "data")
        except FileDiffers as error:
            raise Permanent(f"{scoring.dataset} cannot be scored: the file {error}.") from error
        made = _Parts(step, scoring, home / "parts", folder / "outputs" / "progress")
        found = _program(step, scoring, folder, built, made, model, paths)
        made.unchanged_check()
    kept = folder_keep(scoring.workspace_id, home / "parts")
    requester = Actor.of_user(scoring.requested_by, request_id=step.run.request_id)
    new = NewVersion(
        digest=kept.digest, path=kept.path, manifest=kept.manifest, size_bytes=kept.size_bytes,
        classification=scoring.dataset.classification,
        description=f"Predictions of {scoring.version} for {scoring.dataset}.",
    )  # fmt: skip
    seen = {"environment": built.environment.digest, "signature": signature, **found}
    step.finish(
        partial(scoring_record, actor=step.actor, scoring=scoring, requester=requester, new=new, seen=seen)
    )
    shutil.rmtree(home, ignore_errors=True)


def scoring_ended(*, actor: Actor, run: JobRun, state: str) -> None:
    """Whoever ends the job of a scoring ends it."""
    scoring = BatchScoring.objects.filter(job=run, ended_at=None).first()
    if scoring is not None:
        scoring_end(actor=actor, scoring=scoring, state=state)


def scorings_folder() -> Path:
    return Path(settings.JOBS_DIR) / "scoring"


def scoring_folder(scoring: BatchScoring) -> Path:
    """Where the data and the parts of a scoring lie until it ends."""
    return scorings_folder() / scoring.pk.hex


def folders_clean() -> None:
    """Remove what scorings left that were cancelled, failed or killed at their end."""
    found = scorings_folder()
    for home in found.iterdir() if found.is_dir() else ():
        if not BatchScoring.objects.filter(pk=UUID(home.name), ended_at=None).exists():
            shutil.rmtree(home, ignore_errors=True)


class _Parts:
    """The parts that are there: those of earlier attempts as far as they are still the same, and new ones."""

    def __init__(self, step: JobStep, scoring: BatchScoring, folder: Path, progress: Path) -> None:
        self.step, self.folder, self.progress = step, folder, progress
        self.total = scoring.dataset.row_count
        self.known: list[list[Any]] = []
        for sha256, rows in step.cursor.get("parts", []):
            if _sha256(self.path(len(self.known))) != sha256:
                break
            self.known.append([sha256, rows])
        for path in folder.iterdir():
            if path.name not in {self.path(number).name for number in range(len(self.known))}:
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        self.before = len(self.known)

    def path(self, number: int) -> Path:
        return self.folder / f"part-{number:05d}.parquet"

    def look(self) -> None:
        """Note the parts that the process has finished since the last look. Raises Permanent."""
        new = self._said()[len(self.known) - self.before :]
        for rows in new:
            self.known.append([_sha256(self.path(len(self.known))), rows])
        if new:
            self.step.checkpoint({"parts": self.known})
            progress_set(self.step.run.pk, "rows", sum(rows for _, rows in self.known), self.total, "rows")

    def unchanged_check(self) -> None:
        """Nothing but the parts lies there, each as it was when it was noted. Raises Permanent."""
        expected = {self.path(number).name: sha256 for number, (sha256, _) in enumerate(self.known)}
        if expected != {path.name: _sha256(path) for path in self.folder.iterdir()}:
            raise Permanent(
                "The parts are not those that the program said it had made: the model changed them."
            )

    def _said(self) -> list[int]:
        """The rows of each part that the process says it made. It holds a model, so what it says may be anything."""
        try:
            if self.progress.is_symlink() or self.progress.stat().st_size > PROGRESS_BYTES:
                raise ValueError
            lines = self.progress.read_bytes().splitlines(keepends=True)
            said = [json.loads(line) for line in lines if line.endswith(b"\n")]
            rows = [int(each["rows"]) for each in said]
            if [each["part"] for each in said] != list(range(self.before, self.before + len(said))):
                raise ValueError
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
            raise Permanent(
                "What the program says of its parts cannot be read: the model wrote to it."
            ) from error
        return rows


def _program(
    step: JobStep, scoring: BatchScoring, folder: Path, built: Built, made: _Parts, model: Path, paths: Sequence[Path]
) -> dict[str, Any]:  # fmt: skip
    """Run the program to its end; rows and parts. Raises Permanent with what it refuses."""
    order, report = folder / "order.json", folder / "outputs" / "report.json"
    order.write_text(json.dumps({
        "model": str(model), "manifest": manifest_of(scoring.version), "digest": scoring.digest,
        "inputs": [str(path) for path in paths], "outputs": str(made.folder), "done": len(made.known),
        "progress": str(made.progress), **{name: scoring.asked[name] for name in _ASKED},
    }))  # fmt: skip
    env = {
        "PATH": f"{built.python.parent}:/usr/bin:/bin", "HOME": str(folder / "home"), "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1", "PYTHONNOUSERSITE": "1", "PYTHONUNBUFFERED": "1",
    }  # fmt: skip
    command = Command(
        argv=(str(built.python), str(BATCH / "score.py"), str(order), str(report)), cwd=folder, env=env,
        limits=Limits(seconds=TIME_SECONDS, memory_bytes=scoring.asked["memory_mb"] * 1024**2, cpus=1),
    )  # fmt: skip
    ended = run_command(
        step, command, label=f"score {scoring.dataset} with {scoring.version}", meanwhile=made.look
    )
    made.look()
    found = _report(report)
    if not ended.is_success or "rows" not in found:
        problem = found.get("problem") or _stopped(ended.cause, scoring, ended.tail)
        scoring_note(actor=step.actor, scoring=scoring, problem=problem)
        raise Permanent(f"{scoring.dataset} was not scored: {problem['detail']}"[:4000])
    if (found["parts"], found["rows"]) != (len(made.known), sum(rows for _, rows in made.known)):
        raise Permanent(f"{scoring.dataset} was not scored: the program counts other parts than it left.")
    return {"rows": found["rows"], "parts": found["parts"]}


def _stopped(cause: str, scoring: BatchScoring, tail: str) -> dict[str, Any]:
    if cause == MEMORY:
        most = scoring.asked["memory_mb"]
        detail = f"The process took more than {most} MB. Ask for more memory, or for fewer rows in a part."
        return {"code": "memory", "detail": detail}
    return {"code": "stopped", "detail": f"The process ended without a report ({cause}): {tail[-1000:]}"}


def _report(path: Path) -> Mapping[str, Any]:
    """What the program says. It ran beside a model, so nothing of it is taken for granted."""
    try:
        if path.is_symlink() or path.stat().st_size > REPORT_BYTES:
            return {}
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    problem = found.get("problem") if isinstance(found, dict) else None
    if isinstance(problem, dict) and isinstance(problem.get("detail"), str):
        return {
            "problem": {
                str(key)[:40]: value for key, value in problem.items() if isinstance(value, (str, int))
            }
        }
    is_whole = isinstance(found, dict) and all(isinstance(found.get(name), int) for name in ("rows", "parts"))
    return found if is_whole else {}


def _data(step: JobStep, dataset: DatasetVersion, folder: Path) -> list[Path]:
    """The files of the dataset, each byte what it was: from an earlier attempt, or fetched. Raises FileDiffers."""
    wanted = [(each["path"], each["size"], each["sha256"]) for each in dataset.manifest]
    here = folder_measured(folder, step.check) if folder.is_dir() else []
    if sorted(wanted) != sorted((each["path"], each["size"], each["sha256"]) for each in here):
        shutil.rmtree(folder, ignore_errors=True)
        files_fetch(dataset.path, dataset.manifest, folder, step.check)
    return [folder / path for path in sorted(path for path, _, _ in wanted)]


def _known(scoring: BatchScoring) -> RuntimeEnvironment | None:
    """That in which these files scored here last."""
    earlier = BatchScoring.objects.filter(digest=scoring.digest, seen__environment__isnull=False).order_by(
        "-id"
    )
    found = earlier.values_list("seen__environment", flat=True).first()
    return RuntimeEnvironment.objects.filter(digest=found).first() if found else None


def _sha256(path: Path) -> str:
    if path.is_symlink() or not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
