"""Findings: the list, and one of them."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from compliance.models.follow_up import SEVERITIES
from compliance.selectors import web_follow_up
from compliance.web.keys import page_before
from portal.answers import PageRequest, whole_or_fragment
from portal.kernel.clock import now
from portal.routing import page

READ = "compliance.finding.read"


@page(READ)
@require_GET
def findings(request: PageRequest) -> HttpResponse:
    """The findings that the reader sees, by state and severity."""
    view, severity = request.GET.get("view", "open"), request.GET.get("severity", "")
    text, token = request.GET.get("q", "").strip(), request.GET.get("page_token", "")
    rows, next_token = web_follow_up.finding_rows(
        request.actor, view=view, severity=severity, text=text, before=page_before(token)
    )
    context = {
        "rows": rows, "next_token": next_token, "text": text, "view": view, "severity": severity, "now": now(),
        "views": web_follow_up.FINDING_VIEWS, "severities": SEVERITIES, "is_first": not token,
    }  # fmt: skip
    return whole_or_fragment(request, "compliance/findings.html", "compliance/_findings_list.html", context)


@page(READ)
@require_GET
def finding(request: PageRequest, key: UUID) -> HttpResponse:
    """One finding."""
    found = web_follow_up.finding_shown(request.actor, key)
    return render(request, "compliance/finding.html", {"finding": found, "now": now()})
