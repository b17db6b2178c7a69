"""Changes of AI systems from their pages."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST

from compliance.models import AISystem
from compliance.selectors.systems import system_get
from compliance.selectors.web_people import people_of
from compliance.services.ai_systems import (
    NewSystem,
    system_create,
    system_reclassify,
    system_retire,
    system_update,
)
from compliance.services.evidence import evidence_attest
from compliance.services.statements import control_get, control_statement, system_subject
from compliance.web.forms import ReasonForm
from compliance.web.input import cleaned
from portal import access
from portal.accounts.models import Workspace
from portal.accounts.selectors import workspace_get, workspaces_visible
from portal.answers import PageRequest, act
from portal.kernel.errors import DomainError, NotFound
from portal.kernel.versions import version_of
from portal.routing import page
from registry.selectors.systems import link_get, model_in, version_in
from registry.services.system_models import system_model_link, system_model_unlink
from registry.services.technical_files import technical_file_create
from registry.web.system_forms import (
    AttestForm,
    DetailsForm,
    EditSystemForm,
    LinkForm,
    ReclassifyForm,
    SystemForm,
)

CREATE, UPDATE = "compliance.system.create", "compliance.system.update"
RECORD = ("name", "intended_purpose", "description", "role", "risk_tier", "risk_rationale")


@page(CREATE)
@require_http_methods(["GET", "POST"])
def system_new(request: PageRequest) -> HttpResponse:
    """Record an AI system of a workspace."""
    places = _places(request)
    workspace = workspace_get(
        request.actor, request.GET.get("workspace") or (places[0].name if places else "")
    )
    form = SystemForm(
        request.POST or None, people=people_of(workspace.pk), initial={"owner": request.actor.name}
    )
    if form.is_valid():
        new = NewSystem(**form.cleaned_data)
        made = _tried(form, lambda: system_create(actor=request.actor, workspace=workspace, new=new))
        if made is not None:
            return redirect("system", made.pk)
    context = {"form": form, "places": places, "workspace": workspace}
    return render(request, "registry/system_edit.html", context)


@page(UPDATE)
@require_http_methods(["GET", "POST"])
def system_edit(request: PageRequest, key: UUID) -> HttpResponse:
    """The record of a system."""
    found = system_get(request.actor, key)
    known = {name: getattr(found, name) for name in RECORD}
    initial = known | {"owner": found.owner.username, "row_version": version_of(found)}
    people = sorted({*people_of(found.workspace_id), found.owner.username})
    form = EditSystemForm(request.POST or None, people=people, initial=initial)
    if form.is_valid():
        change = dict(form.cleaned_data)
        seen = change.pop("row_version")
        if _tried(form, lambda: _update(request, found, change, seen)) is not None:
            return redirect("system", key)
    return render(request, "registry/system_edit.html", {"form": form, "system": found})


@page(UPDATE)
@require_http_methods(["GET", "POST"])
def system_details(request: PageRequest, key: UUID) -> HttpResponse:
    """What Annex IV asks beyond the record."""
    found = system_get(request.actor, key)
    told = {name: "\n".join(text) if isinstance(text, list) else text for name, text in found.details.items()}
    form = DetailsForm(request.POST or None, initial=told | {"row_version": version_of(found)})
    if form.is_valid():
        seen = form.cleaned_data["row_version"]
        if _tried(form, lambda: _update(request, found, {"details": form.details()}, seen)) is not None:
            return redirect("system", key)
    return render(request, "registry/system_edit.html", {"form": form, "system": found, "is_details": True})


@page("compliance.system.reclassify")
@require_POST
def system_tier(request: PageRequest, key: UUID) -> HttpResponse:
    """Another risk tier, by an approver."""
    found, said = system_get(request.actor, key), cleaned(ReclassifyForm(request.POST))
    change = lambda: system_reclassify(actor=request.actor, system=found, **said)  # noqa: E731
    return _act(request, found, change, f"{found} is of the tier {said['risk_tier']} now.")


@page("compliance.system.retire")
@require_POST
def system_leave(request: PageRequest, key: UUID) -> HttpResponse:
    """End the use of a system."""
    found, reason = system_get(request.actor, key), cleaned(ReasonForm(request.POST))["reason"]
    change = lambda: system_retire(actor=request.actor, system=found, reason=reason)  # noqa: E731
    return _act(request, found, change, f"{found} is retired.")


@page("registry.system_model.link")
@require_POST
def system_link(request: PageRequest, key: UUID) -> HttpResponse:
    """From now on the system uses a model."""
    found, said = system_get(request.actor, key), cleaned(LinkForm(request.POST))
    model = model_in(found.workspace_id, said["model"])
    version = version_in(model, said["number"]) if said["number"] else None
    change = lambda: system_model_link(  # noqa: E731
        actor=request.actor, system=found, model=model, alias=said["alias"], version=version
    )
    return _act(request, found, change, f"{found} uses {model.name}.")


@page("registry.system_model.unlink")
@require_POST
def system_unlink(request: PageRequest, key: UUID, link: UUID) -> HttpResponse:
    """From now on the system does not use a model any more."""
    found = system_get(request.actor, key)
    held = link_get(found, link)
    change = lambda: system_model_unlink(actor=request.actor, system=found, link=held)  # noqa: E731
    return _act(request, found, change, f"{found} does not use {held.model.name} any more.")


@page("compliance.evidence.attest")
@require_POST
def system_attest(request: PageRequest, key: UUID) -> HttpResponse:
    """State something for one control of a system."""
    found, said = system_get(request.actor, key), cleaned(AttestForm(request.POST))
    control, framework = control_get(said.pop("control")), said.pop("framework")
    statement = control_statement(control, **said)
    change = lambda: evidence_attest(  # noqa: E731
        actor=request.actor, subject=system_subject(found), statement=statement
    )
    then = f"{reverse('system', args=[key])}?{urlencode({'framework': framework})}"
    return act(request, change, said=f"Your statement for {control.ref} is recorded.", then=then)


@page("registry.technical_file.create")
@require_POST
def system_file(request: PageRequest, key: UUID) -> HttpResponse:
    """Let a job build the technical file of a system as it is now."""
    found = system_get(request.actor, key)
    change = lambda: technical_file_create(actor=request.actor, system=found)  # noqa: E731
    return _act(request, found, change, "A job builds the technical file.")


def _update(request: PageRequest, found: AISystem, change: dict[str, Any], seen: str) -> AISystem:
    done = system_update(actor=request.actor, system=found, change=change, expected_version=seen)
    messages.success(request, "The system is saved.")
    return done


def _tried(form: SystemForm | DetailsForm, change: Callable[[], AISystem]) -> AISystem | None:
    """The result, or None with the refusal beside the form."""
    try:
        return change()
    except NotFound:
        raise
    except DomainError as no:
        form.add_error(None, no.detail)
        return None


def _act(request: PageRequest, found: AISystem, change: Callable[[], Any], said: str) -> HttpResponse:
    return act(request, change, said=said, then=reverse("system", args=[found.pk]))


def _places(request: PageRequest) -> list[Workspace]:
    allowed = access.workspaces_allowing(request.actor, CREATE)
    return [each for each in workspaces_visible(request.actor) if allowed is None or each.pk in allowed]
