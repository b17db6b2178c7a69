"""Waivers and delegations: the lists, and one waiver."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from compliance.selectors import web_people
from portal.answers import PageRequest
from portal.routing import page


@page("compliance.waiver.read")
@require_GET
def waivers(request: PageRequest) -> HttpResponse:
    """The exceptions from rules that the reader sees."""
    view = request.GET.get("view", "requested")
    context = {
        "rows": web_people.waiver_rows(request.actor, view=view),
        "view": view,
        "views": web_people.WAIVER_VIEWS,
    }
    return render(request, "compliance/waivers.html", context)


@page("compliance.waiver.read")
@require_GET
def waiver(request: PageRequest, key: UUID) -> HttpResponse:
    """One exception."""
    return render(request, "compliance/waiver.html", {"waiver": web_people.waiver_shown(request.actor, key)})


@page("compliance.delegation.read")
@require_GET
def delegations(request: PageRequest) -> HttpResponse:
    """Who may decide for whom."""
    is_past = request.GET.get("view") == "past"
    rows = web_people.delegation_rows(request.actor, past=is_past)
    return render(request, "compliance/delegations.html", {"rows": rows, "is_past": is_past})
