"""Whose files a path of the artifact proxy leads to, and what lies there."""

from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from experiments.artifacts.locations import OwnerKey, owner_of, store_path
from experiments.artifacts.paths import path_joined
from experiments.artifacts.store import Entry, artifact_store
from experiments.models import Experiment, LoggedModel, Run
from portal import access
from portal.accounts.actor import Actor
from portal.kernel.errors import NotFound

Owner: TypeAlias = Run | LoggedModel | Experiment


@dataclass(frozen=True)
class Place:
    """A path in the store with the row that it belongs to, which every permission is asked about."""

    path: str
    owner: Owner
    is_inside: bool


def place_get(actor: Actor, path: str) -> Place:
    """The owner of a normalised path. Raises NotFound when there is none, or it is not visible."""
    key = owner_of(path)
    owner = _owner(key) if key else None
    if key is None or owner is None or not access.sees(actor, owner):
        raise NotFound(f"No such artifact: '{path}'")
    return Place(path, owner, key.is_inside)


def run_place(run: Run, path: str) -> Place:
    """A path below the artifacts of a run."""
    return Place(path_joined(store_path(run.artifact_uri), path), run, is_inside=True)


def model_place(model: LoggedModel, path: str) -> Place:
    """A path below the artifacts of a logged model."""
    return Place(path_joined(store_path(model.artifact_location), path), model, is_inside=True)


def artifact_list(actor: Actor, place: Place) -> list[Entry]:
    """The files and folders directly below a place."""
    access.require(actor, "experiments.artifact.read", place.owner)
    return artifact_store().list_dir(place.path)


def _owner(key: OwnerKey) -> Owner | None:
    if key.run_id is not None:
        return _placed(Run, key, pk=key.run_id)
    if key.model_id is not None:
        return _placed(LoggedModel, key, pk=key.model_id)
    return Experiment.objects.filter(pk=key.experiment_id, workspace_id=key.workspace_id).first()


def _placed(kind: type[Run] | type[LoggedModel], key: OwnerKey, *, pk: UUID | str) -> Owner | None:
    return kind.objects.filter(pk=pk, experiment_id=key.experiment_id, workspace_id=key.workspace_id).first()
