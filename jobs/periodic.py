"""Work that comes again and again: kinds of job that the sweeper asks for by itself.

A kind that is rarely needed names a cheap question, `wanted`, so that no job is made where there is nothing to
do. Two sweepers are harmless: they ask under one lock, and a kind is asked for once in its interval.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import structlog
from django.db import transaction

from jobs.models import JobRun
from jobs.queue import enqueue
from portal.accounts.actor import Actor
from portal.kernel.clock import now

log = structlog.get_logger("jobs")
KEY = "periodic"


@dataclass(frozen=True)
class Periodic:
    """A kind of job without arguments, how often it is asked for at most, and whether there is work for it."""

    kind: str
    every: dt.timedelta
    wanted: Callable[[], bool]


PERIODIC: dict[str, Periodic] = {}


def periodic(kind: str, *, every: dt.timedelta, wanted: Callable[[], bool] = lambda: True) -> None:
    """Have the sweeper ask for `kind` every so often. Raises LookupError for an interval below a second.

    `wanted` is asked inside the sweeper's transaction, so it reads little and writes nothing.
    """
    if every < dt.timedelta(seconds=1):
        raise LookupError(f"The job kind {kind} cannot come more often than once a second.")
    PERIODIC[kind] = Periodic(kind, every, wanted)


def periodic_enqueue(actor: Actor) -> list[str]:
    """Ask for what is due, inside the transaction that is open; the kinds that were asked for.

    A question that fails is logged and asked again at the next sweep: it must not stop the others.
    """
    return [entry.kind for entry in list(PERIODIC.values()) if _asked(entry, actor)]


def _asked(entry: Periodic, actor: Actor) -> bool:
    try:
        with transaction.atomic():
            if _is_recent(entry) or not entry.wanted():
                return False
            enqueue(entry.kind, key=KEY, args={}, actor=actor, workspace_id=None)
    except Exception as error:  # whatever one kind's question raises, the other kinds are asked for
        log.error("periodic job not asked for", kind=entry.kind, error=f"{type(error).__name__}: {error}")
        return False
    return True


def _is_recent(entry: Periodic) -> bool:
    """Whether one was made within the interval. Ids sort by time, so the primary key finds it."""
    since = max(0, int((now() - entry.every).timestamp() * 1000))
    rows = JobRun.objects.filter(pk__gt=UUID(int=since << 80), kind=entry.kind, key=KEY)
    return rows.exists()
