"""Recovers what the broker lost and what a dead worker held, asks for what comes again and again, and forgets workers
that are long gone.

Any number of sweepers may run: the work of a sweep is one transaction under an advisory lock, and whoever
does not get the lock does nothing. Bells are rung after it.
"""

from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.db import transaction

from jobs import bell, transitions
from jobs.endings import job_abandon
from jobs.errors import LeaseLost
from jobs.models import JobRun
from jobs.periodic import periodic_enqueue
from jobs.registry import FINISH
from jobs.workers import workers_forget
from portal.accounts.actor import Actor
from portal.kernel import sql

log = structlog.get_logger("jobs")

SWEEPER = Actor.system("jobs.sweeper", actions=[FINISH])
_LOCK = 0x6A6F6273  # "jobs"
# Bells of one queue without an answer at any time. When all workers are busy for long, more would only pile up.
_BELLS_AT_MOST = 200


@dataclass(frozen=True)
class Swept:
    """What one sweep did."""

    recovered: int = 0
    ended: int = 0
    rung: int = 0
    is_leader: bool = True


def sweep(*, patience: timedelta) -> Swept:
    """Recover, end and ring once; a bell counts as unanswered after `patience`."""
    rooms = _rooms()
    with transaction.atomic(durable=True):
        found = sql.row("SELECT pg_try_advisory_xact_lock(%s)", (_LOCK,))
        if not (found and found[0]):
            return Swept(is_leader=False)
        recovered = transitions.recover(SWEEPER.reference)
        bells = {
            queue: transitions.bells_take(queue, patience=patience, limit=room)
            for queue, room in rooms.items()
        }
        asked = periodic_enqueue(SWEEPER)
        workers_forget()
    ended = _overdue_end()
    rung = sum(bell.ring_all(ids, queue) for queue, ids in bells.items())
    swept = Swept(recovered, ended, rung)
    if swept != Swept() or asked:
        log.info("swept", recovered=recovered, ended=ended, rung=swept.rung, asked=asked)
    return swept


def _rooms() -> dict[str, int]:
    """How many more bells each queue may have unanswered; a queue without workers takes no room from others."""
    unanswered = {queue: bell.waiting(queue) for queue in transitions.queues_waiting()}
    return {queue: max(0, _BELLS_AT_MOST - count) for queue, count in unanswered.items() if count is not None}


def _overdue_end() -> int:
    ended = 0
    for run in JobRun.objects.filter(pk__in=transitions.overdue()):
        try:
            job_abandon(actor=SWEEPER, run=run)
            ended += 1
        except LeaseLost:
            log.info("came back", job=str(run.pk))
    return ended
