"""Pages of experiments: the list, the runs table, making, deleting and restoring."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from experiments.models.run import RUN_STATUSES
from experiments.selectors.experiments import experiment_get
from experiments.selectors.web_experiments import experiment_rows
from experiments.selectors.web_runs import experiment_keys, run_count, runs_page
from experiments.services.experiments import experiment_create, experiment_delete, experiment_restore
from experiments.web.filters import TableState, column_field, heading, pointer_of
from experiments.web.forms import ExperimentForm
from portal import access
from portal.answers import PageRequest, act, whole_or_fragment
from portal.kernel.errors import DomainError
from portal.kernel.mlflow_errors import ProtocolError
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
    found = experiment_get(request.actor, str(experiment_id))
    state = TableState.of(request.GET)
    context: dict[str, Any] = {
        "experiment": found,
        "state": state,
        "statuses": RUN_STATUSES,
        "is_first": not state.page_token,
    }
    context |= _table(request, found, state)
    if not request.headers.get("HX-Request"):
        context |= _page_extras(request, found)
    return whole_or_fragment(request, "experiments/detail.html", "experiments/_runs.html", context)


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


def _table(request: PageRequest, found: Any, state: TableState) -> dict[str, Any]:
    try:
        table = runs_page(
            request.actor, found, filter_string=state.whole_filter, order_by=state.order_by,
            view_type=state.view_type, columns=state.columns, page_token=state.page_token or None,
        )  # fmt: skip
    except ProtocolError as no:
        return {"error": no.detail, "pointer": pointer_of(state.filter, no.detail)}
    return {"table": table, "headings": _headings(state, table.metric_keys, table.param_keys)}


def _headings(state: TableState, metric_keys: list[str], param_keys: list[str]) -> dict[str, Any]:
    order = state.order_by or "attributes.start_time DESC"
    fixed = (
        ("Run", "run_name", False),
        ("Status", "status", False),
        ("Owner", "user_id", False),
        ("Started", "start_time", True),
    )
    return {
        "fixed": [
            heading(label, f"attributes.{key}", order, is_number=is_time) for label, key, is_time in fixed
        ],
        "metrics": [
            heading(key, column_field("metrics", key), order, kind="metric", is_number=True)
            for key in metric_keys
        ],
        "params": [heading(key, column_field("params", key), order, kind="param") for key in param_keys],
    }


def _page_extras(request: PageRequest, found: Any) -> dict[str, Any]:
    return {
        "count": run_count(found),
        "metric_choices": experiment_keys(found, "metrics"),
        "param_choices": experiment_keys(found, "params"),
        "may_delete": access.allows(request.actor, "experiments.experiment.delete", found),
    }
