"""What pages of jobs show of their processes."""

from typing import Any

from django import template

from jobs.models import JobAttempt, JobRun
from jobs.process import selectors
from portal.kernel.errors import Unavailable

register = template.Library()

TAIL_BYTES = 64 * 1024
_DIGITS = 7
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


@register.simple_tag(takes_context=True)
def job_log_tail(context: Any, job: JobRun) -> selectors.LogPart | None:
    """The end of the log of the attempt that the address names, or of the newest; None without the store."""
    asked = context["request"].GET.get("attempt", "")
    attempt = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < _DIGITS else None
    try:
        return selectors.log_part(
            context["request"].actor, job.pk, attempt=attempt, offset=-TAIL_BYTES, limit=TAIL_BYTES
        )
    except Unavailable:
        return None


@register.simple_tag(takes_context=True)
def job_progress(context: Any, job: JobRun) -> list[selectors.Progress]:
    """The progress bars."""
    return selectors.progress_of(context["request"].actor, job.pk)


@register.simple_tag(takes_context=True)
def job_attempts(context: Any, job: JobRun) -> list[JobAttempt]:
    """The attempts that started processes."""
    return list(selectors.attempts_of(context["request"].actor, job.pk))


@register.filter
def time_left(seconds: float | None) -> str:
    """`2 min 5 s left`; job-progress.js says it in the same way."""
    if seconds is None:
        return ""
    left, parts = round(seconds), []
    for size, name in _UNITS:
        if left >= size:
            parts.append(f"{left // size} {name}")
            left %= size
    return f"{' '.join(parts[:2]) or '0 s'} left"


@register.filter
def plain(value: float | None) -> str:
    """A count without a point where it has none."""
    return "" if value is None else f"{value:g}" if value < 1e6 and value != int(value) else f"{value:.0f}"
