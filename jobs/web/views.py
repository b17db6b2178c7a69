"""The list of jobs, and one job with what can be done to it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from jobs import selectors
from jobs.models import STATES, JobQueue, JobRun
from jobs.registry import JOB_KINDS
from jobs.services.runs import job_cancel, job_prioritise, job_retry
from jobs.web.forms import PriorityForm, ReasonForm, cleaned
from jobs.web.tables import JOBS
from portal import access
from portal.accounts.selectors import workspace_get, workspaces_visible
from portal.answers import PageRequest, act, act_and_go, whole_or_fragment
from portal.api.paging import page_of
from portal.exports import CHUNK, download_asked, table_answer
from portal.routing import page

ON_A_PAGE = 50
_FILTERS = ("state", "kind", "queue", "person", "workspace")


@page("jobs.job.list")
@require_GET
def jobs(request: PageRequest) -> HttpResponse | StreamingHttpResponse:
    """Jobs that the reader sees, newest first."""
    asked = {name: request.GET.get(name, "").strip() for name in _FILTERS}
    token = request.GET.get("page_token", "")
    found = _found(request, asked)
    if form := download_asked(request.GET):
        return table_answer(request, "jobs", form, JOBS, found.iterator(chunk_size=CHUNK))
    rows, next_token = page_of(found, limit=ON_A_PAGE, cursor=token or None)
    context = {
        "rows": rows, "next_token": next_token, "is_first": not token, "asked": asked,
        "is_filtered": any(asked.values()), "states": ("active", *STATES), "kinds": sorted(JOB_KINDS),
        "queues": JobQueue.objects.order_by("name").values_list("name", flat=True),
        "places": workspaces_visible(request.actor), "may_oversee": _may_oversee(request),
        "exports": True,
    }  # fmt: skip
    return whole_or_fragment(request, "jobs/list.html", "jobs/_list.html", context)


@page("jobs.job.read")
@require_GET
def job(request: PageRequest, job_id: UUID) -> HttpResponse:
    """One job; htmx gets the part of it that changes while it runs."""
    run = selectors.job_get(request.actor, job_id)
    kind = JOB_KINDS.get(run.kind)
    context = {
        "job": run, "events": list(run.events.all()), "again": selectors.retries_of(request.actor, run),
        "before": selectors.retried_from(request.actor, run),
        "is_repeatable": kind is not None and kind.is_repeatable and run.state in ("failed", "cancelled"),
        "may_oversee": _may_oversee(request),
    }  # fmt: skip
    return whole_or_fragment(request, "jobs/job.html", "jobs/_facts.html", context)


@page("jobs.job.cancel")
@require_POST
def cancel(request: PageRequest, job_id: UUID) -> HttpResponse:
    """Cancel a job."""
    reason = cleaned(ReasonForm(request.POST))["reason"]
    run = selectors.job_get(request.actor, job_id)
    change = lambda: job_cancel(actor=request.actor, run=run, reason=reason)  # noqa: E731
    said = "The job is cancelled." if run.state == "queued" else "The job was told to stop."
    return _act(request, run, change, said)


@page("jobs.job.retry")
@require_POST
def retry(request: PageRequest, job_id: UUID) -> HttpResponse:
    """Run a job again, and show the new one."""
    run, reason = selectors.job_get(request.actor, job_id), cleaned(ReasonForm(request.POST))["reason"]

    def change() -> str:
        return reverse("job", args=[job_retry(actor=request.actor, run=run, reason=reason).pk])

    return act_and_go(request, change, said="It is asked for again.", otherwise=reverse("job", args=[run.pk]))


@page("jobs.job.prioritise")
@require_POST
def prioritise(request: PageRequest, job_id: UUID) -> HttpResponse:
    """Let a queued job wait before or behind others."""
    run, said = selectors.job_get(request.actor, job_id), cleaned(PriorityForm(request.POST))
    change = lambda: job_prioritise(actor=request.actor, run=run, **said)  # noqa: E731
    return _act(request, run, change, f"Its priority is {said['priority']}.")


def _found(request: PageRequest, asked: dict[str, str]) -> Any:
    names = ("state", "kind", "queue", "person")
    found = selectors.job_list(request.actor, **{name: asked[name] for name in names})
    if asked["workspace"]:
        found = found.filter(workspace=workspace_get(request.actor, asked["workspace"]))
    return found


def _may_oversee(request: PageRequest) -> bool:
    return access.allows(request.actor, "jobs.console.read")


def _act(request: PageRequest, run: JobRun, change: Callable[[], object], said: str) -> HttpResponse:
    return act(request, change, said=said, then=reverse("job", args=[run.pk]))
