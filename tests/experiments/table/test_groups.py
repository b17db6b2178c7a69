"""Groups have the figures that Python computes, nested runs hang below their parents, views belong to a workspace,
and the search over everything finds no run of others."""

import math
import statistics
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from experiments.models import LatestMetric, RunTag, SavedView
from experiments.selectors.group_figures import figures_add
from experiments.selectors.groups import groups
from experiments.selectors.run_names import runs_named
from experiments.selectors.table_rows import table_page
from experiments.selectors.table_state import TableState, table_query
from experiments.validation.batches import LARGEST_DOUBLE
from portal.accounts.actor import Actor
from portal.kernel.mlflow_errors import ProtocolError
from tests.audit.events import recorded
from tests.experiments.table.conftest import Made

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def test_figures_of_groups(made: list[Made], ann: Any, acting: Callable[..., Actor], experiment: Any) -> None:
    wanted: dict[str | None, list[Made]] = defaultdict(list)
    for each in made:
        if each.run.lifecycle_stage == "active":
            value = each.params.get("text")
            wanted[value if value and len(value) <= 200 else None].append(each)
    state = TableState(experiments=(experiment.pk,), group_by="params.text", order_by="metrics.auc DESC")
    found = groups(acting(ann), state)
    figures_add(acting(ann), state, found, ["auc"])
    assert {group.value: group.runs for group in found} == {
        value: len(runs) for value, runs in wanted.items()
    }
    bests = []
    for group in found:
        values = [
            e.metrics["auc"]
            for e in wanted[group.value]
            if e.metrics.get("auc", float("nan")) == e.metrics.get("auc")
        ]
        figures = group.figures["auc"]
        assert figures.mean == pytest.approx(statistics.mean(values))
        assert figures.std == pytest.approx(statistics.stdev(values))
        assert figures.best == max(values)
        bests.append(figures.best)
    assert bests == sorted(bests, reverse=True)
    # Without an order of a metric: the largest first, by the index of values, as with a filter that finds all.
    counted = [
        groups(acting(ann), replace(state, order_by="", filter=text)) for text in ("", "params.same = 'x'")
    ]
    assert [(each.value, each.runs) for each in counted[0]] == [
        (each.value, each.runs) for each in counted[1]
    ]
    assert {each.value: each.runs for each in counted[0]} == {
        value: len(runs) for value, runs in wanted.items()
    }


# Of all runs and of those of a filter; with the values of all runs, and with those alone that are summed up.
@pytest.mark.parametrize(("asked", "beyond"), [({}, 10), ({}, 0), ({"filter": "params.same = 'x'"}, 10)])
def test_first_figures_are_of_the_newest_runs(
    made: list[Made], ann: Any, acting: Callable[..., Actor], experiment: Any, asked: dict[str, str],
    beyond: int, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("experiments.selectors.group_figures.LOOKED_UP_BEYOND", beyond)
    monkeypatch.setattr("experiments.selectors.group_figures.FEW_VALUES", 0)
    state = TableState(experiments=(experiment.pk,), group_by="params.mixed", **asked)
    found = groups(acting(ann), state)
    figures_add(acting(ann), state, found, ["auc"], newest=6)
    assert len(found) == 4
    for group in found:
        alike = [e for e in made if e.run.lifecycle_stage == "active" and e.params["mixed"] == group.value]
        newest = sorted(alike, key=lambda each: each.run.pk)[-6:]
        values = [e.metrics["auc"] for e in newest if e.metrics.get("auc", math.nan) == e.metrics.get("auc")]
        if group.value == "tree":  # whose runs have none
            assert not group.figures
            continue
        assert group.figures["auc"].mean == pytest.approx(statistics.mean(values))
        assert (group.figures["auc"].best, group.figures["auc"].newest) == (max(values), 6)
    figures_add(acting(ann), state, found, ["auc"], newest=90)
    assert {figures.newest for group in found for figures in group.figures.values()} == {None}


def test_figures_leave_out_what_would_overflow(
    made: list[Made], ann: Any, client: Client, acting: Callable[..., Actor], experiment: Any
) -> None:
    values = [LARGEST_DOUBLE, -LARGEST_DOUBLE, 1e307, 1e307, 1e200, 0.25, 0.75]
    LatestMetric.objects.bulk_create(
        LatestMetric(run=each.run, experiment_id=experiment.pk, key="far", value=value, step=0, timestamp=0)
        for each, value in zip(made, values, strict=False)
    )
    state = TableState(experiments=(experiment.pk,), group_by="params.same")
    (found,) = groups(acting(ann), state)
    figures_add(acting(ann), state, [found], ["far"])
    figures = found.figures["far"]
    assert (figures.mean, figures.best) == (0.5, LARGEST_DOUBLE)
    LatestMetric.objects.filter(key="far", value__lt=1, value__gt=0).delete()
    client.force_login(ann, backend=BACKEND)
    page = client.get(f"/experiments/{experiment.pk}?group_by=params.same&columns=metrics.far").text
    assert "mean –, standard deviation –" in page


def test_many_figures_come_behind_the_page(
    made: list[Made], ann: Any, client: Client, experiment: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(ann, backend=BACKEND)
    at = f"/experiments/{experiment.pk}?group_by=params.mixed&columns=metrics.auc"
    assert "part=figures" not in client.get(at).text
    monkeypatch.setattr("experiments.web.table_context.FIGURES_AT_ONCE", 10)
    monkeypatch.setattr("experiments.selectors.group_figures.VALUES_AT_ONCE", 24)
    page, first, whole = (
        client.get(at + more).text for more in ("", "&part=figures", "&part=figures&of=all")
    )
    assert 'part=figures" hx-trigger' in page
    assert "At first of the newest 6 runs of each group, then of all" in page
    assert "being computed" in page
    assert "part=figures&amp;of=all" in first
    assert "of the newest 6 runs" in first
    assert "hx-get" not in whole
    assert "of the newest" not in whole
    monkeypatch.setattr("experiments.web.table_context.FIGURES_UNASKED", 10)
    assert "hx-get" not in client.get(f"{at}&part=figures").text
    assert 'figures=1">of all runs</a>' in client.get(at).text
    assert "of the newest" not in client.get(f"{at}&figures=1").text


def test_nested_runs_hang_below_their_parent(
    made: list[Made], bob: Any, acting: Callable[..., Actor], experiment: Any
) -> None:
    parent, *children = [each.run for each in made if each.run.lifecycle_stage == "active"][:4]
    for child in children:
        RunTag.objects.create(
            run=child, experiment_id=experiment.pk, key="mlflow.parentRunId", value=parent.pk.hex
        )
    actor = acting(bob)
    top = table_page(
        actor,
        table_query(actor, TableState(experiments=(experiment.pk,), is_tree=True)),
        limit=200,
        is_nested=True,
    )
    counts = {row.id: row.children for row in top.rows}
    assert counts[parent.pk.hex] == 3
    assert not counts.keys() & {child.pk.hex for child in children}
    below = TableState(experiments=(experiment.pk,), facets=(("tags.mlflow.parentRunId", parent.pk.hex),))
    rows = table_page(actor, table_query(actor, below)).rows
    assert {row.id for row in rows} == {child.pk.hex for child in children}
    (group,) = [
        each
        for each in groups(actor, TableState(experiments=(experiment.pk,), group_by="parent"))
        if each.value
    ]
    assert (group.label, group.runs) == (parent.name, 3)


@pytest.mark.django_db(transaction=True)
def test_views_are_kept_for_the_workspace(
    made: list[Made], client: Client, cora: Any, bob: Any, cleo: Any, experiment: Any
) -> None:
    client.force_login(cora, backend=BACKEND)
    state = "filter=metrics.auc+%3E+0.5&order_by=metrics.auc+DESC&page_token=x&columns=params.depth"
    kept = {"experiment": experiment.pk, "name": "good ones", "state": state}
    answer = client.post("/runs/views", kept)
    view = SavedView.objects.get()
    assert view.query == "filter=metrics.auc+%3E+0.5&order_by=metrics.auc+DESC&columns=params.depth"
    assert answer.headers["Location"] == f"/experiments/{experiment.pk}?{view.query}"
    client.post(f"/runs/views/{view.pk}/default")
    client.force_login(bob, backend=BACKEND)
    opened = client.get(f"/experiments/{experiment.pk}")
    assert (opened.status_code, opened.headers["Location"]) == (
        302,
        f"/experiments/{experiment.pk}?{view.query}",
    )
    assert client.get(f"/experiments/{experiment.pk}?view=active").status_code == 200
    client.post(f"/runs/views/{view.pk}/delete")
    assert SavedView.objects.count() == 1
    assert recorded() == [
        ("experiments.view.save", "done"), ("experiments.view.default", "done"), ("experiments.view.delete", "denied"),
    ]  # fmt: skip
    client.force_login(cleo, backend=BACKEND)
    assert client.post(f"/runs/views/{view.pk}/delete").status_code == 404
    assert client.post("/runs/views", kept).status_code == 404


def test_names_and_ids_find_runs_that_are_seen(
    made: list[Made], bob: Any, cleo: Any, aude: Any, acting: Callable[..., Actor]
) -> None:
    run = made[7].run
    for text in (run.name, run.name[2:].upper(), run.pk.hex[:14], str(run.pk)):
        assert run.pk in {each.id for each in runs_named(acting(bob), text, 200)}, text
        assert runs_named(acting(cleo), text, 200) == []
    assert len(runs_named(acting(aude), "otter", 8)) == 8
    assert runs_named(acting(bob), "'); --", 8) == []


@pytest.mark.parametrize("order", ["attributes.nothing ASC", "metrics.a b ASC DESC", "colour.x"])
def test_an_order_that_is_none_is_refused(
    order: str, ann: Any, acting: Callable[..., Actor], experiment: Any
) -> None:
    with pytest.raises(ProtocolError):
        table_query(acting(ann), TableState(experiments=(experiment.pk,), order_by=order))
