"""What an operator does to queues and quotas. Raising a limit wakes the workers."""

import re
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from jobs import bell
from jobs.models import QUEUED, SYSTEM_QUEUE, DatabaseClock, JobQueue, JobQuota, JobRun
from jobs.queue import HIGHEST_PRIORITY
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.errors import Conflict, InvalidInput
from portal.operations import Changed, operation

ALL_QUEUES = "all"
UPDATABLE = ("description", "priority", "max_running")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_LARGEST_LIMIT = 1_000_000
_BELLS = 20


@operation("jobs.queue.create")
def queue_create(
    *, actor: Actor, name: str, description: str = "", priority: int = 0, max_running: int | None = None
) -> JobQueue:
    """Make a queue. Workers that serve every queue begin to serve it within seconds.

    Raises InvalidInput for a bad name or limit, and Conflict when there is one of this name.
    """
    if not _NAME.fullmatch(name) or name == ALL_QUEUES:
        raise InvalidInput(
            f"{name!r} is no name for a queue: use small letters, digits and hyphens, up to 63; not {ALL_QUEUES}."
        )
    _limits_check({"priority": priority, "max_running": max_running})
    if JobQueue.objects.filter(pk=name).exists():
        raise Conflict(f"There is a queue {name} already.", code="exists")
    made = JobQueue(name=name, description=description, priority=priority, max_running=max_running)
    made.save(force_insert=True)
    made.refresh_from_db()
    return made


@operation("jobs.queue.update", on="queue")
def queue_update(*, actor: Actor, queue: JobQueue, change: Mapping[str, Any], reason: str = "") -> JobQueue:
    """Change the description, the priority or how many jobs run at once. Raises InvalidInput for a bad value."""
    unknown = change.keys() - set(UPDATABLE)
    if unknown:
        raise InvalidInput(f"A queue has no {', '.join(sorted(unknown))} to be changed.")
    _limits_check(change)
    for name, value in change.items():
        setattr(queue, name, value)
    queue.save(update_fields=list(change))
    _wake(queue.pk)
    return queue


@operation("jobs.queue.pause", on="queue")
def queue_pause(*, actor: Actor, queue: JobQueue, reason: str = "") -> JobQueue:
    """Let nothing of the queue start; what runs goes on, and jobs are still taken in.

    Raises Conflict for the portal's own queue: without it nothing is scanned, delivered or ended.
    """
    if queue.pk == SYSTEM_QUEUE:
        raise Conflict(
            f"The queue {SYSTEM_QUEUE} cannot be paused: the portal's own work waits in it.",
            code="invalid_state",
        )
    if queue.paused_at is None:
        queue.paused_at = DatabaseClock()
        queue.save(update_fields=["paused_at"])
        queue.refresh_from_db()
    return queue


@operation("jobs.queue.resume", on="queue")
def queue_resume(*, actor: Actor, queue: JobQueue, reason: str = "") -> JobQueue:
    """Let the jobs of a paused queue start again."""
    queue.paused_at = None
    queue.save(update_fields=["paused_at"])
    _wake(queue.pk)
    return queue


@operation("jobs.quota.set", on="workspace")
def quota_set(
    *,
    actor: Actor,
    workspace: Workspace,
    queue: JobQueue | None,
    max_running: int | None,
    max_queued: int | None,
    reason: str = "",
) -> Changed[JobQuota]:
    """Limit what a workspace has running and waiting, in one queue or in all but the system's.

    Raises InvalidInput for a bad limit, none at all, or for the queue of the system.
    """
    _limits_check({"max_running": max_running, "max_queued": max_queued})
    if queue is not None and queue.pk == SYSTEM_QUEUE:
        raise InvalidInput(f"The queue {SYSTEM_QUEUE} has no quotas: it holds the portal's own work.")
    if max_running is None and max_queued is None:
        raise InvalidInput("A quota limits something: give max_running, max_queued or both; or remove it.")
    limits = {"max_running": max_running, "max_queued": max_queued}
    before = JobQuota.objects.filter(workspace=workspace, queue=queue).values(*limits).first() or {}
    quota, _ = JobQuota.objects.update_or_create(
        workspace=workspace, queue=queue, defaults={**limits, "updated_at": DatabaseClock()}
    )
    for name in JobRun.objects.filter(workspace=workspace, state=QUEUED).values_list("queue").distinct():
        _wake(name[0])
    quota.refresh_from_db()
    return Changed(quota, before=before, after=dict(limits), subject=quota)


@operation("jobs.quota.remove", on="quota")
def quota_remove(*, actor: Actor, quota: JobQuota, reason: str = "") -> Changed[None]:
    """Lift a quota."""
    before = {"max_running": quota.max_running, "max_queued": quota.max_queued}
    JobQuota.objects.filter(pk=quota.pk).delete()
    for name in (
        JobRun.objects.filter(workspace=quota.workspace_id, state=QUEUED).values_list("queue").distinct()
    ):
        _wake(name[0])
    return Changed(None, before=before, after={})


def _limits_check(values: Mapping[str, Any]) -> None:
    priority = values.get("priority")
    if priority is not None and abs(priority) > HIGHEST_PRIORITY:
        raise InvalidInput(f"A priority is a number from -{HIGHEST_PRIORITY} to {HIGHEST_PRIORITY}.")
    for name in ("max_running", "max_queued"):
        limit = values.get(name)
        if limit is not None and not 0 <= limit <= _LARGEST_LIMIT:
            raise InvalidInput(f"{name} is a number from 0 to {_LARGEST_LIMIT}, or empty for no limit.")


def _wake(queue: str) -> None:
    """Ring for some of what waits, so that a slot that became free is used at once."""
    ids = list(JobRun.objects.filter(queue=queue, state=QUEUED).values_list("pk", flat=True)[:_BELLS])
    if ids:
        transaction.on_commit(lambda: bell.ring_all(ids, queue), robust=True)
