"""How a job ends: each way is one durable transaction with the job's state, its event and an audit event.

`job_finish` also runs the effect of the work inside that transaction, so the effect, the state and both audit
events commit together or not at all. An effect is declared with `portal.operations.effect`.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from jobs import transitions
from jobs.errors import CancelRequested, LeaseLost
from jobs.models import CANCELLED, DONE, FAILED, RUNNING, DatabaseClock, JobRun
from jobs.process.command import LOST
from jobs.process.models import JobAttempt
from jobs.registry import FINISH, JOB_KINDS
from portal.accounts.actor import Actor
from portal.operations import Changed, operation

Effect: TypeAlias = Callable[[], Any]


@operation(FINISH, on="run")
def job_finish(*, actor: Actor, run: JobRun, attempt: int, effect: Effect, reason: str = "") -> Changed[None]:
    """Commit the effect of an attempt and the end of the job together; what `effect` returns is its result.

    Raises LeaseLost when the attempt no longer holds the job, and CancelRequested when it was asked to stop
    before this moment. In both cases nothing of the effect stays.
    """
    _held_check(run, attempt)
    if run.cancel_requested_at is not None:
        raise CancelRequested
    result = effect()
    return _ended(actor, run, DONE, reason, result)


@operation(FINISH, on="run")
def job_stop(*, actor: Actor, run: JobRun, attempt: int, state: str, reason: str) -> Changed[None]:
    """End the job of a live attempt as failed or cancelled. Raises LeaseLost when it lost the job."""
    _held_check(run, attempt)
    return _ended(actor, run, state, reason)


@operation(FINISH, on="run")
def job_abandon(*, actor: Actor, run: JobRun) -> Changed[None]:
    """End a job that no worker will end. Raises LeaseLost when a worker came back meanwhile.

    It is cancelled if that was asked for, else failed: past its deadline, or lost in its last attempt.
    """
    now = JobRun.objects.filter(pk=run.pk).values_list(DatabaseClock(), flat=True).get()
    is_late = run.deadline is not None and run.deadline < now and not run.is_terminal
    is_lost = run.state == RUNNING and run.lease_until < now
    if is_lost:
        _attempt_lost(run)
    if is_lost and run.cancel_requested_at is not None:
        return _ended(actor, run, CANCELLED, "Cancelled; the worker had stopped answering.")
    if is_late:
        return _ended(actor, run, FAILED, f"The time limit passed in attempt {run.attempt}.")
    if is_lost and run.attempt - run.handed_back >= run.max_attempts:
        return _ended(
            actor, run, FAILED, f"The worker stopped answering in the last attempt, number {run.attempt}."
        )
    raise LeaseLost


def job_ended(run: JobRun, state: str) -> None:
    """Do what the kind of a job does when it ends, in the transaction that ends it."""
    kind = JOB_KINDS.get(run.kind)
    if kind is not None and kind.ended is not None:
        kind.ended(actor=kind.actor(run.request_id), run=run, state=state)


def _attempt_lost(run: JobRun) -> None:
    """Nobody else will say how the processes of the last attempt ended."""
    last = JobAttempt.objects.filter(job=run.pk, number=run.attempt, ended_at=None)
    last.update(ended_at=DatabaseClock(), cause=LOST)


def _held_check(run: JobRun, attempt: int) -> None:
    if run.state != RUNNING or run.attempt != attempt:
        raise LeaseLost


def _ended(actor: Actor, run: JobRun, state: str, reason: str, result: Any = None) -> Changed[None]:
    by = run.owner or actor.reference
    if not transitions.end(run.pk, run.attempt, state, actor=by, reason=reason, result=result):
        raise LeaseLost
    job_ended(run, state)
    before = {"state": run.state, "attempt": run.attempt}
    return Changed(None, before=before, after={"state": state, "attempt": run.attempt, "reason": reason})
