"""Pages of registered models: the list, one model, and the links of the client."""

from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from compliance.web.input import moment_of
from experiments.web.markdown import note_html
from portal.accounts.selectors import workspaces_visible
from portal.answers import PageRequest, whole_or_fragment
from portal.exports import all_pages, download_asked, table_answer
from portal.routing import page
from registry.models import RegisteredModel
from registry.selectors import point_in_time, web_model
from registry.selectors.models import models_visible
from registry.selectors.point_in_time import name_parse
from registry.selectors.web_models import model_rows
from registry.selectors.web_version import CHAMPION, version_known
from registry.web.gate_panel import protected_names
from registry.web.snippets import model_snippet, register_snippet
from registry.web.tables import MODELS, VERSIONS
from registry.web.timeline import timeline_of

READ = "registry.model.read"


@page(READ)
@require_GET
def models(request: PageRequest) -> HttpResponse | StreamingHttpResponse:
    """All registered models that the reader sees; prompts behind a chip."""
    text, token = request.GET.get("q", "").strip(), request.GET.get("page_token", "")
    workspace, kind = request.GET.get("workspace", ""), request.GET.get("kind", "")
    fetch = partial(model_rows, request.actor, text=text, workspace=workspace, prompts=kind == "prompts")
    if form := download_asked(request.GET):
        return table_answer(
            request, "models", form, MODELS, all_pages(lambda at: fetch(page_token=at, limit=500))
        )
    rows, next_token = fetch(page_token=token)
    context = {
        "rows": rows, "next_token": next_token, "text": text, "workspace": workspace, "kind": kind,
        "is_first": not token, "workspaces": workspaces_visible(request.actor), "snippet": register_snippet(),
        "exports": True,
    }  # fmt: skip
    return whole_or_fragment(request, "registry/models.html", "registry/_models.html", context)


@page(READ)
@require_GET
def model(request: PageRequest, workspace: str, name: str) -> HttpResponse | StreamingHttpResponse:
    """One model: its versions, where its aliases pointed, what it is for."""
    found = web_model.model_named(request.actor, workspace, name)
    if form := download_asked(request.GET):
        return table_answer(request, "versions", form, VERSIONS, web_model.version_rows(found))
    return render(request, "registry/model.html", _model_context(request, found))


@page(READ)
@require_GET
def model_find(request: PageRequest) -> HttpResponse:
    """Where links of MLflow's client lead, which know no workspace: the model of that name, or those of it."""
    name, number = request.GET.get("name", ""), request.GET.get("version", "")
    found = list(models_visible(request.actor).filter(name=name).select_related("workspace")[:2])
    if len(found) != 1:
        return HttpResponseRedirect(f"{reverse('models')}?{urlencode({'q': name})}")
    address = [found[0].workspace.name, found[0].name]
    if number.isdecimal() and len(number) < 10:
        return redirect("version", *address, int(number))
    return redirect("model", *address)


@page(READ)
@require_GET
def model_at(request: PageRequest, workspace: str, name: str) -> HttpResponse:
    """What an alias or a stage of a model meant at a moment: version, approval, data, evidence, deployments."""
    at = moment_of(request.GET.get("at", ""))
    found = point_in_time.model_at(request.actor, workspace=workspace, name=name, at=at)
    kind, wanted = name_parse(alias=request.GET.get("alias", ""), stage=request.GET.get("stage", ""))
    context = {
        "model": found, "workspace": found.workspace, "name": wanted, "at": at, "at_input": f"{at:%Y-%m-%dT%H:%M}",
        "aliases": web_model.alias_names(found),
        "held": point_in_time.moment_of(found, kind=kind, name=wanted, at=at).held,
    }  # fmt: skip
    return render(request, "registry/at.html", context)


@page(READ)
@require_GET
def model_by_id(request: PageRequest, key: UUID) -> HttpResponse:
    """The address of a model that other records know by its id."""
    found = web_model.model_known(request.actor, key)
    return redirect("model", found.workspace.name, found.name)


@page("registry.version.read")
@require_GET
def version_by_id(request: PageRequest, key: UUID) -> HttpResponse:
    """The address of a version that other records know by its id."""
    found = version_known(request.actor, key)
    return redirect("version", found.workspace.name, found.model.name, found.version)


def _model_context(request: PageRequest, found: RegisteredModel) -> dict[str, Any]:
    rows, history = web_model.version_rows(found), web_model.alias_history(found)
    systems, names = web_model.systems_of(found), web_model.alias_names(found)
    return {
        "model": found, "workspace": found.workspace, "rows": rows, "history": history,
        "timeline": timeline_of(history), "aliases": names, "systems": systems,
        "risk_tier": web_model.risk_tier_of(systems), "tags": found.tags.order_by("key"),
        "description": note_html(found.description),
        "findings": web_model.findings_open(row.version for row in rows),
        "protected": protected_names(found, names, next((row.version for row in rows), None)),
        "snippet": model_snippet(found, CHAMPION if CHAMPION in names or not names else names[0]),
    }  # fmt: skip
