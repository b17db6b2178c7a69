"""The one Celery task."""

from django.conf import settings

from jobs.bell import RING, app
from jobs.runner import work


@app.task(name=RING)
def ring(job_id: str) -> None:
    """Somebody rang, for this job at that time: work until there is nothing to take."""
    work(settings.JOB_QUEUES, rung_for=job_id)
