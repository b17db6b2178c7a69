"""The one Celery task."""

from uuid import UUID

from jobs.bell import RING, app
from jobs.runner import run_job


@app.task(name=RING)
def ring(job_id: str) -> None:
    """Somebody rang for this job. A bell for a job that is not queued is dropped."""
    run_job(UUID(job_id))
