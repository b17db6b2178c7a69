"""Asking for an import: what is known of it is the job itself."""

import re
from dataclasses import asdict, dataclass

from compliance.deliveries.addresses import AddressRefused, place_of
from jobs.models import JobRun
from jobs.queue import enqueue
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.errors import Conflict, InvalidInput
from portal.operations import Changed, operation
from transfer.selectors import IMPORT_JOB

REQUEST = "transfer.import.request"
SERVER, TENSORBOARD, WANDB, MLRUNS = "server", "tensorboard", "wandb", "mlruns"
ARCHIVES = (TENSORBOARD, WANDB, MLRUNS)
_LISTED_IN = "IMPORT_ALLOWED_HOSTS"


@dataclass(frozen=True)
class Wish:
    """What to bring over.

    `uri` is the address of a tracking server, `archive` the path of an uploaded archive in the store. `experiment` is
    the one that runs of folders come into, or the only one to take of MLflow's. `origin` names the source, so that what
    comes from it again is known. `secret` is a secret of the workspace: a token, or the password of `username`.
    """

    kind: str
    uri: str = ""
    archive: str = ""
    origin: str = ""
    experiment: str = ""
    username: str = ""
    secret: str = ""
    merge: bool = False
    with_files: bool = True
    with_registry: bool = True


@operation(REQUEST, on="workspace", lock="share")
def import_request(*, actor: Actor, workspace: Workspace, wish: Wish) -> Changed[JobRun]:
    """Ask for an import. Raises InvalidInput for a source that may not be read, Conflict while the same one is."""
    _check(wish)
    if actor.user_id is None:
        raise InvalidInput("An import is done as whoever asks for it, which a job of the portal cannot.")
    wanted = asdict(wish)
    job = enqueue(
        IMPORT_JOB, key=f"{wish.kind} {wish.uri or wish.origin}"[:200], args={"wish": wanted}, actor=actor,
        workspace_id=workspace.pk,
    )  # fmt: skip
    if job.args["wish"] != wanted:
        raise Conflict(
            f"An import of {wish.uri or wish.origin} is on its way: job {job.pk}. Wait until it has ended, or cancel "
            "it.",
            code="importing_already",
        )
    said = {name: value for name, value in wanted.items() if value not in ("", None)}
    return Changed(job, before={}, after=said, subject=job)


def _check(wish: Wish) -> None:
    if wish.kind == SERVER:
        try:
            place_of(wish.uri, listed_in=_LISTED_IN)
        except AddressRefused as no:
            raise InvalidInput(
                f"{no} Databases and folders are read by an operator's command.", code="source"
            ) from no
        if "?" in wish.uri or "#" in wish.uri:
            raise InvalidInput(
                "The address of a tracking server has no query. Leave out what follows ? or #."
            )
    elif wish.kind not in ARCHIVES or not wish.archive:
        raise InvalidInput(f"An import is of kind {SERVER}, or of an archive of kind {', '.join(ARCHIVES)}.")
    if wish.kind in (TENSORBOARD, WANDB) and not wish.experiment.strip():
        raise InvalidInput("Name the experiment that the runs of the archive come into.", code="experiment")
    if wish.kind != SERVER and not re.fullmatch(r"[\w.\- ]{1,200}", wish.origin):
        raise InvalidInput(
            "The name of the source has 1 to 200 letters, digits, dots, dashes and spaces.", code="origin"
        )
