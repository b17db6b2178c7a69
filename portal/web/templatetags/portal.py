"""How values read on pages: states, times, durations, numbers, sizes."""

import datetime as dt
import json
import math
import sys
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from portal import access
from portal.kernel.clock import now, now_ms
from portal.kernel.versions import version_of
from portal.web.objects import page_address

register = template.Library()

_PILLS = {
    "FINISHED": "ok", "READY": "ok", "done": "ok", "active": "ok", "succeeded": "ok",
    "FAILED": "bad", "UPLOAD_FAILED": "bad", "failed": "bad", "denied": "bad", "expired": "bad",
    "KILLED": "warn", "refused": "warn", "revoked": "warn", "deleted": "warn", "cancelled": "warn",
    "RUNNING": "live", "PENDING": "live", "running": "live",
    "PENDING_REGISTRATION": "live", "FAILED_REGISTRATION": "bad",
    # Gates, requests, approvals, findings, tiers.
    "pass": "ok", "fail": "bad", "error": "bad", "waived": "warn",
    "complete": "ok", "pruned": "warn", "ending": "live", "stopped": "warn",
    "queued": "", "alive": "ok", "leaving": "warn", "silent": "bad", "paused": "warn",
    "open": "live", "changes_requested": "warn", "approved": "ok", "rejected": "bad", "withdrawn": "warn",
    "invalidated": "warn", "effective": "ok", "lapsed": "warn", "granted": "ok", "requested": "live",
    "approve": "ok", "reject": "bad", "ask_changes": "warn", "proposed": "live", "published": "ok",
    "medium": "warn", "high": "bad", "critical": "bad", "overdue": "bad", "minimal": "ok", "limited": "warn",
    "identical": "ok", "within tolerance": "ok", "statistically equal": "ok", "not attempted": "warn",
    "serving": "ok", "ready": "ok", "rolling out": "live", "preparing": "live", "starting": "live", "pending": "live",
    "failing": "bad", "progressing": "live", "completed": "ok", "rolled_back": "bad", "aborted": "warn",
    "ok": "ok", "warn": "warn", "alert": "bad", "no data": "", "silenced": "warn", "acknowledged": "live",
    "resolved": "ok", "reused": "ok", "waiting": "", "skipped": "", "blocked": "warn",
    "prohibited": "bad", "evidence complete": "ok", "evidence incomplete": "warn", "fresh": "ok", "stale": "warn",
}  # fmt: skip
_UNITS = ((86_400 * 365, "y"), (86_400 * 30, "mo"), (86_400, "d"), (3_600, "h"), (60, "m"))
_SIZES = ("B", "KB", "MB", "GB", "TB")
SHOWN_DIGITS = 6
LONGEST_JSON = 20_000
LARGEST_DOUBLE = sys.float_info.max  # how infinity is stored


@register.filter
def pill(state: str) -> str:
    """The look of a state; unknown states are neutral."""
    return _PILLS.get(state, "")


@register.filter
def bar(length: float) -> SafeString:
    """A length of up to 52 pixels beside a number, in steps of two: classes, as inline styles are forbidden."""
    return mark_safe(f'<i class="bar bar-{round(length / 2)}" aria-hidden="true"></i>')  # noqa: S308 - a number


@register.filter
def moment(value: Any) -> dt.datetime | None:
    """A datetime from a datetime or from MLflow's milliseconds; None where neither fits."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC)
    try:
        return dt.datetime.fromtimestamp(value / 1000, dt.UTC) if value else None
    except (OverflowError, ValueError, OSError, TypeError):
        return None


@register.simple_tag
def when(value: Any, style: str = "short") -> SafeString | str:
    """A <time>: absolute in UTC, with how long ago it was. `short` leaves out the year while it is this one."""
    at = moment(value)
    if at is None:
        return "–"
    full = f"{at:%Y-%m-%d %H:%M:%S} UTC"
    shown = full if style == "full" else f"{at:%b %-d %H:%M}" if at.year == now().year else f"{at:%b %-d %Y}"
    return mark_safe(  # noqa: S308 - digits and words of ours; a table has it in each row
        f'<time datetime="{at.isoformat(timespec="milliseconds")}" title="{full}">{shown} '
        f'<span class="muted small">{relative(at)}</span></time>'
    )


def relative(at: dt.datetime) -> str:
    """`3m ago`, `in 5d`, `now`."""
    seconds = (now() - at).total_seconds()
    for unit_seconds, unit in _UNITS:
        if abs(seconds) >= unit_seconds:
            count = int(abs(seconds) // unit_seconds)
            return f"{count}{unit} ago" if seconds > 0 else f"in {count}{unit}"
    return "now"


@register.filter
def duration(milliseconds: Any) -> str:
    """`850 ms`, `12.3 s`, `4m 05s`, `2h 03m`; a dash where there is none."""
    if not isinstance(milliseconds, (int, float)) or milliseconds < 0:
        return "–"
    if milliseconds < 1000:
        return f"{milliseconds:.0f} ms"
    seconds = milliseconds / 1000
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, seconds = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes}m {seconds:02d}s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h {minutes:02d}m"


@register.filter
def number(value: Any) -> str:
    """Six significant digits, `NaN` for what is no number."""
    if value is None:
        return "–"
    if isinstance(value, int):
        return f"{value:,}"
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "−∞"
    if abs(value) >= LARGEST_DOUBLE:
        return "∞" if value > 0 else "−∞"
    # Trailing zeros stay, so that the numbers of a column line up; whole numbers need no decimals.
    is_whole = value == int(value) and abs(value) < 10**SHOWN_DIGITS
    return str(int(value)) if is_whole else f"{value:#.{SHOWN_DIGITS}g}"


@register.filter
def up_to(count: int, most: int) -> str:
    """A count that ended one above `most`: `10,000+`."""
    return f"{min(count, most):,}{'+' if count > most else ''}"


@register.filter
def signed(value: Any) -> str:
    """A difference with its sign; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    return f"{'+' if value > 0 else '−'}{abs(value):.4g}"


@register.filter
def laid_out(value: Any) -> str:
    """JSON as people read it; what is very long ends early."""
    text = json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)
    return (
        text
        if len(text) <= LONGEST_JSON
        else f"{text[:LONGEST_JSON]}\n… and {len(text) - LONGEST_JSON:,} characters more"
    )


@register.filter
def spread(value: Any) -> str:
    """Three significant digits, for how far values lie apart."""
    return "–" if value is None or not math.isfinite(value) else f"{value:.3g}"


@register.filter
def exact(value: Any) -> str:
    """Every digit, for the title of a rounded number."""
    return "" if value is None else repr(value)


@register.filter
def size(count: int | None) -> str:
    """Bytes as `12.3 MB`."""
    if count is None:
        return ""
    amount = float(count)
    for unit in _SIZES:
        if amount < 1000 or unit == _SIZES[-1]:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return ""


@register.filter
def hours(value: Any) -> str:
    """Hours as `40m`, `5h`, `12d`."""
    if not isinstance(value, (int, float)):
        return "–"
    return f"{value * 60:.0f}m" if value < 1 else f"{value:.0f}h" if value < 48 else f"{value / 24:.0f}d"


@register.filter
def listed(value: Any) -> str:
    """A value, or several of them with commas; of a mapping, its pairs."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {listed(each)}" for key, each in value.items())
    return ", ".join(str(each) for each in value) if isinstance(value, (list, tuple)) else str(value)


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """`mapping[key]`, or None."""
    return mapping.get(key) if hasattr(mapping, "get") else None


@register.filter
def lower_first(text: str) -> str:
    """A state in lower case, as pills show it."""
    return str(text).replace("_", " ").lower()


@register.filter
def run_duration(run: Any) -> str:
    """How long a run took, or has taken so far."""
    return duration((run.end_time or now_ms()) - run.start_time)


@register.filter
def job_kind(kind: str) -> str:
    """`experiments.digest_model` as `digest model`."""
    return kind.rpartition(".")[2].replace("_", " ")


@register.simple_tag(takes_context=True)
def may(context: Any, action: str, target: Any = None) -> bool:
    """Whether the reader may do this to that, so that a page offers only what can be done."""
    return access.allows(context["request"].actor, action, target)


@register.simple_tag
def row_version(row: Any) -> str:
    """What the reader sees of a row, for the hidden field of its form."""
    return version_of(row)


@register.simple_tag
def page_of(kind: str, key: str) -> str:
    """The address of the page of an object; empty where it has none."""
    return page_address(kind, key)


@register.filter
def audited(value: Any, name: str) -> str:
    """A value before or after a change; MLflow's milliseconds read as a time."""
    at = moment(value) if isinstance(value, int) and name.endswith(("_time", "_timestamp")) else None
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at else str(value)
