"""The secrets that jobs of the reader's workspaces use: their names, and setting and deleting them."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from jobs.process.selectors import secret_get, secrets_visible
from jobs.services.secrets import secret_delete, secret_set
from jobs.web.forms import SecretForm, cleaned
from portal import access
from portal.accounts.selectors import workspace_get, workspaces_visible
from portal.answers import PageRequest, act
from portal.routing import page

SET = "jobs.secret.set"


@page("jobs.secret.list")
@require_GET
def secrets(request: PageRequest) -> HttpResponse:
    """The names, and the form for another."""
    places = [
        each.name for each in workspaces_visible(request.actor) if access.allows(request.actor, SET, each)
    ]
    context = {"rows": secrets_visible(request.actor), "places": places}
    return render(request, "jobs/secrets.html", context)


@page(SET)
@require_POST
def secret_keep(request: PageRequest) -> HttpResponse:
    """Set one, new or in place of what it was."""
    said = cleaned(SecretForm(request.POST))
    place = workspace_get(request.actor, said.pop("workspace"))
    return act(
        request,
        lambda: secret_set(actor=request.actor, workspace=place, **said),
        said=f"{said['name']} is set. Jobs that begin from now on get it.",
        then=reverse("secrets"),
    )


@page("jobs.secret.delete")
@require_POST
def secret_end(request: PageRequest, workspace: str, name: str) -> HttpResponse:
    """Delete it."""
    found = secret_get(request.actor, workspace_get(request.actor, workspace), name)
    return act(
        request,
        lambda: secret_delete(actor=request.actor, secret=found),
        said=f"{name} is deleted.",
        then=reverse("secrets"),
    )
