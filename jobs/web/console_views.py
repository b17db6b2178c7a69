"""The console of jobs: queues, workers, quotas, and what went wrong. Operators act, auditors look."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from jobs import standing
from jobs.models import SYSTEM_QUEUE, JobQueue
from jobs.services.queues import (
    ALL_QUEUES,
    queue_create,
    queue_pause,
    queue_resume,
    queue_update,
    quota_remove,
    quota_set,
)
from jobs.web.forms import LimitsForm, QueueForm, QuotaForm, QuotaPlaceForm, ReasonForm, cleaned
from portal import access
from portal.accounts.models import Workspace
from portal.accounts.selectors import workspace_get, workspaces_visible
from portal.answers import PageRequest, act, whole_or_fragment
from portal.routing import page


@page("jobs.console.read")
@require_GET
def console(request: PageRequest) -> HttpResponse:
    """How the work of the portal stands, over all workspaces."""
    trouble = standing.trouble(request.actor)
    context = {
        "queues": standing.queue_standings(), "workers": standing.worker_standings(request.actor),
        "quotas": standing.quotas_visible(request.actor).order_by("workspace__name", "queue"),
        "trouble": trouble, "may_act": access.allows(request.actor, "jobs.queue.update"),
        "places": workspaces_visible(request.actor), "all_queues": ALL_QUEUES, "system": SYSTEM_QUEUE,
    }  # fmt: skip
    return whole_or_fragment(request, "jobs/console.html", "jobs/_console.html", context)


@page("jobs.queue.create")
@require_POST
def queue_new(request: PageRequest) -> HttpResponse:
    """Make a queue."""
    said = cleaned(QueueForm(request.POST))
    said.pop("reason")
    return _act(
        request, lambda: queue_create(actor=request.actor, **said), f"There is a queue {said['name']}."
    )


@page("jobs.queue.update")
@require_POST
def queue_change(request: PageRequest, name: str) -> HttpResponse:
    """Its priority, and how many of its jobs run at once."""
    said, queue = cleaned(LimitsForm(request.POST)), standing.queue_get(name)
    reason = said.pop("reason")
    change = lambda: queue_update(actor=request.actor, queue=queue, change=said, reason=reason)  # noqa: E731
    return _act(request, change, f"The queue {name} is changed.")


@page("jobs.queue.pause")
@require_POST
def queue_stop(request: PageRequest, name: str) -> HttpResponse:
    """Let nothing of it start."""
    reason, queue = cleaned(ReasonForm(request.POST))["reason"], standing.queue_get(name)
    change = lambda: queue_pause(actor=request.actor, queue=queue, reason=reason)  # noqa: E731
    return _act(request, change, f"The queue {name} is paused. What runs goes on.")


@page("jobs.queue.resume")
@require_POST
def queue_go(request: PageRequest, name: str) -> HttpResponse:
    """Let it go on."""
    reason, queue = cleaned(ReasonForm(request.POST))["reason"], standing.queue_get(name)
    change = lambda: queue_resume(actor=request.actor, queue=queue, reason=reason)  # noqa: E731
    return _act(request, change, f"The queue {name} goes on.")


@page("jobs.quota.set")
@require_POST
def quota_keep(request: PageRequest) -> HttpResponse:
    """Limit a workspace."""
    said = cleaned(QuotaForm(request.POST))
    workspace, queue = _place(request, said)
    change = lambda: quota_set(actor=request.actor, workspace=workspace, queue=queue, **said)  # noqa: E731
    return _act(request, change, f"{workspace} has a quota.")


@page("jobs.quota.remove")
@require_POST
def quota_drop(request: PageRequest) -> HttpResponse:
    """Lift a limit."""
    said = cleaned(QuotaPlaceForm(request.POST))
    workspace, queue = _place(request, said)
    quota = standing.quota_get(workspace, queue)
    change = lambda: quota_remove(actor=request.actor, quota=quota, reason=said["reason"])  # noqa: E731
    return _act(request, change, f"{workspace} has no such quota any more.")


def _place(request: PageRequest, said: dict[str, Any]) -> tuple[Workspace, JobQueue | None]:
    queue = said.pop("queue")
    workspace = workspace_get(request.actor, said.pop("workspace"))
    return workspace, None if queue == ALL_QUEUES else standing.queue_get(queue)


def _act(request: PageRequest, change: Callable[[], object], said: str) -> HttpResponse:
    return act(request, change, said=said, then=reverse("jobs-console"))
