"""The job that clears away what ended claims have left in the artifact store."""

import datetime as dt

from django.db.models import QuerySet

from jobs.periodic import periodic
from jobs.registry import SYSTEM_QUEUE, job
from jobs.step import JobStep
from portal.kernel.clock import now
from training.models import TrainingClaim
from training.services.claims import CLEAR, claim_clear

CLEAR_JOB = "training.claim.clear"
CLEAR_EVERY = dt.timedelta(minutes=10)
# An upload that began before the end may still be under way.
REST = dt.timedelta(hours=2)
_AT_ONCE = 500


@job(CLEAR_JOB, actions=[CLEAR], max_attempts=1, queue=SYSTEM_QUEUE, restartable=True)
def clear_claims(step: JobStep) -> None:
    """Remove the archives of claims that ended a while ago."""
    from training.work.deliveries import deliveries_remove  # noqa: PLC0415 - every process imports the handlers

    for claim in _left().select_related("training").order_by("ended_at")[:_AT_ONCE]:
        step.check()
        deliveries_remove(claim)
        claim_clear(actor=step.actor, claim=claim)


def _left() -> QuerySet[TrainingClaim]:
    return TrainingClaim.objects.filter(ended_at__lt=now() - REST, cleared_at=None)


periodic(CLEAR_JOB, every=CLEAR_EVERY, wanted=lambda: _left().exists())
