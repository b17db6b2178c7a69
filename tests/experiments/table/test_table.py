"""The runs table: any order, page by page, is the order that Python makes; facets and words are what Python counts."""

from collections import Counter
from collections.abc import Callable
from itertools import combinations, cycle
from typing import Any

import pytest

from experiments.models import LatestMetric
from experiments.selectors import table_search
from experiments.selectors.facets import facet_counts, facets
from experiments.selectors.table_rows import table_page, table_rows
from experiments.selectors.table_state import TableState, table_query
from experiments.validation.batches import LARGEST_DOUBLE
from portal.accounts.actor import Actor
from portal.kernel.mlflow_errors import ProtocolError
from tests.experiments.table.conftest import Made

pytestmark = pytest.mark.django_db
LIMIT = 7


@pytest.fixture
def ann_acts(ann: Any, acting: Callable[..., Actor]) -> Actor:
    return acting(ann)


def pages(actor: Actor, state: TableState) -> list[str]:
    """The ids of all pages in their order."""
    ids: list[str] = []
    token = None
    for _ in range(40):
        page = table_page(actor, table_query(actor, state), page_token=token, limit=LIMIT)
        ids += [row.id for row in page.rows]
        token = page.next_token
        if token is None:
            return ids
    raise AssertionError("The pages do not end.")


def number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def rank(each: Made, field: str) -> tuple[int, Any]:
    """The part of the table that a run is in, and its value there."""
    kind, _, key = field.partition(".")
    if kind == "attributes":
        run = each.run
        duration = None if run.end_time is None else run.end_time - run.start_time
        value = {"run_name": run.name, "user_id": run.user_name, "duration": duration}.get(
            key, getattr(run, key, None)
        )
        return (1, 0) if value is None else (0, value)
    value = getattr(each, kind).get(key)
    if value is None:
        return 3, 0
    if kind == "metrics":
        return (1, 0) if value != value else (0, value)
    if kind == "params" and number(value) is not None:
        return 0, number(value)
    return (1, value) if len(value) <= 200 else (2, value[:200])


FIELDS = [
    "metrics.auc", "metrics.absent", "params.depth", "params.same", "params.mixed", "params.text", "tags.team",
    "attributes.run_name", "attributes.status", "attributes.user_id", "attributes.start_time", "attributes.end_time",
    "attributes.duration", "attributes.run_id",
]  # fmt: skip


def in_order(wanted: list[Made], field: str, way: str) -> list[Made]:
    """As the table has them: by part, by value, by run."""
    ordered = sorted(wanted, key=lambda each: each.run.pk, reverse=way == "DESC")
    if field != "attributes.run_id":
        ordered.sort(
            key=lambda each: rank(each, field)[1] if rank(each, field)[0] == 0 else 0,
            reverse=way == "DESC",
        )
        texts = [each for each in ordered if rank(each, field)[0] in (1, 2)]
        texts.sort(key=lambda each: str(rank(each, field)[1]), reverse=way == "DESC")
        ordered = [e for e in ordered if rank(e, field)[0] == 0] + [
            e for part in (1, 2) for e in texts if rank(e, field)[0] == part
        ] + [e for e in ordered if rank(e, field)[0] == 3]  # fmt: skip
    return ordered


# Walking along an index with a condition, past a hash of words, and asking each of the next runs for them; and sorting
# what was found.
@pytest.mark.parametrize(
    ("few", "reaches", "asked"),
    [
        (0, (), {"filter": "tags.team = 'risk'"}),
        (0, (), {"text": "otter risk"}),
        (0, (range(6), range(6, 40)), {"text": "otter risk"}),
        (2_000, (), {"text": "risk"}),
    ],
)
@pytest.mark.parametrize("way", ["ASC", "DESC"])
def test_any_order_page_by_page(
    made: list[Made], ann_acts: Actor, experiment: Any, way: str, few: int, reaches: tuple[int, ...],
    asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(table_search.few_ids, "__defaults__", (few,))
    monkeypatch.setattr(table_search, "FEW", few)
    monkeypatch.setattr(table_search, "REACHES", reaches)
    wanted = [each for each in made if each.run.lifecycle_stage == "active" and each.tags["team"] == "risk"]
    state = {"experiments": (experiment.pk,), **asked}
    for field in FIELDS:
        found = pages(ann_acts, TableState(**state, order_by=f"{field} {way}"))
        assert found == [each.run.pk.hex for each in in_order(wanted, field, way)], field


# Comparisons that few, many and no runs fulfil; with NaN, long and missing values.
TERMS: dict[str, Callable[[Made], Any]] = {
    "metrics.auc != 0": lambda each: each.metrics.get("auc", 0) != 0,
    "metrics.auc != 0.5": lambda each: "auc" in each.metrics and each.metrics["auc"] != 0.5,
    "metrics.auc > 0.9": lambda each: each.metrics.get("auc", 0) > 0.9,
    "metrics.auc <= 0.5": lambda each: each.metrics.get("auc", 1) <= 0.5,
    "params.same != 'x'": lambda each: False,
    "params.text LIKE '%z%'": lambda each: "z" in each.params.get("text", ""),
    "params.text != 'word 1'": lambda each: each.params.get("text", "word 1") != "word 1",
    "params.depth = '4'": lambda each: each.params["depth"] == "4",
    "tags.team != 'fraud'": lambda each: each.tags["team"] == "risk",
    "tags.`mlflow.note.content` ILIKE 'NOTE OF 1%'": lambda each: " of 1" in each.tags["mlflow.note.content"],
    "attributes.status != 'FAILED'": lambda each: each.run.status != "FAILED",
}  # fmt: skip


@pytest.mark.parametrize("reaches", [(), (range(6), range(6, 40))], ids=["all", "next"])
@pytest.mark.parametrize("few", [0, 12, 2_000])
def test_terms_together(
    made: list[Made], ann_acts: Actor, experiment: Any, few: int, reaches: tuple[range, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(table_search.few_ids, "__defaults__", (few,))
    monkeypatch.setattr(table_search, "FEW", few)
    monkeypatch.setattr(table_search, "REACHES", reaches)
    fields = cycle(("metrics.auc", "params.mixed", "attributes.end_time", "tags.team"))
    for terms in [*combinations(TERMS, 2), *combinations(list(TERMS)[::2], 3)]:
        wanted = [each for each in made if each.run.lifecycle_stage == "active"]
        wanted = [each for each in wanted if all(TERMS[term](each) for term in terms)]
        field, state = next(fields), {"experiments": (experiment.pk,), "filter": " and ".join(terms)}
        found = pages(ann_acts, TableState(**state, order_by=f"{field} DESC"))
        assert found == [each.run.pk.hex for each in in_order(wanted, field, "DESC")], terms


@pytest.mark.parametrize(("values", "bars"), [([-1, 0, 3], [4, 16, 52]), ([-3, -1], [4, 52]), ([0], [52])])
def test_bars_reach_from_the_lowest_to_the_highest_value(
    made: list[Made], ann_acts: Actor, experiment: Any, values: list[float], bars: list[int]
) -> None:
    """NaN and infinity have none, and do not count."""
    kept = [*values, LARGEST_DOUBLE, -LARGEST_DOUBLE, float("nan")]
    for each, value in zip(made, kept, strict=False):
        is_nan = value != value
        LatestMetric.objects.create(
            run=each.run, experiment_id=experiment.pk, key="bar", value=0 if is_nan else value, is_nan=is_nan, step=0,
            timestamp=0,
        )  # fmt: skip
    state = TableState(experiments=(experiment.pk,))
    ids = [each.run.pk for each in made[: len(kept)]]
    rows = table_rows(ann_acts, ids, ["metrics.bar"], table_query(ann_acts, state))
    assert [row.cells[0].bar for row in rows] == [*bars, 0, 0, 0]


def test_deleted_runs_have_their_own_table(made: list[Made], ann_acts: Actor, experiment: Any) -> None:
    found = pages(ann_acts, TableState(experiments=(experiment.pk,), view="deleted"))
    assert set(found) == {each.run.pk.hex for each in made if each.run.lifecycle_stage == "deleted"}


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({}, lambda each: True),
        ({"filter": "metrics.auc > 0.5"}, lambda each: (each.metrics.get("auc") or 0) > 0.5),
        ({"text": "CALM 8"}, lambda each: each.run.name.startswith("calm-otter-8")),
        ({"text": "grown caref ris"}, lambda each: each.tags["team"] == "risk"),
        ({"only": "mine"}, lambda each: each.run.created_by and each.run.created_by.username == "ann"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("few", [0, 2_000])
def test_facets_count_what_is_found(
    made: list[Made], ann_acts: Actor, experiment: Any, asked: Any, wanted: Any, few: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(table_search.few_ids, "__defaults__", (few,))
    monkeypatch.setattr(table_search, "FEW", few)
    state = TableState(experiments=(experiment.pk,), **asked)
    active = [each for each in made if each.run.lifecycle_stage == "active" and wanted(each)]
    assert set(pages(ann_acts, state)) == {each.run.pk.hex for each in active}
    monkeypatch.setattr("experiments.selectors.facets.AT_ONCE", few)
    found = facets(ann_acts, state)
    counted = {facet.field: dict(facet.counts or ()) for facet in found.facets}
    if not few:  # where many are found, these are asked for one by one
        assert {each.field for each in found.facets if each.is_open and each.counts is None} == {
            "params.mixed",
            "params.text",
            "tags.team",
        }
        counted |= {name: dict(facet_counts(ann_acts, state, name)) for name in ("params.mixed", "tags.team")}
    assert found.count == len(active)
    assert counted["attributes.status"] == Counter(each.run.status for each in active)
    assert counted["attributes.owner"] == Counter(
        each.run.created_by.username if each.run.created_by else each.run.user_name for each in active
    )
    assert counted["params.mixed"] == Counter(each.params["mixed"] for each in active)
    assert counted["tags.team"] == Counter(each.tags["team"] for each in active)


def test_picks_are_alternatives_in_a_field_and_conditions_between_fields(
    made: list[Made], ann_acts: Actor, experiment: Any
) -> None:
    picks = (
        ("params.mixed", "tree"),
        ("params.mixed", "-3"),
        ("attributes.status", "FAILED"),
        ("tags.team", "risk"),
    )
    state = TableState(experiments=(experiment.pk,), facets=picks)
    active = [each for each in made if each.run.lifecycle_stage == "active" and each.tags["team"] == "risk"]
    failed = [each for each in active if each.run.status == "FAILED"]
    assert set(pages(ann_acts, state)) == {
        each.run.pk.hex for each in failed if each.params["mixed"] in ("tree", "-3")
    }
    counted = {facet.field: dict(facet.counts or ()) for facet in facets(ann_acts, state).facets}
    assert {k: v for k, v in counted["params.mixed"].items() if v} == Counter(
        each.params["mixed"] for each in failed
    )


def test_runs_of_others_are_not_there(
    made: list[Made], cleo: Any, acting: Callable[..., Actor], experiment: Any
) -> None:
    state = TableState(experiments=(experiment.pk,))
    actor = acting(cleo)
    assert pages(actor, state) == []
    assert facets(actor, TableState(experiments=(experiment.pk,), filter="metrics.auc > 0")).count == 0


def test_a_token_of_another_order_is_refused(made: list[Made], ann_acts: Actor, experiment: Any) -> None:
    state = TableState(experiments=(experiment.pk,))
    token = table_page(ann_acts, table_query(ann_acts, state), limit=LIMIT).next_token
    other = table_query(
        ann_acts, TableState(experiments=(experiment.pk,), order_by="attributes.run_name ASC")
    )
    with pytest.raises(ProtocolError, match="page token"):
        table_page(ann_acts, other, page_token=token, limit=LIMIT)
