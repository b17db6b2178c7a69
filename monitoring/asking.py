"""Asks for measurements."""

import datetime as dt

from jobs.models import JobRun
from jobs.queue import enqueue
from monitoring.facts import RUN_JOB
from monitoring.models import Monitor
from portal.accounts.actor import Actor
from portal.kernel.clock import now


def run_ask(actor: Actor, monitor: Monitor, due_at: dt.datetime) -> JobRun:
    """Enqueue the measurement of one due time; one that waits or goes on is enough."""
    args = {"monitor_id": monitor.pk.hex, "due_at": due_at.isoformat()}
    return enqueue(RUN_JOB, key=monitor.pk.hex, args=args, actor=actor, workspace_id=monitor.workspace_id)


def monitors_due() -> list[Monitor]:
    """Those that are to be measured now, longest due first; not more than one sweep asks for."""
    due = Monitor.objects.filter(
        is_paused=False, deleted_at=None, endpoint__deleted_at=None, due_at__lte=now()
    )
    return list(due.order_by("due_at")[:AT_ONCE])


AT_ONCE = 500
