"""What a person can do to a job."""

from django.db.models.functions import Coalesce

from jobs import transitions
from jobs.endings import job_ended
from jobs.models import ACTIVE_STATES, CANCELLED, FAILED, QUEUED, RUNNING, SYSTEM_QUEUE, DatabaseClock, JobRun
from jobs.queue import HIGHEST_PRIORITY, enqueue
from jobs.registry import JOB_KINDS
from portal.accounts.actor import Actor
from portal.kernel.errors import Conflict, InvalidInput, PermissionDenied
from portal.operations import effect, operation


@operation("jobs.job.cancel", on="run")
def job_cancel(*, actor: Actor, run: JobRun, reason: str = "") -> JobRun:
    """Cancel a queued job at once; ask a running one to stop, which its next checkpoint or heartbeat honours.

    Cancelling twice changes nothing. Raises Conflict for a job that is done or has failed.
    """
    return _cancelled(actor, run, reason)


@effect("jobs.job.cancel", on="run")
def job_cancel_within(*, actor: Actor, run: JobRun, reason: str = "") -> JobRun:
    """Cancel a job as a part of a larger operation; one that has ended meanwhile stays as it is."""
    return run if run.is_terminal else _cancelled(actor, run, reason)


@operation("jobs.job.retry", on="run")
def job_retry(*, actor: Actor, run: JobRun, reason: str = "") -> JobRun:
    """Ask again for what failed or was cancelled, with the same arguments, as a new job that says `retry_of`.

    A contributor does so with what is their own, a maintainer with all of the workspace, an operator with the
    portal's own work. Raises Conflict for a job in another state, of a kind that cannot simply be run again, or
    when the same is asked for already; QuotaExceeded when no more may wait.
    """
    _repeat_check(actor, run)
    _wanted_check(run)
    again = enqueue(
        run.kind, key=run.key, args=run.args, actor=actor, workspace_id=run.workspace_id, queue=run.queue,
        priority=min(run.priority, 0), retry_of=run.pk,
    )  # fmt: skip
    if again.retry_of_id != run.pk:  # somebody asked at this moment
        raise _asked_already(run, again)
    detail = f"Run again by {actor.name} as {again.pk}."
    transitions.note(run.pk, "run again", attempt=run.attempt, actor=actor.reference, detail=detail)
    return again


@operation("jobs.job.prioritise", on="run")
def job_prioritise(*, actor: Actor, run: JobRun, priority: int, reason: str = "") -> JobRun:
    """Let a queued job wait before or behind others of its queue. Raises Conflict once it has begun.

    Above 0, where it goes before those of other workspaces, it is for operators.
    """
    if run.state != QUEUED:
        raise Conflict(f"The job {run} does not wait any more: it is {run.state}.", code="invalid_state")
    if abs(priority) > HIGHEST_PRIORITY:
        raise InvalidInput(f"A priority is a number from -{HIGHEST_PRIORITY} to {HIGHEST_PRIORITY}.")
    if priority > 0 and not actor.is_operator:
        raise PermissionDenied(
            f"Only an operator gives a priority above 0: it goes before all of the queue {run.queue}."
        )
    run.priority = priority
    run.save(update_fields=["priority"])
    return run


def _cancelled(actor: Actor, run: JobRun, reason: str) -> JobRun:
    if run.state == QUEUED:
        transitions.end(
            run.pk, run.attempt, CANCELLED, actor=actor.reference, reason=_sentence(actor, reason)
        )
        job_ended(run, CANCELLED)
    elif run.state == RUNNING:
        if run.cancel_requested_at is None:
            transitions.note(
                run.pk,
                "cancel asked",
                attempt=run.attempt,
                actor=actor.reference,
                detail=_sentence(actor, reason),
            )
        JobRun.objects.filter(pk=run.pk).update(
            cancel_requested_at=Coalesce("cancel_requested_at", DatabaseClock())
        )
    elif run.state != CANCELLED:
        raise Conflict(f"The job {run} cannot be cancelled: it is {run.state} already.", code="invalid_state")
    run.refresh_from_db()
    return run


def _wanted_check(run: JobRun) -> None:
    same = JobRun.objects.filter(workspace=run.workspace_id, kind=run.kind, key=run.key)
    active = same.filter(state__in=ACTIVE_STATES).first()
    if active is not None:
        raise _asked_already(run, active)


def _asked_already(run: JobRun, active: JobRun) -> Conflict:
    return Conflict(f"The job {run} is asked for already, as {active.pk}.", code="invalid_state")


def _repeat_check(actor: Actor, run: JobRun) -> None:
    if run.state not in (FAILED, CANCELLED):
        raise Conflict(f"The job {run} cannot be run again: it is {run.state}.", code="invalid_state")
    kind = JOB_KINDS.get(run.kind)
    if kind is None or not kind.is_repeatable:
        raise Conflict(
            f"A job of the kind {run.kind} cannot be run again as it was. Ask for the work where it began.",
            code="not_repeatable",
        )
    if not _may_repeat(actor, run):
        no = PermissionDenied(
            f"The job {run} was asked for by {run.actor_name}: they or a maintainer run it again."
        )
        no.target = run
        raise no


def _may_repeat(actor: Actor, run: JobRun) -> bool:
    roles = actor.roles.get(run.workspace_id, frozenset()) if run.workspace_id else frozenset()
    is_own = run.created_by_id is not None and run.created_by_id == actor.user_id
    is_portals = run.workspace_id is None or run.queue == SYSTEM_QUEUE
    return (
        actor.allowed is not None
        or "maintainer" in roles
        or ("contributor" in roles and is_own)
        or (actor.is_operator and is_portals)
    )


def _sentence(actor: Actor, reason: str) -> str:
    return f"Cancelled by {actor.name}: {reason}" if reason else f"Cancelled by {actor.name}."
