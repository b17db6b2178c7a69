"""Keeping the state of a runs table under a name, making it the default, and forgetting it."""

from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.views.decorators.http import require_POST

from experiments.models import SavedView
from experiments.selectors.browsing import view_get
from experiments.selectors.experiments import experiment_get
from experiments.services.saved_views import view_default, view_delete, view_save
from experiments.web.table_address import state_text
from portal import access
from portal.accounts.models import Workspace
from portal.answers import PageRequest, act, act_and_go
from portal.kernel.errors import InvalidInput
from portal.routing import page

SAVE = "experiments.view.save"


@page(SAVE)
@require_POST
def saved_view_new(request: PageRequest) -> HttpResponse:
    """Keep `state` under `name`: for `experiment`, or for the tables of whole workspaces in `workspace`."""
    number, state = request.POST.get("experiment", ""), QueryDict(request.POST.get("state", "").lstrip("?"))
    experiment = experiment_get(request.actor, number) if number else None
    workspace = experiment.workspace if experiment else _workspace(request)
    back = f"/experiments/{experiment.pk}" if experiment else "/runs"

    def change() -> str:
        saved = view_save(
            actor=request.actor, workspace=workspace, experiment=experiment, name=request.POST.get("name", ""),
            query=state_text(state),
        )  # fmt: skip
        return address_of(saved)

    return act_and_go(
        request, change, said="The view is saved for everybody in the workspace.", otherwise=back
    )


@page("experiments.view.default")
@require_POST
def saved_view_default(request: PageRequest, view_id: UUID) -> HttpResponse:
    """Let the table open with this view, or (`off=1`) with none."""
    found, is_on = view_get(request.actor, view_id), request.POST.get("off") != "1"
    said = f"The table opens with {found.name}." if is_on else "The table opens with all runs."
    change = lambda: view_default(actor=request.actor, view=found, is_default=is_on)  # noqa: E731
    return act(request, change, said=said, then=address_of(found))


@page("experiments.view.delete")
@require_POST
def saved_view_delete(request: PageRequest, view_id: UUID) -> HttpResponse:
    """Forget a view."""
    found = view_get(request.actor, view_id)
    then = f"/experiments/{found.experiment_id}" if found.experiment_id else "/runs"
    change = lambda: view_delete(actor=request.actor, view=found)  # noqa: E731
    return act(request, change, said=f"{found.name} is forgotten.", then=f"{then}?view=active")


def address_of(view: SavedView) -> str:
    """Where a view is shown."""
    base = f"/experiments/{view.experiment_id}" if view.experiment_id else "/runs"
    return f"{base}?{view.query or 'view=active'}"


def _workspace(request: PageRequest) -> Workspace:
    """The workspace that is named, else the only one in which the person may keep views."""
    allowed, name = access.workspaces_allowing(request.actor, SAVE), request.POST.get("workspace", "")
    found = Workspace.objects.all() if allowed is None else Workspace.objects.filter(pk__in=allowed)
    named = list(found.filter(name=name) if name else found[:2])
    if len(named) != 1:
        raise InvalidInput("Name the workspace that the view is for, one in which you contribute.")
    return named[0]
