"""What a person can do to a job."""

from django.db.models.functions import Coalesce

from jobs import transitions
from jobs.endings import job_ended
from jobs.models import CANCELLED, QUEUED, RUNNING, DatabaseClock, JobRun
from portal.accounts.actor import Actor
from portal.kernel.errors import Conflict
from portal.operations import operation


@operation("jobs.job.cancel", on="run")
def job_cancel(*, actor: Actor, run: JobRun, reason: str = "") -> JobRun:
    """Cancel a queued job at once; ask a running one to stop, which its next checkpoint or heartbeat honours.

    Cancelling twice changes nothing. Raises Conflict for a job that is done or has failed.
    """
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


def _sentence(actor: Actor, reason: str) -> str:
    return f"Cancelled by {actor.name}: {reason}" if reason else f"Cancelled by {actor.name}."
