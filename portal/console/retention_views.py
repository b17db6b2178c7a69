"""Retention: what is kept for how long, and what may not go because somebody holds it."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from compliance.models import LegalHold
from compliance.retention import retention_classes
from compliance.selectors.holds import hold_list
from portal.answers import PageRequest
from portal.console.exports import Sheet, format_of, sheet_answer
from portal.console.paging import key_before, paged
from portal.console.reads import noted
from portal.console.site import console_page

_COLUMNS = ("subject", "type", "workspace", "reason", "placed by", "placed at", "released by", "released at")


@console_page()
def retention(request: PageRequest) -> HttpResponse:
    """The classes, and the holds, the newest first."""
    rows, next_token = paged(hold_list(request.actor), key_before(request))
    context = {
        "classes": retention_classes(), "rows": rows, "next_token": next_token, "tab": "retention",
        "is_first": not request.GET.get("page_token"),
    }  # fmt: skip
    return render(request, "console/retention.html", context)


@console_page("console.record.export")
def holds_export(request: PageRequest) -> HttpResponseBase:
    """All holds as a file."""
    kind = format_of(request.GET.get("format", ""))
    noted(request.actor, "console.record.export", detail=f"legal holds as {kind}")
    rows = map(_cells, hold_list(request.actor))
    return sheet_answer(Sheet("legal-holds", "Legal holds", _COLUMNS, rows), kind)


def _cells(row: LegalHold) -> tuple[object, ...]:
    return (
        row.subject_label, row.subject_type, row.workspace.name, row.reason, row.placed_by.username, row.placed_at,
        row.released_by.username if row.released_by else "", row.released_at,
    )  # fmt: skip
