"""How queues, workers and quotas stand, for their pages and the API."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet

from jobs.models import FAILED, RUNNING, TROUBLE, JobEvent, JobQueue, JobQuota, JobRun, JobWorker
from portal import access
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel import sql
from portal.kernel.clock import now
from portal.kernel.errors import NotFound

SILENT_AFTER = timedelta(seconds=30)
SHOWN_AFTER_END = timedelta(hours=1)
DAY = timedelta(days=1)
_NEWEST = 20
_EMPTY: tuple[int, int, float] = (0, 0, 0.0)

_DEPTH = """
SELECT queue, count(*) FILTER (WHERE state = 'queued'), count(*) FILTER (WHERE state = 'running'),
       COALESCE(EXTRACT(EPOCH FROM clock_timestamp() - min(not_before) FILTER (
           WHERE state = 'queued' AND not_before <= clock_timestamp())), 0)::float8
FROM jobs_jobrun WHERE state IN ('queued', 'running') GROUP BY queue
"""


@dataclass(frozen=True)
class QueueStanding:
    """A queue with what waits and runs in it, over all workspaces; `served_by` counts living workers."""

    queue: JobQueue
    queued: int = 0
    running: int = 0
    oldest_due_seconds: float = 0.0
    served_by: int = 0


@dataclass(frozen=True)
class WorkerStanding:
    """A worker with the jobs that it has in hand."""

    worker: JobWorker
    is_alive: bool
    jobs: list[JobRun] = field(default_factory=list)

    @property
    def state(self) -> str:
        if self.worker.stopped_at is not None:
            return "stopped"
        if not self.is_alive:
            return "silent"
        return "leaving" if self.worker.stopping_at is not None else "alive"


@dataclass(frozen=True)
class Trouble:
    """What went wrong in the last day."""

    failures: list[JobRun]
    failures_count: int
    counts: dict[str, int]
    waiting_again: list[JobRun]


def queue_get(name: str) -> JobQueue:
    """One queue. Raises NotFound."""
    found = JobQueue.objects.filter(pk=name).first()
    if found is None:
        raise NotFound(f"There is no queue {name}.")
    return found


def queue_standings() -> list[QueueStanding]:
    """All queues, those that are served first before the others."""
    depth: dict[str, Any] = {row[0]: row[1:] for row in sql.rows(_DEPTH)}
    serving = [worker.queues for worker in _alive(now())]
    found = []
    for queue in JobQueue.objects.order_by("-priority", "name"):
        queued, running, oldest = depth.get(queue.pk, _EMPTY)
        served_by = sum(queue.pk in each for each in serving)
        found.append(QueueStanding(queue, queued, running, oldest, served_by))
    return found


def worker_standings(actor: Actor) -> list[WorkerStanding]:
    """Workers that live or were heard of lately, with their jobs. Raises PermissionDenied."""
    access.require(actor, "jobs.worker.list")
    moment = now()
    held: dict[str, list[JobRun]] = defaultdict(list)
    for run in JobRun.objects.filter(state=RUNNING).select_related("workspace").order_by("started_at"):
        held[run.owner.rpartition(":")[0]].append(run)
    recent = JobWorker.objects.filter(heartbeat_at__gt=moment - SHOWN_AFTER_END).order_by(
        "host", "started_at"
    )
    return [
        WorkerStanding(worker, worker.heartbeat_at > moment - SILENT_AFTER, held.get(worker.name, []))
        for worker in recent
    ]


def quotas_visible(actor: Actor) -> QuerySet[JobQuota]:
    """The quotas of the workspaces that the actor sees."""
    found = JobQuota.objects.select_related("workspace", "queue")
    return found if actor.workspace_ids is None else found.filter(workspace_id__in=actor.workspace_ids)


def quota_get(workspace: Workspace, queue: JobQueue | None) -> JobQuota:
    """The quota of a workspace in a queue, or in all of them. Raises NotFound."""
    found = JobQuota.objects.select_related("workspace").filter(workspace=workspace, queue=queue).first()
    if found is None:
        raise NotFound(f"{workspace} has no quota in {queue or 'all queues'}.")
    return found


def trouble(actor: Actor) -> Trouble:
    """Failures, retries and losses of the last day, over all workspaces. Raises PermissionDenied."""
    access.require(actor, "jobs.console.read")
    since = now() - DAY
    failed = JobRun.objects.filter(state=FAILED, finished_at__gt=since).order_by("-finished_at")
    events = JobEvent.objects.filter(name__in=TROUBLE, at__gt=since).order_by().values_list("name")
    counts = {**dict.fromkeys(TROUBLE, 0), **dict(events.annotate(Count("pk")))}
    again = JobRun.objects.filter(state="queued", attempt__gt=0).select_related("workspace")
    return Trouble(
        list(failed.select_related("workspace")[:_NEWEST]),
        failed.count(),
        counts,
        list(again.order_by("not_before")[:_NEWEST]),
    )


def _alive(moment: datetime) -> list[JobWorker]:
    return list(JobWorker.objects.filter(stopped_at=None, heartbeat_at__gt=moment - SILENT_AFTER))
