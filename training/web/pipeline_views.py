"""Pipelines and their runs in the browser."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from portal import access
from portal.accounts.selectors import workspaces_visible
from portal.answers import PageRequest, act, act_and_go, whole_or_fragment
from portal.kernel.errors import InvalidInput
from portal.routing import page
from training.models import Pipeline, PipelineVersion
from training.pipelines.drawing import pipeline_drawing
from training.pipelines.schedules import cron_words
from training.selectors.pipelines import (
    pipeline_get,
    pipeline_run_get,
    pipeline_version,
    pipelines_visible,
    runs_visible,
    schedules_visible,
    triggers_visible,
)
from training.services.pipelines import (
    CANCEL,
    RESUME,
    RUN,
    SAVE,
    pipeline_begin,
    pipeline_cancel,
    pipeline_resume,
)
from training.web.pipeline_words import step_rows, version_text

ROWS = 50
RUNS_SHOWN = 20
SAID = "parameter."


@page("training.pipeline.list")
@require_GET
def pipelines(request: PageRequest) -> HttpResponse:
    """The pipelines that the reader sees, newest first."""
    text, workspace = (request.GET.get(name, "").strip() for name in ("text", "workspace"))
    found = pipelines_visible(request.actor)
    found = found.filter(name__icontains=text) if text else found
    found = found.filter(workspace__name=workspace) if workspace else found
    shown = Paginator(found, ROWS).get_page(request.GET.get("page"))
    context = {
        "text": text, "workspace": workspace, "rows": shown, "workspaces": workspaces_visible(request.actor),
        "may_save": access.workspaces_allowing(request.actor, SAVE) != [],
    }  # fmt: skip
    return whole_or_fragment(
        request, "training/pipelines/list.html", "training/pipelines/_list.html", context
    )


@page("training.pipeline.read")
@require_GET
def pipeline(request: PageRequest, pipeline_id: UUID) -> HttpResponse:
    """One pipeline: its graph, how to run it, what starts it, and its last runs."""
    found = pipeline_get(request.actor, pipeline_id)
    version = version_said(found, request.GET)
    runs = runs_visible(request.actor).filter(version__pipeline=found)
    context = {
        "pipeline": found, "version": version, "drawing": pipeline_drawing(version.document),
        "numbers": list(found.versions.order_by("-number").values_list("number", flat=True)[:RUNS_SHOWN]),
        "runs": list(runs[:RUNS_SHOWN]), "text": version_text(version),
        "schedules": [
            (each, cron_words(each.cron)) for each in schedules_visible(request.actor).filter(pipeline=found)
        ],
        "triggers": list(triggers_visible(request.actor).filter(pipeline=found)),
    }  # fmt: skip
    return whole_or_fragment(
        request, "training/pipelines/pipeline.html", "training/pipelines/_runs.html", context
    )


@page(RUN)
@require_POST
def begin(request: PageRequest, pipeline_id: UUID) -> HttpResponse:
    """Run the version that the form was of, with its parameters."""
    found = pipeline_get(request.actor, pipeline_id)
    return act_and_go(
        request, lambda: _begun(request, found), said="The run begins.",
        otherwise=reverse("pipeline", args=[found.pk]),
    )  # fmt: skip


@page("training.pipeline_run.read")
@require_GET
def run(request: PageRequest, run_id: UUID) -> HttpResponse:
    """One run as a graph and as a table; htmx gets the part that changes while it runs."""
    found = pipeline_run_get(request.actor, run_id)
    steps = list(found.steps.all())
    context = {
        "run": found, "pipeline": found.version.pipeline, "steps": step_rows(found.version.document, steps),
        "drawing": pipeline_drawing(found.version.document, steps),
    }  # fmt: skip
    return whole_or_fragment(request, "training/pipelines/run.html", "training/pipelines/_run.html", context)


@page(CANCEL)
@require_POST
def cancel(request: PageRequest, run_id: UUID) -> HttpResponse:
    """Begin no more steps and cancel those that run."""
    found = pipeline_run_get(request.actor, run_id)
    return act(
        request, lambda: pipeline_cancel(actor=request.actor, run=found, reason=request.POST.get("reason", "")[:500]),
        said="No more steps begin, and those that run are cancelled.", then=reverse("pipeline-run", args=[run_id]),
    )  # fmt: skip


@page(RESUME)
@require_POST
def resume(request: PageRequest, run_id: UUID) -> HttpResponse:
    """Go on where it failed or was cancelled."""
    found = pipeline_run_get(request.actor, run_id)
    return act(
        request, lambda: pipeline_resume(actor=request.actor, run=found),
        said="It goes on with the steps that did not succeed.", then=reverse("pipeline-run", args=[run_id]),
    )  # fmt: skip


def _begun(request: PageRequest, found: Pipeline) -> str:
    version = version_said(found, request.POST)
    made = pipeline_begin(
        actor=request.actor, pipeline=found, version=version,
        parameters=parameters_said(request.POST, version.document), is_cached="is_cached" in request.POST,
    )  # fmt: skip
    return reverse("pipeline-run", args=[made.pk])


def version_said(found: Pipeline, given: QueryDict) -> PipelineVersion:
    """The version that a reader has before them: what somebody saved meanwhile is not what they agree to."""
    number = given.get("version", "")
    return pipeline_version(found, int(number) if number.isdecimal() and len(number) < 6 else None)


def parameters_said(given: QueryDict, document: dict[str, Any]) -> dict[str, Any]:
    """The parameters of a form, each as its default is; what is empty keeps the default. Raises InvalidInput."""
    said = {
        name: (given.get(f"{SAID}{name}", "").strip(), default)
        for name, default in document["parameters"].items()
    }
    return {name: _read(name, text, default) for name, (text, default) in said.items() if text}


def _read(name: str, text: str, default: Any) -> Any:
    if text.startswith("${{"):
        return text
    try:
        if isinstance(default, bool):
            return {"true": True, "false": False}[text.lower()]
        if isinstance(default, (int, float)):
            return (
                float(text) if isinstance(default, float) or not text.lstrip("-").isdecimal() else int(text)
            )
    except (KeyError, ValueError):
        what = "true or false" if isinstance(default, bool) else "a number"
        raise InvalidInput(f"{name}: {text[:60]} is not {what}.", code="invalid_parameters") from None
    return text
