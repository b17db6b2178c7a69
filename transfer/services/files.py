"""Which files were brought over: data, like the files themselves."""

from experiments.models import Experiment, LoggedModel, Run
from portal import access
from portal.accounts.actor import Actor
from portal.operations import writer
from transfer.models import Origin

IMPORT = "transfer.file.import"


@writer(IMPORT)
def files_note(*, actor: Actor, owner: Run | LoggedModel | Experiment, origin: Origin) -> None:
    """Remember the files of a run or a model that have come, with their sizes and SHA-256."""
    access.require(actor, IMPORT, owner)
    origin.save()
