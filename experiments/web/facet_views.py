"""Facets beside the runs table: counts of values, each a link that picks it or lets it go."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from experiments.selectors.facets import Facet, facet_counts, facets
from experiments.selectors.table_state import TableState
from experiments.web.table_address import state_of, toggled
from experiments.web.table_views import READ, scope_of
from portal.answers import PageRequest
from portal.kernel.mlflow_errors import ProtocolError
from portal.routing import page

_LABELS = {"attributes.status": "Status", "attributes.owner": "Owner", "model.type": "Model kind"}


@dataclass(frozen=True)
class Value:
    """A value with its count, the address that picks it or lets it go, and its share of the largest, up to 52."""

    text: str
    count: int
    address: str
    is_picked: bool
    share: int


@page(READ)
@require_GET
def run_facets(request: PageRequest) -> HttpResponse:
    """All facets of a state of the table; with `of=params.depth` the values of that one."""
    state, of = (
        state_of(request.GET, scope_of(request.actor, request.GET).experiments),
        request.GET.get("of", ""),
    )
    try:
        if of:
            shown = _shown(request, state, Facet(of, facet_counts(request.actor, state, of)))
            return render(request, "table/_facet_values.html", {"facet": shown})
        found = facets(request.actor, state)
        context = {
            "facets": [_shown(request, state, each) for each in found.facets],
            "count": found.count,
        }
    except ProtocolError as no:
        context = {"error": no.detail}
    return render(request, "table/_facets.html", context)


def _shown(request: PageRequest, state: TableState, facet: Facet) -> dict[str, Any]:
    query = request.GET.copy()
    table = query.pop("table", ["/runs"])[0]
    query.pop("of", None)
    if table.startswith("/experiments/"):
        query.pop("experiment", None)
    picked = state.values_of(facet.field)
    most = max([count for _, count in facet.counts or ()], default=0)
    values = [
        Value(
            value, count, _path(table) + toggled(query, facet.field, value), value in picked,
            round(52 * count / most) if most else 0,
        )
        for value, count in facet.counts or ()
    ]  # fmt: skip
    return {
        "field": facet.field, "label": _LABELS.get(facet.field) or facet.field.partition(".")[2],
        "kind": facet.field.partition(".")[0].rstrip("s"), "values": values, "is_counted": facet.counts is not None,
        "is_open": facet.is_open,
    }  # fmt: skip


def _path(text: str) -> str:
    """Only an address of a table of runs; anything else would let an address lead elsewhere."""
    number = text.removeprefix("/experiments/")
    return text if text != number and number.isdecimal() else "/runs"
