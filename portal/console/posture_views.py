"""The first page of the console: how things stand, and the list behind each figure."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from portal.answers import PageRequest
from portal.audit.log import log_state
from portal.console.exports import FORMATS, Sheet, format_of, sheet_answer
from portal.console.posture import LISTED_AT_MOST, Measured, measured, posture
from portal.console.reads import noted
from portal.console.site import console_page
from portal.kernel.errors import NotFound

# What the promise of the log is: 99% of events in a signed checkpoint within 2 s, all within 60 s.
LATE_SECONDS, BROKEN_SECONDS = 2, 60
_COLUMNS = ("what", "workspace", "why", "at")


@console_page()
def home(request: PageRequest) -> HttpResponse:
    """The figures, and the health of the log."""
    state = log_state(request.actor)
    waiting = state.oldest_waiting_seconds
    look = (
        "bad" if waiting > BROKEN_SECONDS or not state.latest else "warn" if waiting > LATE_SECONDS else "ok"
    )
    context = {"figures": posture(request.actor), "log": state, "tab": "posture", "log_look": look}
    return render(request, "console/posture.html", context)


@console_page()
def posture_list(request: PageRequest, key: str) -> HttpResponse:
    """What a figure counts."""
    found = _found(request, key)
    context = {
        "found": found,
        "items": found.items[:LISTED_AT_MOST],
        "tab": "posture",
        "most": LISTED_AT_MOST,
        "formats": FORMATS,
    }
    return render(request, "console/posture_list.html", context)


@console_page("console.record.export")
def posture_export(request: PageRequest, key: str) -> HttpResponseBase:
    """The list behind a figure as a file."""
    found, kind = _found(request, key), format_of(request.GET.get("format", ""))
    noted(request.actor, "console.record.export", detail=f"posture {key} as {kind}")
    rows = [(item.label, item.workspace, item.why, item.at) for item in found.items]
    return sheet_answer(
        Sheet(f"posture-{key}", found.figure.label, _COLUMNS, rows, {"what": found.figure.text}), kind
    )


def _found(request: PageRequest, key: str) -> Measured:
    found = measured(request.actor, key)
    if found is None:
        raise NotFound("There is no such list.")
    return found
