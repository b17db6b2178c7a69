"""Waivers and delegations: the lists, and what people do about them."""

from typing import cast
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from compliance.policies.form import DECIDING_ROLES
from compliance.selectors import web_people
from compliance.services.delegations import delegation_create, delegation_revoke
from compliance.services.waivers import waiver_decide, waiver_end, waiver_purpose
from compliance.web.forms import DelegationForm, ReasonForm, WaiverDecisionForm
from compliance.web.input import cleaned, moment_of
from portal import access
from portal.accounts.models import User
from portal.accounts.selectors import workspace_get, workspaces_visible
from portal.accounts.signin.proof import proof_way, prove
from portal.answers import PageRequest, act
from portal.routing import page


@page("compliance.waiver.read")
@require_GET
def waivers(request: PageRequest) -> HttpResponse:
    """The exceptions from rules that the reader sees."""
    view = request.GET.get("view", "requested")
    rows = web_people.waiver_rows(request.actor, view=view)
    return render(
        request, "compliance/waivers.html", {"rows": rows, "view": view, "views": web_people.WAIVER_VIEWS}
    )


@page("compliance.waiver.read")
@require_GET
def waiver(request: PageRequest, key: UUID) -> HttpResponse:
    """One exception, with the form that decides about it."""
    found = web_people.waiver_shown(request.actor, key)
    context = {
        "waiver": found,
        "seat": web_people.waiver_seat(request.actor, found),
        "proof_way": proof_way(cast(User, request.user)),
    }
    return render(request, "compliance/waiver.html", context)


@page("compliance.waiver.decide")
@require_POST
def waiver_answer(request: PageRequest, key: UUID) -> HttpResponse:
    """Grant or refuse an exception."""
    found, said = web_people.waiver_shown(request.actor, key), cleaned(WaiverDecisionForm(request.POST))
    grants = said["verdict"] == "grant"

    def change() -> None:
        proof = prove(request, said["secret"], purpose=waiver_purpose(found))
        waiver_decide(actor=request.actor, waiver=found, grants=grants, proof=proof, reason=said["reason"])

    told = "The waiver is granted." if grants else "The waiver is refused."
    return act(request, change, said=told, then=reverse("waiver", args=[found.pk]))


@page("compliance.waiver.end")
@require_POST
def waiver_close(request: PageRequest, key: UUID) -> HttpResponse:
    """End an exception before its time."""
    found, reason = web_people.waiver_shown(request.actor, key), cleaned(ReasonForm(request.POST))["reason"]
    change = lambda: waiver_end(actor=request.actor, waiver=found, reason=reason)  # noqa: E731
    return act(request, change, said="The waiver is ended.", then=reverse("waiver", args=[found.pk]))


@page("compliance.delegation.read")
@require_GET
def delegations(request: PageRequest) -> HttpResponse:
    """Who may decide for whom, and the form to let somebody decide in one's own place."""
    is_past = request.GET.get("view") == "past"
    allowed = access.workspaces_allowing(request.actor, "compliance.delegation.create")
    places = [each for each in workspaces_visible(request.actor) if allowed is None or each.pk in allowed]
    context = {
        "rows": web_people.delegation_rows(request.actor, past=is_past), "is_past": is_past, "places": places,
        "people": sorted({name for each in places for name in web_people.people_of(each.pk)} - {request.actor.name}),
        "roles": DECIDING_ROLES,
    }  # fmt: skip
    return render(request, "compliance/delegations.html", context)


@page("compliance.delegation.create")
@require_POST
def delegation_new(request: PageRequest) -> HttpResponse:
    """Let another person decide in one's own place for some time."""
    said = cleaned(DelegationForm(request.POST))
    workspace = workspace_get(request.actor, said.pop("workspace"))
    said |= {name: moment_of(said[name]) for name in ("starts_at", "ends_at")}
    said["to_user"] = web_people.member_named(workspace.pk, said["to_user"])
    change = lambda: delegation_create(actor=request.actor, workspace=workspace, **said)  # noqa: E731
    told = f"{said['to_user'].username} may decide in your place."
    return act(request, change, said=told, then="delegations")


@page("compliance.delegation.revoke")
@require_POST
def delegation_end(request: PageRequest, key: UUID) -> HttpResponse:
    """End a delegation at once."""
    found = web_people.delegation_shown(request.actor, key)
    change = lambda: delegation_revoke(actor=request.actor, delegation=found)  # noqa: E731
    return act(request, change, said="The delegation is ended.", then="delegations")
