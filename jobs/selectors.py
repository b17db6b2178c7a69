"""Reads of jobs. A job without a workspace is the portal's own: those who see every workspace see it."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, DurationField, F, Max, Prefetch, Q, QuerySet

from jobs.models import ACTIVE_STATES, QUEUED, RUNNING, STATES, DatabaseClock, JobEvent, JobRun
from portal.accounts.actor import Actor
from portal.accounts.models import User
from portal.kernel.errors import InvalidInput, NotFound

_RETRIES_SHOWN = 20


@dataclass(frozen=True)
class QueueStatus:
    """How the queue stands: jobs per state, the oldest that waits, and the claims whose lease ran out."""

    counts: dict[str, int]
    oldest_due_seconds: float
    expired_leases: int
    owners: list[str]


def job_visible(actor: Actor) -> QuerySet[JobRun]:
    """The jobs that the actor may see, newest first."""
    jobs = JobRun.objects.select_related("workspace").order_by("-id")
    return jobs if actor.workspace_ids is None else jobs.filter(workspace_id__in=actor.workspace_ids)


def job_list(
    actor: Actor, *, state: str = "", kind: str = "", queue: str = "", person: str = ""
) -> QuerySet[JobRun]:
    """Jobs newest first, of one state (`active` stands for queued and running), kind, queue, and of who asked."""
    jobs = job_visible(actor)
    if state == "active":
        jobs = jobs.filter(state__in=ACTIVE_STATES)
    elif state in STATES:
        jobs = jobs.filter(state=state)
    elif state:
        raise InvalidInput(f"{state} is not a state of jobs. States: active, {', '.join(STATES)}.")
    jobs = jobs.filter(kind=kind) if kind else jobs
    jobs = jobs.filter(queue=queue) if queue else jobs
    return jobs.filter(created_by_id=_user_id(person)) if person else jobs


def _user_id(username: str) -> int:
    """The id first: a query that knows it walks through the index of a person's jobs. 0 is nobody's."""
    return User.objects.filter(username=username).values_list("pk", flat=True).first() or 0


def jobs_recent(actor: Actor, limit: int = 10) -> list[JobRun]:
    """The newest jobs, for a page."""
    return list(job_visible(actor)[:limit])


def job_get(actor: Actor, job_id: UUID) -> JobRun:
    """One job with its events in order. Raises NotFound when there is none, or the actor may not see it."""
    events = Prefetch("events", JobEvent.objects.order_by("id"))
    found = job_visible(actor).filter(pk=job_id).prefetch_related(events).first()
    if found is None:
        raise NotFound("No such job, or you may not see it.")
    return found


def retries_of(actor: Actor, run: JobRun) -> list[JobRun]:
    """The jobs that were asked for as this one again."""
    return list(job_visible(actor).filter(retry_of=run.pk)[:_RETRIES_SHOWN])


def retried_from(actor: Actor, run: JobRun) -> JobRun | None:
    """The job that this one is again."""
    return job_visible(actor).filter(pk=run.retry_of_id).first() if run.retry_of_id else None


def queue_status(actor: Actor) -> QueueStatus:
    """The state of the queue, over the jobs that the actor sees."""
    jobs = job_visible(actor).order_by()
    counts = dict(jobs.values_list("state").annotate(Count("pk")))
    is_due = Q(state=QUEUED, not_before__lte=DatabaseClock())
    active = jobs.filter(state__in=ACTIVE_STATES).aggregate(
        waits=Max(DatabaseClock() - F("not_before"), filter=is_due, output_field=DurationField()),
        expired=Count("pk", filter=Q(lease_until__lt=DatabaseClock())),
    )
    owners = jobs.filter(state=RUNNING).values_list("owner", flat=True).distinct()
    return QueueStatus(
        counts={state: counts.get(state, 0) for state in STATES},
        oldest_due_seconds=active["waits"].total_seconds() if active["waits"] else 0.0,
        expired_leases=active["expired"],
        owners=sorted(owners),
    )
