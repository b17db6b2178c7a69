"""Writing and deleting artifacts. Bytes are data; deleting is an act, and audited before it happens."""

from collections.abc import Iterable, Iterator

from compliance.services.holds import hold_check
from experiments.artifacts.store import artifact_store
from experiments.models import Experiment, LoggedModel, Run
from experiments.selectors.artifacts import Owner, Place
from experiments.services.holds import held_check
from experiments.validation.lifecycle import run_active_check
from portal import access
from portal.accounts.actor import Actor
from portal.kernel.errors import Conflict, InvalidInput
from portal.operations import Changed, operation, writer

WRITE, DELETE = "experiments.artifact.write", "experiments.artifact.delete"


@writer(WRITE)
def artifact_put(*, actor: Actor, place: Place, chunks: Iterable[bytes], size: int | None = None) -> None:
    """Store a file, whole or not at all. Raises Conflict where the files of the owner are fixed."""
    _writable_check(actor, place)
    artifact_store().put(place.path, _while_writable(chunks, place), size=size)


@writer(WRITE)
def artifact_upload_permit(*, actor: Actor, place: Place) -> None:
    """Permit an upload in parts, which the client sends past the portal. It is asked again when they are joined."""
    _writable_check(actor, place)


def _writable_check(actor: Actor, place: Place) -> None:
    access.require(actor, WRITE, place.owner)
    _inside_check(place)
    _open_check(place.owner)
    held_check(place.path)


@operation(DELETE, on="owner")
def artifact_delete(*, actor: Actor, owner: Owner, place: Place) -> Changed[None]:
    """Permit and record the deletion of a file or folder; the caller removes it when this is committed."""
    _inside_check(place)
    _open_check(owner)
    held_check(place.path, as_folder=True)
    hold_check(
        workspace_id=owner.workspace_id,
        subjects=_kept_with(owner),
        what=f"The artifact '{place.path}' cannot be deleted",
    )
    return Changed(None, before={"artifact": place.path}, after={"artifact": None})


def _kept_with(owner: Owner) -> list[tuple[str, object]]:
    """The owner of an artifact and what that is part of, as legal holds name them."""
    if isinstance(owner, Run):
        return [("run", owner.pk), ("experiment", owner.experiment_id)]
    if isinstance(owner, LoggedModel):
        return [("loggedmodel", owner.pk), ("run", owner.source_run_id), ("experiment", owner.experiment_id)]
    return [("experiment", owner.pk)]


def _while_writable(chunks: Iterable[bytes], place: Place) -> Iterator[bytes]:
    """The chunks, and a second look at the owner: a long upload can end after its files were fixed."""
    yield from chunks
    place.owner.refresh_from_db()
    _open_check(place.owner)
    held_check(place.path)


def _inside_check(place: Place) -> None:
    if not place.is_inside:
        raise InvalidInput(
            "Artifacts are kept in the artifact folder of a run or a logged model, nowhere else."
        )


def _open_check(owner: Owner) -> None:
    if isinstance(owner, Run):
        run_active_check(owner.pk.hex, owner.lifecycle_stage)
    elif isinstance(owner, LoggedModel) and owner.digest:
        raise Conflict(f"Logged model {owner.pk} is ready and its files are fixed. Log a new model instead.")
    elif isinstance(owner, Experiment):
        raise InvalidInput("Artifacts belong to a run or a logged model, not to an experiment.")
