"""Answer a bell: claim jobs, run their handlers, and record how each attempt ended."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from jobs import bell, leaving, transitions
from jobs.claims import claim_next
from jobs.endings import job_stop
from jobs.errors import CancelRequested, LeaseLost, NothingToDo, Permanent, Transient
from jobs.heartbeat import HANDED_BACK, Heartbeat, owner_name
from jobs.models import CANCELLED, FAILED, JobRun
from jobs.registry import kind_get
from jobs.step import JobStep
from portal import tracing
from portal.kernel.errors import DomainError, Unavailable

log = structlog.get_logger("jobs")


def work(queues: Sequence[str], *, rung_for: str = "") -> int:
    """Run the jobs of these queues, the best first, until there is nothing that may be taken; how many ran.

    Never raises: what goes wrong in an attempt is recorded on the job, and if even that fails, the lease runs
    out and the sweeper sees to it.
    """
    count = 0
    while not leaving.is_on() and (run := _next(queues)) is not None:
        _attempt(run)
        count += 1
    if not count:
        log.debug("bell without a job to take", job=rung_for)
    return count


def run_job(job_id: UUID) -> bool:
    """Run one attempt of this job if it is there to be taken, whatever waits before it; False when it is not."""
    run = transitions.claim(job_id, owner_name())
    if run is not None:
        _attempt(run)
    return run is not None


def _next(queues: Sequence[str]) -> JobRun | None:
    try:
        return claim_next(owner_name(), queues)
    except (DatabaseError, InterfaceError) as error:  # the sweeper rings again
        log.warning("nothing claimed", error=f"{type(error).__name__}: {error}")
        connection.close()
        return None


def _attempt(run: JobRun) -> None:
    kind = kind_get(run.kind)
    grace = 0.0 if kind.is_restartable else float(settings.JOB_GRACE_SECONDS)
    with (
        tracing.span(
            f"job {run.kind}",
            kind=tracing.CONSUMER,
            parent=run.traceparent,
            job=str(run.pk),
            attempt=run.attempt,
        ),
        Heartbeat(run.pk, run.attempt, kind.lease, grace_seconds=grace) as heartbeat,
    ):
        step = JobStep(run, kind, heartbeat)
        try:
            _handle(step)
        except Exception as error:  # the outermost frame of an attempt
            _record(step, error)


def _handle(step: JobStep) -> None:
    try:
        result = step.kind.handler(step, **step.run.args)
        if not step.is_finished:
            step.finish(lambda: result)
    except NothingToDo as why:
        step.finish(lambda: None, reason=str(why))


def _record(step: JobStep, error: Exception) -> None:
    facts: dict[str, Any] = {"job": str(step.run.pk), "kind": step.kind.name, "attempt": step.attempt}
    if step.is_finished:
        log.warning("error after the end", error=str(error), **facts)
        return
    if not connection.in_atomic_block:  # the error may be that of a connection which is gone
        connection.close_if_unusable_or_obsolete()
    try:
        _attempt_end(step, error)
    except LeaseLost:
        _let_go(step)
    except Exception:  # then the lease runs out and the sweeper takes over
        log.exception("end of an attempt not recorded", **facts)
    log.warning("attempt ended", error=f"{type(error).__name__}: {error}", **facts)


def _attempt_end(step: JobStep, error: Exception) -> None:
    if isinstance(error, LeaseLost):
        _let_go(step)
    elif isinstance(error, CancelRequested):
        _stop(step, CANCELLED, "Cancelled while it ran.")
    elif _is_permanent(error):
        _stop(step, FAILED, str(error))
    elif not transitions.retry(
        step.run.pk, step.attempt, pause=step.kind.retry_after, reason=_sentence(error)
    ):
        _give_up(step, error)


def _is_permanent(error: Exception) -> bool:
    return isinstance(error, Permanent) or (
        isinstance(error, DomainError) and not isinstance(error, Unavailable)
    )


def _give_up(step: JobStep, error: Exception) -> None:
    """The last attempt failed, or the job was cancelled while it did."""
    now = JobRun.objects.only("cancel_requested_at").get(pk=step.run.pk)
    if now.cancel_requested_at is not None:
        _stop(step, CANCELLED, "Cancelled while it ran.")
    else:
        _stop(step, FAILED, f"{_sentence(error)} That was the last of {step.attempt} attempts.")


def _stop(step: JobStep, state: str, reason: str) -> None:
    job_stop(
        actor=step.actor,
        run=step.run,
        attempt=step.attempt,
        state=state,
        reason=transitions.printable(reason),
    )


def _let_go(step: JobStep) -> None:
    """Hand the job back when that is why the attempt ended; else it has lost the job already."""
    if step.is_leaving and transitions.hand_back(step.run.pk, step.attempt, reason=HANDED_BACK):
        bell.ring(step.run.pk, step.run.queue)
    else:
        _fenced(step)


def _fenced(step: JobStep) -> None:
    """Another attempt holds the job, or it has ended: what this one did leaves no effect."""
    detail = "The lease had passed on; what this attempt did was discarded."
    transitions.note(step.run.pk, "fenced", attempt=step.attempt, actor=step.run.owner, detail=detail)


def _sentence(error: Exception) -> str:
    """What a person reads: our own errors say what happened, others need the name of their class."""
    if isinstance(error, (Transient, DomainError)):
        return str(error)
    return f"{type(error).__name__}: {error}."
