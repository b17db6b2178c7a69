"""The list of trainings, and one of them."""

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from portal import access
from portal.accounts.selectors import workspaces_visible
from portal.answers import PageRequest, act, whole_or_fragment
from portal.routing import page
from training.selectors.jobs import training_get
from training.selectors.web_jobs import training_rows
from training.services.clones import training_clone
from training.services.jobs import SUBMIT

CLONES_SHOWN = 20
STATES = ("active", "done", "failed", "cancelled")


@page("training.job.list")
@require_GET
def trainings(request: PageRequest) -> HttpResponse:
    """The trainings that the reader sees, newest first."""
    asked = {name: request.GET.get(name, "").strip() for name in ("text", "workspace", "state", "page_token")}
    rows, next_token = training_rows(request.actor, **asked)
    context = {
        **asked, "rows": rows, "next_token": next_token, "is_first": not asked["page_token"], "states": STATES,
        "workspaces": workspaces_visible(request.actor),
        "may_submit": access.workspaces_allowing(request.actor, SUBMIT) != [],
    }  # fmt: skip
    return whole_or_fragment(request, "training/list.html", "training/_list.html", context)


@page("training.job.read")
@require_GET
def training(request: PageRequest, training_id: UUID) -> HttpResponse:
    """One training; htmx gets the part of it that changes while it runs."""
    found = training_get(request.actor, training_id)
    context = {"training": found, "job": found.job, "clones": found.clones.order_by("-id")[:CLONES_SHOWN]}
    return whole_or_fragment(request, "training/training.html", "training/_training.html", context)


@page("training.job.clone")
@require_POST
def again(request: PageRequest, training_id: UUID) -> HttpResponse:
    """Run the same again: the same code, packages and parameters."""
    found = training_get(request.actor, training_id)
    return act(
        request, lambda: training_clone(actor=request.actor, training=found, changes={}),
        said="The same is run again; it stands at the top of the list.", then=reverse("trainings"),
    )  # fmt: skip
