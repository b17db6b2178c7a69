"""Registering a model that a run has logged."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from experiments.models import Run
from experiments.selectors.runs import run_get
from experiments.selectors.web_run import run_models
from portal.answers import PageRequest
from portal.kernel.errors import DomainError, NotFound
from portal.routing import page
from registry.models import ModelVersion
from registry.selectors.models import models_visible
from registry.services.models import NewRegisteredModel, model_create
from registry.services.versions import NewVersion, version_create
from registry.web.forms import RegisterForm

NAMES_OFFERED = 500


@page("registry.version.create")
@require_http_methods(["GET", "POST"])
def register(request: PageRequest, run_id: str) -> HttpResponse:
    """The form for a version from a run, and its making."""
    run = run_get(request.actor, run_id)
    form = RegisterForm(request.POST or None, sources=_sources(request, run), initial=_initial(request))
    if form.is_valid():
        try:
            made = _register(request, run, form.cleaned_data)
        except NotFound:
            raise
        except DomainError as no:
            form.add_error(None, no.detail)
        else:
            messages.success(
                request, f"{made} is being registered: a job reads its files and takes their digests."
            )
            return redirect("version", run.workspace.name, made.model.name, made.version)
    names = models_visible(request.actor).filter(workspace_id=run.workspace_id, is_prompt=False)
    context = {"form": form, "run": run, "names": names.values_list("name", flat=True)[:NAMES_OFFERED]}
    return render(request, "registry/register.html", context)


def _register(request: PageRequest, run: Run, said: dict[str, Any]) -> ModelVersion:
    """Two operations where the name is new: a name without a version is what stays if the second one is refused."""
    models = models_visible(request.actor).filter(workspace_id=run.workspace_id, name=said["name"])
    model = models.first() or model_create(
        actor=request.actor, workspace=run.workspace, new=NewRegisteredModel(name=said["name"])
    )
    source = said["source"]
    new = NewVersion(
        source=source, description=said["description"],
        model_id=source.removeprefix("models:/") if source.startswith("models:/") else None,
        run_id=run.pk.hex,
    )  # fmt: skip
    return version_create(actor=request.actor, model=model, new=new)


def _sources(request: PageRequest, run: Run) -> list[tuple[str, str]]:
    """The logged models that the run made, and the folder `model` of its artifacts, as scripts used to log it."""
    made = [each for each in run_models(request.actor, run) if each.source_run_id == run.pk]
    logged = [(f"models:/{each.pk}", f"{each.name} ({each.pk[:10]}…)") for each in made]
    return [*logged, (f"runs:/{run.pk.hex}/model", "the folder “model” among the run's artifacts")]


def _initial(request: PageRequest) -> dict[str, str]:
    model_id = request.GET.get("model", "")
    return {"source": f"models:/{model_id}"} if model_id else {}
