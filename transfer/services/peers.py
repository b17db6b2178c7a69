"""Beginning and ending a transfer: the two events between which all others of it lie."""

from collections.abc import Mapping
from typing import Any

from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.clock import now
from portal.operations import Changed, operation
from transfer.models import IN, Peer


@operation("transfer.source.begin", on="workspace", lock="share")
def source_begin(*, actor: Actor, workspace: Workspace, kind: str, address: str) -> Changed[Peer]:
    """Begin to bring over what a source holds, or go on with it."""
    peer, is_new = Peer.objects.get_or_create(workspace=workspace, direction=IN, kind=kind, address=address)
    return Changed(peer, before={}, after={"source": address, "again": not is_new}, subject=peer)


@operation("transfer.source.finish", on="peer")
def source_finish(*, actor: Actor, peer: Peer, report: Mapping[str, Any]) -> Changed[Peer]:
    """Note that a source was read to its end, with what came and how much did not."""
    peer.finished_at = now()
    peer.save(update_fields=["finished_at"])
    return Changed(peer, before={}, after=dict(report))
