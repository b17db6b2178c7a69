"""Pages of endpoints: the list, one endpoint, the deploy form with the gate's checklist, and its acts."""

from functools import partial
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from deployments.deploying import deploy_or_request
from deployments.facts import ENVIRONMENTS
from deployments.models import Endpoint
from deployments.selectors.endpoints import endpoint_get, version_of
from deployments.selectors.gate import deploy_preview
from deployments.selectors.log import log_newest
from deployments.selectors.web_endpoints import endpoint_page, endpoint_rows, versions_deployable
from deployments.services.endpoints import (
    CREATE,
    endpoint_create,
)
from deployments.web.forms import DeployForm, EndpointForm
from deployments.web.plots import traffic_plots
from deployments.web.snippets import asking_of
from deployments.web.tables import ENDPOINTS
from deployments.web.trying import tried
from portal import access
from portal.accounts.selectors import workspace_get, workspaces_visible
from portal.answers import PageRequest, whole_or_fragment
from portal.exports import all_pages, download_asked, table_answer
from portal.kernel.errors import DomainError, InvalidInput, NotFound, PolicyViolation
from portal.routing import page
from registry.models import ModelVersion


@page("deployments.endpoint.list")
@require_GET
def endpoints(request: PageRequest) -> HttpResponse | StreamingHttpResponse:
    """The endpoints that the reader sees, with what serves."""
    asked = {
        name: request.GET.get(name, "").strip() for name in ("text", "workspace", "environment", "page_token")
    }
    if form := download_asked(request.GET):
        rest = {name: value for name, value in asked.items() if name != "page_token"}
        rows_all = all_pages(lambda at: endpoint_rows(request.actor, **rest, page_token=at))
        return table_answer(request, "endpoints", form, ENDPOINTS, rows_all)
    rows, next_token = endpoint_rows(request.actor, **asked)
    context = {
        **asked, "deploy": request.GET.get("deploy", "")[:300], "rows": rows, "next_token": next_token,
        "is_first": not asked["page_token"], "exports": True,
        "environments": ENVIRONMENTS, "may_create": access.workspaces_allowing(request.actor, CREATE) != [],
    }  # fmt: skip
    return whole_or_fragment(request, "deployments/list.html", "deployments/_list.html", context)


@page(CREATE)
@require_http_methods(["GET", "POST"])
def endpoint_new(request: PageRequest) -> HttpResponse:
    """The form of a new endpoint."""
    places = [
        each.name for each in workspaces_visible(request.actor) if access.allows(request.actor, CREATE, each)
    ]
    form = EndpointForm(request.POST or None, workspaces=places, initial=request.GET.dict())
    if form.is_valid():
        given = form.cleaned_data
        try:
            made = endpoint_create(
                actor=request.actor, workspace=workspace_get(request.actor, given["workspace"]), name=given["name"],
                environment=given["environment"], target=given["target"], description=given["description"],
                settings=form.settings,
            )  # fmt: skip
        except NotFound:
            raise
        except DomainError as no:
            form.add_error(None, no.detail)
        else:
            return redirect("endpoint", made.name)
    return render(request, "deployments/new.html", {"form": form})


@page("deployments.endpoint.read")
@require_GET
def endpoint(request: PageRequest, name: str) -> HttpResponse:
    """One endpoint: what serves, how it goes, what served before and who decided."""
    found = endpoint_get(request.actor, name)
    shown = endpoint_page(found)
    serving = shown.live[0].revision if shown.live else None
    context = {
        "endpoint": found, "shown": shown, "can_go_back": shown.can_return, "plots": traffic_plots(found),
        "asking": partial(asking_of, found, serving),  # read by the page, not by the part that comes every two seconds
    }  # fmt: skip
    return whole_or_fragment(request, "deployments/endpoint.html", "deployments/_endpoint.html", context)


@page("deployments.endpoint.read")
@require_GET
def endpoint_requests(request: PageRequest, name: str) -> HttpResponse:
    """The newest requests that the log keeps, without what was asked and answered."""
    found = endpoint_get(request.actor, name)
    requests, dropped = log_newest(found)
    context = {"endpoint": found, "requests": requests, "dropped": dropped}
    return whole_or_fragment(request, "deployments/requests.html", "deployments/_requests.html", context)


@page("deployments.endpoint.invoke")
@require_POST
def try_it(request: PageRequest, name: str) -> HttpResponse:
    """Ask the endpoint with what the form holds, and show what it says."""
    found = endpoint_get(request.actor, name)
    try:
        context: dict[str, Any] = {"tried": tried(request.actor, found, request.POST.get("body", ""))}
    except NotFound:
        raise
    except DomainError as no:
        context = {"refusal": no.detail}
    return whole_or_fragment(
        request, "deployments/tried.html", "deployments/_tried.html", {"endpoint": found, **context}
    )


@page("deployments.revision.create")
@require_http_methods(["GET", "POST"])
def deploy(request: PageRequest, name: str) -> HttpResponse:
    """The deploy form: which version and how, with what the gate says to it before the button."""
    found = endpoint_get(request.actor, name)
    chosen = _chosen(request, found)
    form = DeployForm(
        request.POST or None, versions=_choices(found), initial={"version": _key(chosen) if chosen else ""}
    )
    if form.is_valid() and chosen is not None:
        answer = _deployed(request, found, chosen, form)
        if answer is not None:
            return answer
    context: dict[str, Any] = {
        "endpoint": found,
        "form": form,
        "version": chosen,
        **_checked(request, found, chosen),
    }
    return whole_or_fragment(request, "deployments/deploy.html", "deployments/_gate.html", context)


def _deployed(
    request: PageRequest, found: Endpoint, version: ModelVersion, form: DeployForm
) -> HttpResponse | None:
    try:
        deploy_or_request(
            actor=request.actor, endpoint=found, version=version, rollout=form.rollout,
            reason=form.cleaned_data["reason"],
        )  # fmt: skip
    except PolicyViolation as no:
        if "request_id" in no.extra:
            return redirect("request", no.extra["request_id"])
        form.add_error(None, no.detail)
    except NotFound:
        raise
    except DomainError as no:
        form.add_error(None, no.detail)
    else:
        return redirect("endpoint", found.name)
    return None


def _checked(request: PageRequest, found: Endpoint, version: ModelVersion | None) -> dict[str, Any]:
    if version is None:
        return {}
    try:
        return {"preview": deploy_preview(request.actor, found, version)}
    except NotFound:
        raise
    except DomainError as no:
        return {"refusal": no.detail}


def _chosen(request: PageRequest, found: Endpoint) -> ModelVersion | None:
    """The version that the reader means: `<model>:<number>`."""
    said = request.POST.get("version") or request.GET.get("version", "")
    model, _, number = said.rpartition(":")
    if not said:
        versions = versions_deployable(found, limit=1)
        return versions[0] if versions else None
    if not model or not number.isdecimal() or len(number) > 9:
        raise InvalidInput(f"{said[:80]!r} names no version of a model.")
    return version_of(request.actor, found, model, int(number))


def _key(version: ModelVersion) -> str:
    return f"{version.model.name}:{version.version}"


def _choices(found: Endpoint) -> list[tuple[str, str]]:
    return [
        (_key(each), f"{each.model.name} · version {each.version}") for each in versions_deployable(found)
    ]
