"""What people keep while they look at runs: their layouts, and the views saved in their workspaces."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from experiments.models import Experiment, Run, RunSet, RunsLayout, SavedView
from portal.accounts.actor import Actor
from portal.kernel.errors import NotFound
from portal.kernel.instances import instances


def layout_of(actor: Actor, scope: str) -> dict[str, Any]:
    """How the actor laid out a table; empty where they never did."""
    if actor.user_id is None:
        return {}
    found = instances(RunsLayout, "scope = %s AND user_id = %s", (scope, actor.user_id))
    return found[0].body if found else {}


def views_of(actor: Actor, experiment: Experiment | None) -> QuerySet[SavedView]:
    """The views saved for an experiment, or for the tables of whole workspaces, by name."""
    views = SavedView.objects.filter(experiment=experiment).select_related("workspace", "created_by")
    if actor.workspace_ids is not None:
        views = views.filter(workspace_id__in=actor.workspace_ids)
    return views.order_by("-is_default", "name")


def view_get(actor: Actor, view_id: UUID) -> SavedView:
    """One saved view. Raises NotFound, too, where the actor does not see it."""
    views = SavedView.objects.select_related("workspace", "experiment")
    if actor.workspace_ids is not None:
        views = views.filter(workspace_id__in=actor.workspace_ids)
    found = views.filter(pk=view_id).first()
    if found is None:
        raise NotFound("There is no such view, or you may not see it.")
    return found


def view_by_default(views: Iterable[SavedView]) -> SavedView | None:
    """The view that a table opens with, of those saved for it; of whole workspaces only where there is just one."""
    found = [view for view in views if view.is_default]
    return found[0] if len(found) == 1 else None


def run_sets_of(run: Run, limit: int = 20) -> list[str]:
    """The sets of runs, as the audit log names them, that acts on many were about and that this run was in."""
    found = RunSet.objects.filter(run_ids__contains=[run.pk]).order_by("-created_at")
    return [key.hex for key in found.values_list("pk", flat=True)[:limit]]
