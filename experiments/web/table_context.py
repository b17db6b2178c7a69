"""What the page of a runs table shows, made from the state in its address."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from experiments.models import Experiment
from experiments.search.table_query import PARENT_TAG
from experiments.search.terms import METRIC, PARAM, TAG
from experiments.selectors.group_figures import figures_add, runs_at_once
from experiments.selectors.groups import Group, groups
from experiments.selectors.table_keys import table_keys_of_all
from experiments.selectors.table_rows import ATTRIBUTES, Page, table_page, usual_columns
from experiments.selectors.table_state import TableState, table_query
from experiments.web.filters import bands, headings, pointer_of
from experiments.web.table_address import changed, toggled
from portal.accounts.selectors import workspaces_visible
from portal.answers import PageRequest
from portal.kernel.mlflow_errors import ProtocolError

PAGE, GROUP_SAMPLE = 50, 20
_GROUP_FACETS = {"parent": f"tags.{PARENT_TAG}", "attributes.user_id": "attributes.owner"}
# Values that are summed up before a page is sent; figures of more come behind it. Those of more again are asked for.
FIGURES_AT_ONCE, FIGURES_UNASKED = 20_000, 1_000_000
GROUPINGS = (
    ("parent", "Parent run or sweep"), ("dataset.name", "Dataset"), ("tags.mlflow.source.git.commit", "Code version"),
    ("attributes.experiment", "Experiment"), ("attributes.status", "Status"), ("attributes.user_id", "Owner"),
)  # fmt: skip


@dataclass(frozen=True)
class Scope:
    """Whose runs a table shows: `key` names it in layouts, `experiment` is set where it is just one."""

    experiments: tuple[int, ...]
    experiment: Experiment | None
    url: str

    @property
    def key(self) -> str:
        return f"experiment:{self.experiment.pk}" if self.experiment else "runs"


def table_context(request: PageRequest, state: TableState, layout: dict[str, Any]) -> dict[str, Any]:
    """The rows or groups that a state asks for, with their heads; or why its filter cannot be read."""
    columns = state.columns or tuple(layout.get("columns", ()))
    pinned = state.pinned or tuple(layout.get("pinned", ()))
    columns = tuple(sorted(columns, key=lambda name: name not in pinned))
    try:
        query = table_query(request.actor, state)
        if state.group_by:
            table = Page([], list(columns) or usual_columns(query, GROUP_SAMPLE), None)
            grouped = group_context(request, state, table.columns)
        else:
            grouped, table = (
                {},
                table_page(
                    request.actor,
                    query,
                    columns=columns,
                    page_token=state.page_token or None,
                    limit=PAGE,
                    is_nested=state.is_nested,
                ),
            )
    except ProtocolError as no:
        pointer = pointer_of(state.filter, no.detail)
        return {"state": state, "error": no.detail, "pointer": pointer, "chips": _chips(request, state)}
    heads = headings(table.columns, state.order_by, pinned)
    heads = [replace(head, next_order=changed(request.GET, order_by=head.next_order)) for head in heads]
    name = headings(["attributes.run_name"], state.order_by)[0]
    return {
        "state": state,
        "table": table,
        **grouped,
        "open_nested": _open_nested(request),
        "headings": heads,
        "bands": bands(heads),
        "chips": _chips(request, state),
        "name_head": replace(name, label="Run", next_order=changed(request.GET, order_by=name.next_order)),
        "columns": table.columns,
    }


def page_context(
    request: PageRequest, scope: Scope, state: TableState, columns: Sequence[str]
) -> dict[str, Any]:
    """What stands around the table: facets, quick and saved views, columns and groups to choose from."""
    choices = _choices(state, columns)
    return {
        "facets_url": _facets_url(request, scope), "quick": _quick(request), "choices": choices,
        "state_query": _state_query(request, scope),
        "group_choices": _group_choices(choices),
        "view_workspaces": [] if scope.experiment else workspaces_visible(request.actor),
    }  # fmt: skip


def _group_choices(choices: list[tuple[str, list[tuple[str, str, bool]]]]) -> list[tuple[str, str]]:
    found = list(GROUPINGS)
    for label, fields in choices:
        if label in ("Params", "Tags"):
            own = [(name, text) for name, text, _ in fields if not text.startswith("mlflow.")]
            found += [(name, f"{label[:-1]} {text}") for name, text in own]
    return found


def group_context(request: PageRequest, state: TableState, columns: Sequence[str]) -> dict[str, Any]:
    """Groups in the columns of the table: figures under metrics, nothing under the others.

    Figures of many runs come behind the page: first those of the newest runs of each group (`part=figures`), then those
    of all (`part=figures&of=all`); those of very many runs when somebody asks (`figures=1`). Raises ProtocolError.
    """
    keys = [name.removeprefix("metrics.") if name.startswith("metrics.") else "" for name in columns]
    metrics, found = [key for key in keys if key], groups(request.actor, state)
    values, newest = sum(group.runs for group in found) * len(metrics), runs_at_once(found, metrics)
    is_behind, is_unasked = request.GET.get("part") == "figures", values <= FIGURES_UNASKED
    is_all = values <= FIGURES_AT_ONCE or "figures" in request.GET or request.GET.get("of") == "all"
    if is_all or is_behind:
        figures_add(request.actor, state, found, metrics, newest=None if is_all else newest)
    awaited = "" if is_all else "newest" if not is_behind else "all" if is_unasked else ""
    return {
        "group_rows": _group_rows(request, state, columns, found, keys), "figures_awaited": awaited,
        "figures_url": changed(request.GET, columns=columns, of=None), "is_unasked": is_unasked,
        "figures_newest": None if is_all else newest,
    }  # fmt: skip


def _group_rows(
    request: PageRequest,
    state: TableState,
    columns: Sequence[str],
    found: Sequence[Group],
    keys: Sequence[str],
) -> list[dict[str, Any]]:
    """Groups with the address of their runs; those without a value, and experiments, no facet asks for."""
    field = _GROUP_FACETS.get(state.group_by, state.group_by)
    rest = {
        "facet": [f"{name}={text}" for name, text in state.facets if name != field],
        "status": None, "group_by": None, "figures": None, "of": None,
    }  # fmt: skip
    runs, opened = (changed(request.GET, **rest, **more) for more in ({}, {"columns": columns}))
    rows = []
    for group in found:
        is_facet = group.value is not None and field != "attributes.experiment"
        pick = urlencode({"facet": f"{field}={group.value}"}) if is_facet else ""
        rows.append({
            "label": group.label, "runs": group.runs, "cells": [group.figures.get(key) for key in keys],
            "address": pick and f"{runs}{'&' if runs != '?' else ''}{pick}",
            "open": pick and f"{opened}&{pick}&part=rows",
        })  # fmt: skip
    return rows


def _open_nested(request: PageRequest) -> str:
    """The address of the rows nested in a run, to which the run's id is added."""
    query = request.GET.copy()
    for name in ("filter", "q", "facet", "only", "since", "group_by", "page_token"):
        query.pop(name, None)
    query["tree"], query["part"] = "below", "rows"
    return f"?{query.urlencode()}&facet=tags.{PARENT_TAG}%3D"


def _choices(state: TableState, shown: Sequence[str]) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """The columns to choose from, by kind: field, label, whether it is shown. Those shown keep their order."""
    groups = [("Attributes", [(f"attributes.{key}", label) for key, (label, _) in ATTRIBUTES.items()])]
    keys = table_keys_of_all(state.experiments)
    for label, entity, prefix in (
        ("Metrics", METRIC, "metrics"),
        ("Params", PARAM, "params"),
        ("Tags", TAG, "tags"),
    ):
        groups.append((label, [(f"{prefix}.{key}", key) for key in keys[entity]]))
    return [(label, [(name, text, name in shown) for name, text in fields]) for label, fields in groups]


def _chips(request: PageRequest, state: TableState) -> list[tuple[str, str]]:
    """What narrows the table, each with the address without it."""
    query = request.GET
    chips = [
        (f"{name.partition('.')[2]}: {value}", toggled(query, name, value)) for name, value in state.facets
    ]
    if state.text:
        chips.append((f"“{state.text}”", changed(query, q=None)))
    if state.only:
        chips.append(({"mine": "my runs", "starred": "starred"}[state.only], changed(query, only=None)))
    if state.since:
        chips.append(({"today": "today", "week": "last 7 days"}[state.since], changed(query, since=None)))
    if state.is_tree:
        chips.append(("nested", changed(query, tree=None)))
    return chips


def _facets_url(request: PageRequest, scope: Scope) -> str:
    query = request.GET.copy()
    if scope.experiment:
        query["experiment"] = str(scope.experiment.pk)
    query["table"] = scope.url
    query.pop("page_token", None)
    return f"{reverse('runs-facets')}?{query.urlencode()}"


def _state_query(request: PageRequest, scope: Scope) -> str:
    """The state with its scope, for acts on all that it finds."""
    query = request.GET.copy()
    if scope.experiment:
        query["experiment"] = str(scope.experiment.pk)
    query.pop("page_token", None)
    return query.urlencode()


def _quick(request: PageRequest) -> list[tuple[bool, str, str]]:
    """Views that everybody has: whether it is on, the address that turns it on or off, its name."""
    query, status = request.GET, request.GET.getlist("facet")
    failed, running = "attributes.status=FAILED", "attributes.status=RUNNING"
    is_mine, is_starred = query.get("only") == "mine", query.get("only") == "starred"
    is_failed = query.get("since") == "today" and status == [failed]
    is_running, is_deleted = status == [running] and not query.get("since"), query.get("view") == "deleted"
    today = changed(
        query, status=None, since=None if is_failed else "today", facet=None if is_failed else failed
    )
    return [
        (is_mine, changed(query, only=None if is_mine else "mine"), "my runs"),
        (is_starred, changed(query, only=None if is_starred else "starred"), "starred"),
        (is_running, changed(query, status=None, since=None, facet=None if is_running else running), "running now"),
        (is_failed, today, "failed today"),
        (is_deleted, changed(query, view=None if is_deleted else "deleted"), "deleted"),
    ]  # fmt: skip
