"""Writing pipelines in the browser: a text, checked as a whole, with the graph that it means beside it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from portal import access
from portal.accounts.selectors import workspace_get, workspaces_visible
from portal.answers import PageRequest
from portal.kernel.errors import DomainError, NotFound
from portal.routing import page
from training.pipelines.drawing import pipeline_drawing
from training.pipelines.reading import document_parse
from training.selectors.pipelines import pipeline_get, pipeline_version
from training.services.pipelines import SAVE, pipeline_save
from training.web.pipeline_words import EXAMPLE, version_text

LOOK = "look"


@page(SAVE)
@require_http_methods(["GET", "POST"])
def pipeline_new(request: PageRequest) -> HttpResponse:
    """A new pipeline, beginning with an example that runs everywhere."""
    places = [
        each.name for each in workspaces_visible(request.actor) if access.allows(request.actor, SAVE, each)
    ]
    first = places[0] if places else ""
    return _edited(request, {"places": places, "name": "", "text": EXAMPLE, "workspace": first})


@page(SAVE)
@require_http_methods(["GET", "POST"])
def pipeline_edit(request: PageRequest, pipeline_id: UUID) -> HttpResponse:
    """A new version of a pipeline."""
    found = pipeline_get(request.actor, pipeline_id)
    text = version_text(pipeline_version(found))
    context = {"pipeline": found, "name": found.name, "workspace": found.workspace.name, "text": text}
    return _edited(request, context)


def _edited(request: PageRequest, context: dict[str, Any]) -> HttpResponse:
    """The form; saved where it is whole, and else what is wrong with it."""
    problem, status, document = "", 200, None
    if request.method == "POST":
        context |= {"text": request.POST.get("text", "")}
        if "pipeline" not in context:
            context |= {name: request.POST.get(name, "").strip() for name in ("name", "workspace")}
    try:
        document = document_parse(context["text"])
        if request.method == "POST" and request.POST.get("go") != LOOK:
            workspace = workspace_get(request.actor, context["workspace"])
            made = pipeline_save(
                actor=request.actor, workspace=workspace, name=context["name"], document=document,
                source=context["text"],
            )  # fmt: skip
            messages.success(request, f"{made.pipeline} is saved as version {made.number}.")
            return redirect("pipeline", made.pipeline_id)
    except NotFound:
        raise
    except DomainError as no:
        problem, status = no.detail, no.status
    drawing = pipeline_drawing(document) if document is not None else None
    shown = {**context, "problem": problem, "drawing": drawing}
    return render(request, "training/pipelines/edit.html", shown, status=status)
