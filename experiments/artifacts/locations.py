"""Where the artifacts of runs and logged models lie, in the store and in the URIs that clients see."""

import re
from dataclasses import dataclass, field
from uuid import UUID

URI_PREFIX = "mlflow-artifacts:/"
MODELS_FOLDER = "models"
ARTIFACTS_FOLDER = "artifacts"
_RUN_HEX = re.compile(r"[0-9a-f]{32}\Z")
_MODEL_ID = re.compile(r"m-[0-9a-f]{32}\Z")


def workspace_location(workspace_id: int) -> str:
    """The folder that holds everything of a workspace, as a URI."""
    return f"{URI_PREFIX}{workspace_id}"


def experiment_location(workspace_id: int, experiment_id: int) -> str:
    """The folder of an experiment that named none of its own."""
    return f"{workspace_location(workspace_id)}/{experiment_id}"


def run_location(experiment_location: str, run_id: UUID) -> str:
    """The artifact URI of a run of the experiment with this location."""
    return f"{experiment_location.rstrip('/')}/{run_id.hex}/{ARTIFACTS_FOLDER}"


def model_location(experiment_location: str, model_id: str) -> str:
    """The artifact location of a logged model of the experiment with this location."""
    return f"{experiment_location.rstrip('/')}/{MODELS_FOLDER}/{model_id}/{ARTIFACTS_FOLDER}"


def store_path(uri: str) -> str:
    """The path in the store of one of our URIs."""
    return uri.removeprefix(URI_PREFIX).strip("/")


@dataclass(frozen=True)
class Owners:
    """What a path could belong to, read off its names alone: the rows decide."""

    workspace_id: int | None
    experiment_id: int | None
    run_ids: list[UUID] = field(default_factory=list)
    model_ids: list[str] = field(default_factory=list)


def owner_of(path: str) -> Owners:
    """The runs, models and experiment that a normalised path could lie in."""
    names = path.split("/")
    return Owners(
        workspace_id=_number(names[0]),
        experiment_id=_number(names[1]) if len(names) > 1 else None,
        run_ids=[UUID(name) for name in names if _RUN_HEX.match(name)],
        model_ids=[name for name in names if _MODEL_ID.match(name)],
    )


def _number(name: str) -> int | None:
    return int(name) if name.isascii() and name.isdigit() and len(name) <= 18 else None
