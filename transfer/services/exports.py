"""Taking a workspace out: that it was done, and what each object is called at the other side."""

from collections.abc import Mapping
from typing import Any

from portal import access
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.clock import now
from portal.operations import Changed, operation, writer
from transfer.models import OUT, Origin, Peer

NOTE = "transfer.export.note"


@operation("transfer.export.begin", on="workspace", lock="share")
def export_begin(*, actor: Actor, workspace: Workspace, kind: str, address: str) -> Changed[Peer]:
    """Begin to take a workspace out, or go on with it: what it takes out is no longer guarded here."""
    peer, is_new = Peer.objects.get_or_create(workspace=workspace, direction=OUT, kind=kind, address=address)
    return Changed(peer, before={}, after={"destination": address, "again": not is_new}, subject=peer)


@operation("transfer.export.finish", on="peer")
def export_finish(*, actor: Actor, peer: Peer, report: Mapping[str, Any]) -> Changed[Peer]:
    """Note that all of a workspace was taken out."""
    peer.finished_at = now()
    peer.save(update_fields=["finished_at"])
    return Changed(peer, before={}, after=dict(report))


@writer(NOTE)
def export_note(*, actor: Actor, peer: Peer, origin: Origin) -> None:
    """Remember the id of something at the other side, and what of it is there."""
    access.require(actor, NOTE, peer)
    origin.save()
