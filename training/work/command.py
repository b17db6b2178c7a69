"""The command of a training with the environment that it gets: exactly this, and nothing of the worker's."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from jobs.process.command import Command, Limits
from jobs.secrets import secret_values
from training.models import TrainingJob
from training.models.jobs import EVALUATION
from training.services.records import Begun
from training.spec.reading import memory_bytes, seconds
from training.work.project import Project
from training.work.values import values_file


def command_of(training: TrainingJob, project: Project, python: Path, begun: Begun, folder: Path) -> Command:
    """The words of the project and their environment."""
    spec = training.spec
    named = spec["environment"].get("secrets", {})
    values = secret_values(training.workspace_id, list(named.values()))
    secrets = {variable: values[name] for variable, name in named.items()}
    return Command(
        argv=_argv(project, python), cwd=project.folder, env=_env(training, project, python, begun, folder),
        limits=_limits(spec), secrets={**secrets, **_token(training, begun)},
    )  # fmt: skip


def _argv(project: Project, python: Path) -> tuple[str, ...]:
    first, *rest = project.words
    return (str(python) if first in ("python", "python3") else first, *rest)


def _token(training: TrainingJob, begun: Begun) -> dict[str, str]:
    """An evaluation runs the model of somebody else, who shall not act in the name of whoever measures it."""
    return {} if training.purpose == EVALUATION else {"MLFLOW_TRACKING_TOKEN": begun.token}


def _env(training: TrainingJob, project: Project, python: Path, begun: Begun, folder: Path) -> dict[str, str]:
    spec, run = training.spec, begun.run
    env = {
        **project.variables,
        "PATH": f"{python.parent}:/usr/local/bin:/usr/bin:/bin", "VIRTUAL_ENV": str(python.parent.parent),
        "HOME": str(folder / "home"), "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1",
        "MLFLOW_TRACKING_URI": settings.PORTAL_URL, "MLFLOW_RUN_ID": run.pk.hex,
        "MLFLOW_EXPERIMENT_ID": str(run.experiment_id), "PORTAL_URL": settings.PORTAL_URL,
        "PORTAL_TRAINING_ID": str(training.pk), "PORTAL_JOB_ID": str(training.job_id),
        "PORTAL_VALUES": str(values_file(folder)),
    }  # fmt: skip
    if project.needs.own:
        # The code's own packages are found where they lie, so that what runs is what is recorded.
        env["PYTHONPATH"] = ":".join(str(each) for own in project.needs.own for each in (own / "src", own))
    if "seed" in spec:
        env |= {"PORTAL_SEED": str(spec["seed"]), "PYTHONHASHSEED": str(spec["seed"])}
    for kind in ("inputs", "outputs"):
        env |= {
            f"PORTAL_{kind[:-1].upper()}_{name.upper()}": str(folder / kind / name) for name in spec[kind]
        }
    return env


def _limits(spec: Mapping[str, Any]) -> Limits:
    resources = spec["resources"]
    return Limits(
        seconds=seconds(spec["limits"]["timeout"]), cpus=resources.get("cpus"),
        memory_bytes=memory_bytes(resources["memory"]) if "memory" in resources else None,
    )  # fmt: skip
