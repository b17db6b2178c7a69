"""What pages of jobs count."""

from django import template

from jobs.models import QUEUED, JobRun
from portal.kernel.clock import now

register = template.Library()


@register.filter
def job_ms(job: JobRun) -> float | None:
    """For how many milliseconds it ran, or has run; None while it waits."""
    if job.started_at is None or job.state == QUEUED:
        return None
    return ((job.finished_at or now()) - job.started_at).total_seconds() * 1000


@register.filter
def waited_ms(job: JobRun) -> float:
    """For how long it waited before it began, or has waited."""
    return ((job.started_at or job.finished_at or now()) - job.created_at).total_seconds() * 1000


@register.filter
def ms(seconds: float) -> float:
    """Seconds as milliseconds, for `duration`."""
    return seconds * 1000
