"""The runs table of an experiment, of several, and of whole workspaces."""

import json
from typing import Any

from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from experiments.search.terms import METRIC, PARAM, TAG
from experiments.selectors.browsing import layout_of, view_by_default, views_of
from experiments.selectors.experiments import experiment_get, experiments_visible
from experiments.selectors.runs import runs_visible
from experiments.selectors.table_keys import table_keys, table_values
from experiments.selectors.table_rows import table_rows
from experiments.services.browsing import layout_save
from experiments.web.table_address import has_state, state_of
from experiments.web.table_context import Scope, group_context, page_context, table_context
from portal.accounts.actor import Actor
from portal.answers import PageRequest
from portal.kernel.errors import InvalidInput
from portal.routing import page

READ = "experiments.run.read"
LIVE_AT_MOST = 200
_NUMBER_DIGITS = 18


def scope_of(actor: Actor, query: QueryDict, experiment_id: int | None = None) -> Scope:
    """The experiment of a page, else those that the address names, else all active ones that the actor sees.

    `experiment=7` may stand in the address several times, and so may `workspace=name`.
    """
    if experiment_id is not None:
        found = experiment_get(actor, str(experiment_id))
        return Scope((found.pk,), found, reverse("experiment", args=[found.pk]))
    named = [
        int(text) for text in query.getlist("experiment") if text.isdecimal() and len(text) <= _NUMBER_DIGITS
    ]
    experiments = experiments_visible(actor)
    experiments = experiments.filter(pk__in=named) if named else experiments.filter(lifecycle_stage="active")
    if query.getlist("workspace"):
        experiments = experiments.filter(workspace__name__in=query.getlist("workspace"))
    return Scope(tuple(experiments.order_by("pk").values_list("pk", flat=True)), None, reverse("runs"))


@page(READ)
@require_GET
def runs(request: PageRequest) -> HttpResponse:
    """The runs of several experiments, or of all that the reader sees."""
    return table_answer(request, scope_of(request.actor, request.GET), {})


def table_answer(request: PageRequest, scope: Scope, more: dict[str, Any]) -> HttpResponse:
    """The table as a whole page; with `part=rows` only the rows of a page of it, for a table that grows; with
    `part=figures` only its groups with their figures."""
    state = state_of(request.GET, scope.experiments)
    views = views_of(request.actor, scope.experiment)
    default = None if has_state(request.GET) else view_by_default(views)
    if default is not None and default.query:
        return redirect(f"{scope.url}?{default.query}")
    layout = layout_of(request.actor, scope.key)
    if request.GET.get("part") == "figures":
        return render(request, "table/_groups.html", group_context(request, state, state.columns))
    if request.GET.get("part") == "rows":
        return render(request, "table/_body.html", table_context(request, state, layout))
    context = {
        "scope": scope,
        "layout": layout,
        "saved_views": views,
        **table_context(request, state, layout),
        **more,
    }
    shown = context.get("columns", state.columns)
    return render(request, "table/page.html", context | page_context(request, scope, state, shown))


@page(READ)
@require_GET
def run_rows(request: PageRequest) -> HttpResponse:
    """The rows of runs that the address names, as they are now."""
    ids = runs_visible(request.actor, request.GET.getlist("run")[:LIVE_AT_MOST])
    columns = state_of(request.GET).columns
    context = {"rows": table_rows(request.actor, ids, columns)}
    return render(request, "table/_body.html", {"table": context, "open_nested": ""})


@page(READ)
@require_GET
def run_completions(request: PageRequest) -> HttpResponse:
    """Keys of `of=metrics|params|tags`, or values of a field `of=params.lr`, that begin with `start`."""
    scope, wanted = scope_of(request.actor, request.GET), request.GET.get("of", "")
    start = request.GET.get("start", "")[:200]
    if "\0" in wanted + start:
        raise InvalidInput("A key or value has no zero byte.")
    entity = {"metrics": METRIC, "params": PARAM, "tags": TAG}.get(wanted)
    if entity:
        return JsonResponse({"found": table_keys(scope.experiments, entity, start, 12)})
    return JsonResponse({"found": table_values(scope.experiments, wanted, start)})


@page("experiments.layout.save")
@require_POST
def runs_layout(request: PageRequest) -> HttpResponse:
    """Keep the reader's own layout of a table: `{"scope": …, "columns": […], "pinned": […], "widths": {…}}`."""
    try:
        body = json.loads(request.body) if request.content_type == "application/json" else None
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise InvalidInput("A layout is sent as a JSON object.")
    layout_save(actor=request.actor, scope=str(body.get("scope", "")), body=body)
    return HttpResponse(status=204)
