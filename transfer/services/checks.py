"""Noting that what came was compared with its source: facts about a transfer, like its origins."""

from collections.abc import Sequence

from portal import access
from portal.accounts.actor import Actor
from portal.operations import writer
from transfer.models import Origin, Peer

IMPORT = "transfer.file.import"


@writer(IMPORT)
def checked_note(*, actor: Actor, peer: Peer, origins: Sequence[Origin]) -> None:
    """These were compared; they are not again until something new comes for them."""
    access.require(actor, IMPORT, peer)
    for origin in origins:
        origin.seen["checked"] = origin.seen["compared"] = True
    Origin.objects.bulk_update(origins, ["seen"])
