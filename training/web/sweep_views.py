"""Pages of sweeps: the list, the form, and one sweep with its plots."""

import json
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal import access
from portal.accounts.models import Workspace
from portal.accounts.selectors import workspace_get, workspaces_visible
from portal.answers import PageRequest, act, act_and_go, whole_or_fragment
from portal.kernel.errors import DomainError, NotFound
from portal.routing import page
from training.models import Sweep
from training.selectors.jobs import training_get
from training.selectors.sweeps import sweep_get
from training.selectors.web_sweeps import Shown, sweep_page, sweep_rows
from training.services.sweeps import START, sweep_start, sweep_stop
from training.sweeps.facts import SWEEP_STATES
from training.sweeps.registering import trial_register
from training.web.sweep_forms import EXAMPLE, EXAMPLE_OBJECTIVE, EXAMPLE_SPACE, SweepForm
from training.web.sweep_plots import history_plot, importance_rows, parallel_plot


@page("training.sweep.list")
@require_GET
def sweeps(request: PageRequest) -> HttpResponse:
    """The sweeps that the reader sees, newest first."""
    asked = {name: request.GET.get(name, "").strip() for name in ("text", "workspace", "state", "page_token")}
    rows, next_token = sweep_rows(request.actor, **asked)
    context = {
        **asked, "rows": rows, "next_token": next_token, "is_first": not asked["page_token"], "states": SWEEP_STATES,
        "workspaces": workspaces_visible(request.actor),
        "may_start": access.workspaces_allowing(request.actor, START) != [],
    }  # fmt: skip
    return whole_or_fragment(request, "training/sweeps/list.html", "training/sweeps/_list.html", context)


@page(START)
@require_http_methods(["GET", "POST"])
def sweep_new(request: PageRequest) -> HttpResponse:
    """The form of a new sweep, and its beginning."""
    places = _places(request)
    form = SweepForm(
        request.POST or None, workspaces=[place.name for place in places], initial=_initial(request)
    )
    if form.is_valid():
        try:
            workspace = workspace_get(request.actor, form.cleaned_data["workspace"])
            made = sweep_start(actor=request.actor, workspace=workspace, spec=form.spec)
        except NotFound:
            raise
        except DomainError as no:
            form.add_error(None, no.detail)
        else:
            return redirect("sweep", made.pk)
    return render(request, "training/sweeps/new.html", {"form": form})


@page("training.sweep.read")
@require_GET
def sweep(request: PageRequest, sweep_id: UUID) -> HttpResponse:
    """One sweep: how far it is, its best trial, its plots and all trials."""
    found = sweep_get(request.actor, sweep_id)
    shown = sweep_page(found, by_number=request.GET.get("order") == "number")
    context = {
        "sweep": found, "shown": shown, "importance": importance_rows(found),
        "history": history_plot(found, shown.by_number), "parallel": parallel_plot(found, shown.by_number),
        "params": list(found.spec["space"]), "best": _best(found, shown), "order": request.GET.get("order", ""),
    }  # fmt: skip
    return whole_or_fragment(request, "training/sweeps/sweep.html", "training/sweeps/_sweep.html", context)


@page("training.sweep.stop")
@require_POST
def stop(request: PageRequest, sweep_id: UUID) -> HttpResponse:
    """Ask for no more trials."""
    found = sweep_get(request.actor, sweep_id)
    return act(
        request, lambda: sweep_stop(actor=request.actor, sweep=found),
        said="No more trials begin, and those that run are cancelled.", then=reverse("sweep", args=[found.pk]),
    )  # fmt: skip


@page("registry.version.create")
@require_POST
def register(request: PageRequest, sweep_id: UUID) -> HttpResponse:
    """Make a version of a model from a trial, the best one unless another is named."""
    found = sweep_get(request.actor, sweep_id)
    return act_and_go(
        request, lambda: _registered(request, found), otherwise=reverse("sweep", args=[found.pk]),
        said="It is being registered: a job reads its files and takes their digests.",
    )  # fmt: skip


def _registered(request: PageRequest, found: Sweep) -> str:
    number = request.POST.get("trial", "")
    made = trial_register(
        request.actor, found, number=int(number) if number.isdecimal() and len(number) < 7 else None,
        model_name=request.POST.get("model", "").strip()[:256] or found.name,
    )  # fmt: skip
    return reverse("version", args=[found.workspace.name, made.model.name, made.version])


def _best(found: Sweep, shown: Shown) -> list[tuple[str, str]]:
    """The objectives and parameters of the best trial, with their names."""
    names = [*(one["metric"] for one in found.spec["objectives"]), *found.spec["space"]]
    return list(zip(names, [*shown.best.values, *shown.best.params], strict=True)) if shown.best else []


def _places(request: PageRequest) -> list[Workspace]:
    """The workspaces in which the reader may begin a sweep."""
    return [
        place for place in workspaces_visible(request.actor) if access.allows(request.actor, START, place)
    ]


def _initial(request: PageRequest) -> dict[str, Any]:
    """A training or a sweep that is named is what the form begins with; else an example that runs everywhere."""
    known: dict[str, Any] = {
        "training": _text(EXAMPLE),
        "space": EXAMPLE_SPACE,
        "objectives": EXAMPLE_OBJECTIVE,
        "name": "parabola",
    }
    named = request.GET.get("training", "")
    try:
        if named:
            training = training_get(request.actor, UUID(named))
            known = {
                "workspace": training.workspace.name,
                "training": _text(_said(training.spec)),
                "name": training.name,
            }
    except ValueError:
        raise NotFound("No such training, or you may not see it.") from None
    return known


def _said(spec: dict[str, Any]) -> dict[str, Any]:
    """A specification without what is empty."""
    return {key: value for key, value in spec.items() if value not in ({}, [], "", None) and key != "name"}


def _text(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False)
