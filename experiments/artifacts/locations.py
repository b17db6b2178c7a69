"""Where the artifacts of runs and logged models lie, in the store and in the URIs that clients see.

The portal chooses every location, so the first names of a path say whose files it leads to.
"""

import re
from dataclasses import dataclass
from uuid import UUID

URI_PREFIX = "mlflow-artifacts:/"
MODELS_FOLDER = "models"
ARTIFACTS_FOLDER = "artifacts"
_LOCATION = re.compile(
    r"(?P<workspace>[1-9][0-9]{0,17})/(?P<experiment>[1-9][0-9]{0,17})"
    r"(?:/(?:(?P<run>[0-9a-f]{32})|models(?:/(?P<model>m-[0-9a-f]{32}))?)"
    r"(?P<inside>/.*)?)?",
    re.DOTALL,
)


def experiment_location(workspace_id: int, experiment_id: int) -> str:
    """The folder of an experiment, as a URI."""
    return f"{URI_PREFIX}{workspace_id}/{experiment_id}"


def run_location(workspace_id: int, experiment_id: int, run_id: UUID) -> str:
    """The artifact URI of a run."""
    return f"{experiment_location(workspace_id, experiment_id)}/{run_id.hex}/{ARTIFACTS_FOLDER}"


def model_location(workspace_id: int, experiment_id: int, model_id: str) -> str:
    """The artifact location of a logged model."""
    folder = f"{experiment_location(workspace_id, experiment_id)}/{MODELS_FOLDER}"
    return f"{folder}/{model_id}/{ARTIFACTS_FOLDER}"


def store_path(uri: str) -> str:
    """The path in the store of one of our URIs."""
    return uri.removeprefix(URI_PREFIX).strip("/")


@dataclass(frozen=True)
class OwnerKey:
    """Whose files a path leads to: a run's, a logged model's, or those of the experiment above them.

    `is_inside` says that the path is the owner's artifact folder or lies in it, where files may be written.
    """

    workspace_id: int
    experiment_id: int
    run_id: UUID | None
    model_id: str | None
    is_inside: bool


def owner_of(path: str) -> OwnerKey | None:
    """The owner that the names of a normalised path tell, or None; the rows decide whether it exists."""
    match = _LOCATION.fullmatch(path)
    if match is None:
        return None
    run, model, inside = match["run"], match["model"], match["inside"]
    if inside and not (run or model):
        return None
    return OwnerKey(
        workspace_id=int(match["workspace"]),
        experiment_id=int(match["experiment"]),
        run_id=UUID(run) if run else None,
        model_id=model,
        is_inside=bool(run or model) and f"{inside}/".startswith(f"/{ARTIFACTS_FOLDER}/"),
    )
