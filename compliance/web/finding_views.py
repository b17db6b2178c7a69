"""Findings: the list, and one of them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from compliance.models import Finding
from compliance.models.follow_up import SEVERITIES
from compliance.selectors import web_follow_up
from compliance.selectors.web_people import member_named, people_of
from compliance.services.findings import finding_assign, finding_close, finding_reschedule
from compliance.web.forms import AssignForm, CloseForm, RescheduleForm
from compliance.web.input import cleaned, moment_of
from compliance.web.keys import page_before
from portal.answers import PageRequest, act, whole_or_fragment
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
    context = {"finding": found, "now": now(), "people": people_of(found.workspace_id)}
    return render(request, "compliance/finding.html", context)


@page("compliance.finding.assign")
@require_POST
def finding_give(request: PageRequest, key: UUID) -> HttpResponse:
    """Make somebody the one who sees to it."""
    found, said = web_follow_up.finding_shown(request.actor, key), cleaned(AssignForm(request.POST))
    owner = member_named(found.workspace_id, said["owner"])
    change = lambda: finding_assign(actor=request.actor, finding=found, owner=owner, reason=said["reason"])  # noqa: E731
    return _act(request, found, change, f"{owner.username} sees to it.")


@page("compliance.finding.reschedule")
@require_POST
def finding_move(request: PageRequest, key: UUID) -> HttpResponse:
    """Give it another due date."""
    found, said = web_follow_up.finding_shown(request.actor, key), cleaned(RescheduleForm(request.POST))
    due_at = moment_of(said["due_at"])
    change = lambda: finding_reschedule(  # noqa: E731
        actor=request.actor, finding=found, due_at=due_at, reason=said["reason"]
    )
    return _act(request, found, change, "The due date is moved.")


@page("compliance.finding.close")
@require_POST
def finding_end(request: PageRequest, key: UUID) -> HttpResponse:
    """Close it with what shows that the defect is gone."""
    found, said = web_follow_up.finding_shown(request.actor, key), cleaned(CloseForm(request.POST))
    change = lambda: finding_close(actor=request.actor, finding=found, closure=said["closure"])  # noqa: E731
    return _act(request, found, change, "The finding is closed.")


def _act(request: PageRequest, found: Finding, change: Callable[[], Any], said: str) -> HttpResponse:
    return act(request, change, said=said, then=reverse("finding", args=[found.pk]))
