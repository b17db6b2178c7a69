"""Pages of experiments: the list, the runs table, making, deleting and restoring."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from experiments.selectors.experiments import experiment_get
from experiments.selectors.web_experiments import experiment_rows, summary_of
from experiments.services.experiments import experiment_create, experiment_delete, experiment_restore
from experiments.web.forms import ExperimentForm
from experiments.web.table_views import scope_of, table_answer
from portal import access
from portal.answers import PageRequest, act, whole_or_fragment
from portal.kernel.errors import DomainError
from portal.routing import page

CREATE = "experiments.experiment.create"


@page("experiments.experiment.read")
@require_GET
def experiments(request: PageRequest) -> HttpResponse:
    """All experiments that the reader sees."""
    text, token = request.GET.get("q", "").strip(), request.GET.get("page_token", "")
    stage = "deleted" if request.GET.get("view") == "deleted" else "active"
    rows, next_token = experiment_rows(request.actor, text=text, stage=stage, page_token=token)
    context = {
        "rows": rows, "next_token": next_token, "text": text, "stage": stage, "is_first": not token,
        "may_create": access.workspaces_allowing(request.actor, CREATE) != [],
    }  # fmt: skip
    return whole_or_fragment(request, "experiments/list.html", "experiments/_list.html", context)


@page(CREATE)
@require_http_methods(["GET", "POST"])
def experiment_new(request: PageRequest) -> HttpResponse:
    """The form for an experiment, and its making."""
    form = ExperimentForm(request.POST or None, actor=request.actor)
    if form.is_valid():
        try:
            made = experiment_create(actor=request.actor, **form.cleaned_data)
        except DomainError as no:
            form.add_error("name", no.detail)
        else:
            return redirect("experiment", made.pk)
    return render(request, "experiments/new.html", {"form": form})


@page("experiments.run.read")
@require_GET
def experiment(request: PageRequest, experiment_id: int) -> HttpResponse:
    """The runs of an experiment as a table."""
    scope = scope_of(request.actor, request.GET, experiment_id)
    found = scope.experiment
    more: dict[str, Any] = {
        "experiment": found,
        "may_delete": access.allows(request.actor, "experiments.experiment.delete", found),
    }
    if found is not None and "part" not in request.GET:
        more["summary"] = summary_of(found)
    return table_answer(request, scope, more)


@page("experiments.experiment.delete")
@require_POST
def experiment_remove(request: PageRequest, experiment_id: int) -> HttpResponse:
    """Delete an experiment; it can be restored."""
    found = experiment_get(request.actor, str(experiment_id))
    said = f"{found.name} is deleted. You find it under Deleted, from where it can be restored."
    return act(
        request,
        lambda: experiment_delete(actor=request.actor, experiment=found),
        said=said,
        then="experiments",
    )


@page("experiments.experiment.restore")
@require_POST
def experiment_bring_back(request: PageRequest, experiment_id: int) -> HttpResponse:
    """Restore a deleted experiment with its runs."""
    found = experiment_get(request.actor, str(experiment_id))
    change = lambda: experiment_restore(actor=request.actor, experiment=found)  # noqa: E731
    return act(request, change, said=f"{found.name} is restored.", then=f"/experiments/{found.pk}")
