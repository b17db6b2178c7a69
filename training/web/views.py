"""The list of trainings."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from portal import access
from portal.accounts.selectors import workspaces_visible
from portal.answers import PageRequest, whole_or_fragment
from portal.routing import page
from training.selectors.web_jobs import training_rows
from training.services.jobs import SUBMIT

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
