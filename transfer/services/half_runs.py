"""Runs that came in part: hidden when their import ends before it is done, and brought back by the next one."""

from uuid import UUID

from django.db.models import F, QuerySet

from experiments.models import Run
from experiments.models.experiment import ACTIVE, DELETED
from portal.accounts.actor import Actor
from portal.kernel.clock import now_ms
from portal.operations import Changed, effect
from transfer.models import Origin, Peer
from transfer.services.held import runs_held

SET_ASIDE = "transfer.run.set_aside"
# What is noted of a run only when all of it is here.
_OF_WHOLE_RUNS = "latest"


def half_runs(peer: Peer) -> QuerySet[Origin]:
    """The runs of a source that never came in full, and are not set aside."""
    cut_off = Origin.objects.filter(peer=peer, kind="run", is_complete=False, seen__stage=ACTIVE)
    return cut_off.exclude(seen__has_key=_OF_WHOLE_RUNS)


@effect(SET_ASIDE, on="peer")
def half_runs_set_aside(*, actor: Actor, peer: Peer) -> Changed[int]:
    """Delete the runs that came in part, so that nobody takes them for whole ones; how many.

    They can be restored like any deleted run, and the next import from the same source completes them. What a legal
    hold keeps stays as it is.
    """
    origins = list(half_runs(peer))
    held = runs_held(peer.workspace_id, [UUID(origin.here) for origin in origins])
    origins = [origin for origin in origins if UUID(origin.here) not in held]
    ids = [origin.here for origin in origins]
    Run.objects.filter(pk__in=ids, lifecycle_stage=ACTIVE).update(
        lifecycle_stage=DELETED, deleted_time=now_ms(), changes=F("changes") + 1
    )
    for origin in origins:
        origin.seen["stage"] = DELETED
    Origin.objects.bulk_update(origins, ["seen"])
    return Changed(len(ids), before={}, after={"runs_set_aside": ids})


def is_set_aside(origin: Origin | None) -> bool:
    """Whether a run waits, deleted, for the import that completes it."""
    if origin is None or origin.is_complete or _OF_WHOLE_RUNS in origin.seen:
        return False
    return bool(origin.seen.get("stage") == DELETED)
