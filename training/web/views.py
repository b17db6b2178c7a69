"""The list of trainings, and one of them."""

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from jobs.services.runs import job_cancel
from portal import access
from portal.accounts.selectors import workspaces_visible
from portal.answers import PageRequest, act, whole_or_fragment
from portal.routing import page
from training.models import PipelineStep, TrainingJob
from training.selectors.jobs import training_get
from training.selectors.lock_reading import lock_packages
from training.selectors.web_jobs import training_rows
from training.selectors.web_training import training_family, training_steps, training_what, waiting_before
from training.services.clones import training_clone
from training.services.jobs import SUBMIT
from training.web.submit_spec import text_of_spec
from training.work.differences import diff_lines

SNIPPET = """curl -O {url}/cli/portal.py
export PORTAL_TOKEN=…            # made under {url}/tokens
python portal.py submit job.yaml --code . --follow
python portal.py sweep sweep.yaml --code . --follow
python portal.py pipeline nightly.yaml --follow"""
TERMINAL = """curl -O {url}/cli/portal.py && export PORTAL_TOKEN=…
python portal.py logs {training} -f
python portal.py cancel {training}

# over the API: its log, and the same again with another value
curl -H "Authorization: Bearer $PORTAL_TOKEN" '{url}/api/v1/jobs/{job}/logs?follow=1'
curl -H "Authorization: Bearer $PORTAL_TOKEN" {url}/api/v1/training-jobs/{training}/clones \\
     --json '{{"changes": {{"parameters": {{"c": 0.1}}}}}}'"""
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
        "snippet": SNIPPET.format(url=settings.PORTAL_URL),
    }  # fmt: skip
    return whole_or_fragment(request, "training/list.html", "training/_list.html", context)


@page("training.job.read")
@require_GET
def training(request: PageRequest, training_id: UUID) -> HttpResponse:
    """One training; htmx gets the part of it that changes while it runs."""
    found = training_get(request.actor, training_id)
    kind, what = training_what(found)
    context = {
        "training": found, "job": found.job, "steps": training_steps(found), "kind": kind, "what": what,
        "before": waiting_before(found.job), "family": training_family(request.actor, found),
        "packages": len(lock_packages(found.environment.lock)) if found.environment else 0,
        "dirty": diff_lines(found.code.diff if found.code else ""), "spec_text": text_of_spec(found.spec),
        "step": _step(found),
        "terminal": TERMINAL.format(url=settings.PORTAL_URL, training=found.pk, job=found.job_id),
    }  # fmt: skip
    return whole_or_fragment(request, "training/training.html", "training/_training.html", context)


def _step(training: TrainingJob) -> PipelineStep | None:
    """The step of a pipeline for which it was begun."""
    steps = PipelineStep.objects.filter(training=training).select_related("run__version__pipeline")
    return steps.order_by("id").first()


@page("training.job.clone")
@require_POST
def again(request: PageRequest, training_id: UUID) -> HttpResponse:
    """Run the same again: the same code, packages and parameters."""
    found = training_get(request.actor, training_id)
    return act(
        request, lambda: training_clone(actor=request.actor, training=found, changes={}),
        said="The same is run again; it stands at the top of the list.", then=reverse("trainings"),
    )  # fmt: skip


@page("jobs.job.cancel")
@require_POST
def cancel(request: PageRequest, training_id: UUID) -> HttpResponse:
    """End a training that waits or runs."""
    found = training_get(request.actor, training_id)
    reason = request.POST.get("reason", "").strip()[:500]
    return act(
        request, lambda: job_cancel(actor=request.actor, run=found.job, reason=reason),
        said="It is cancelled." if found.job.state == "queued" else "It was told to stop.",
        then=reverse("training", args=[found.pk]),
    )  # fmt: skip
