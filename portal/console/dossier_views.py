"""Decisions: the list of requests, and the dossier of each."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from compliance.models.approvals import REQUEST_STATES
from compliance.selectors.web_checks import check_rows
from compliance.selectors.web_requests import request_shown
from portal.answers import PageRequest
from portal.console.dossier_files import dossier_json, dossier_pdf, dossier_zip
from portal.console.dossiers import dossier_of, requests_listed
from portal.console.exports import Sheet, as_download, format_of, sheet_answer
from portal.console.paging import key_before, paged
from portal.console.reads import noted
from portal.console.site import console_page
from portal.kernel.errors import InvalidInput

_FILES: dict[str, tuple[str, Callable[[dict[str, Any]], bytes]]] = {
    "json": ("application/json", dossier_json),
    "pdf": ("application/pdf", dossier_pdf),
    "zip": ("application/zip", dossier_zip),
}
_COLUMNS = (
    "id", "workspace", "act", "target", "subject", "subject_digest", "state", "risk_tier", "is_break_glass",
    "requested_by", "created_at", "closed_at", "reason",
)  # fmt: skip


@console_page()
def dossiers(request: PageRequest) -> HttpResponse:
    """All requests, newest first."""
    rows, next_token = paged(_listed(request), key_before(request))
    context = {
        "rows": rows, "next_token": next_token, "is_first": not request.GET.get("page_token"), "states": REQUEST_STATES,
        "state": request.GET.get("state", ""), "text": request.GET.get("q", ""), "tab": "dossiers",
    }  # fmt: skip
    return render(request, "console/dossiers.html", context)


@console_page("console.record.export")
def dossiers_export(request: PageRequest) -> HttpResponseBase:
    """The list of requests as a file."""
    kind = format_of(request.GET.get("format", ""))
    noted(request.actor, "console.record.export", detail=f"approval requests as {kind}")
    rows = (
        (each.pk, each.workspace.name, each.act, each.target_label, each.subject_label, each.subject_digest, each.state,
         each.risk_tier, each.is_break_glass, each.requested_by.username, each.created_at, each.closed_at, each.reason)
        for each in _listed(request).iterator(chunk_size=1000)
    )  # fmt: skip
    return sheet_answer(Sheet("approval-requests", "Approval requests", _COLUMNS, rows), kind)


@console_page("console.dossier.read")
def dossier(request: PageRequest, key: UUID) -> HttpResponse:
    """One decision with everything that stood behind it."""
    asked = request_shown(request.actor, key)
    found = dossier_of(request.actor, asked)
    noted(request.actor, "console.dossier.read", asked)
    seen = asked.evaluation
    context = {
        "asked": asked, "dossier": found, "formats": list(_FILES), "tab": "dossiers",
        "checks": check_rows(seen.checks, seen.facts, seen.policy_versions.all()),
    }  # fmt: skip
    return render(request, "console/dossier.html", context)


@console_page("console.dossier.read")
def dossier_file(request: PageRequest, key: UUID, kind: str) -> HttpResponseBase:
    """The dossier to keep."""
    if kind not in _FILES:
        raise InvalidInput(f"There is no dossier as {kind[:20]!r}. Choose {', '.join(_FILES)}.")
    asked = request_shown(request.actor, key)
    media_type, made = _FILES[kind]
    content = made(dossier_of(request.actor, asked))
    noted(request.actor, "console.dossier.read", asked, detail=kind)
    return as_download(HttpResponse(content, content_type=media_type), f"dossier-{asked.pk.hex}.{kind}")


def _listed(request: PageRequest) -> Any:
    state = request.GET.get("state", "")
    return requests_listed(
        request.actor,
        state=state if state in REQUEST_STATES else "",
        text=request.GET.get("q", "")[:200].strip(),
    )
