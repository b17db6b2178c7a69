"""Jobs of deployments. Every process imports this, so what handlers need beyond names comes in when they run."""

from datetime import timedelta

from deployments.routes import RECONCILE_JOB
from jobs.errors import NothingToDo
from jobs.registry import job
from jobs.step import JobStep


@job(
    RECONCILE_JOB,
    actions=["deployments.revision.create"],
    max_attempts=20,
    retry_after=timedelta(seconds=1),
    restartable=True,
)
def reconcile(step: JobStep, *, endpoint_id: str) -> None:
    """Close the gap between what an endpoint wants and what its target has."""
    raise NothingToDo(f"Nothing is to be done for the endpoint {endpoint_id}.")
