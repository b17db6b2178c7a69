"""Filters and order-by clauses are accepted, read and refused as stock MLflow does."""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.search.experiment_language import experiment_filter_parse, experiment_order_parse
from experiments.search.model_language import model_filter_parse, model_order_parse
from experiments.search.run_language import run_filter_parse, run_order_parse
from portal.kernel.mlflow_errors import ProtocolError
from tests.experiments.stock_search import (
    REJECTED,
    portal_outcome,
    stock_experiment_filter,
    stock_experiment_order,
    stock_model_filter,
    stock_run_filter,
    stock_run_order,
)

LEFTS = (
    "metrics.loss", "metric.loss", "metrics.`a b`", 'metrics."a b"', "`metrics`.loss", "metrics.a/b",
    "metrics.1x", "metrics.loss.val", "params.lr", "param.lr", "parameters.lr", "parameter.`lr-1`",
    "params.order", "tags.team", 'tag."mlflow.source.name"', "tags.mlflow.user", "attributes.status",
    "attribute.run_id", "attr.start_time", "run.end_time", "status", "run_id", "run_name", "`run name`",
    '"Run Name"', "created", "Created", "start_time", "user_id", "artifact_uri", "experiment_id", "name",
    "datasets.name", "dataset.digest", "dataset.context", "dataset.profile", "foo.bar", "metrics", "1",
    "'status'", "count(x)", "metrics.", ".loss", "a.b.c", "run_id.x",
)  # fmt: skip
OPS = (
    "=", "!=", "<", ">=", "==", "<>", "LIKE", "ilike", "IN", "not in", "NOT LIKE", "RLIKE", "IS NULL",
    "is not null", "IS", "~",
)  # fmt: skip
RIGHTS = (
    "'abc'", '"abc"', "`abc`", "abc", "1", "-1.5", "1e3", "0x1F", "NaN", "''", "'it''s'", "'a\"b'", "('a')",
    "('a', 'b')", "(1, 2)", "()", "('a', 1)", "(a)", "", "'unclosed", "NULL", "'%a_%'", "1 2",
)  # fmt: skip
WHOLE = (
    " ", ";", "a", "AND", "metrics.a > 1 AND", "AND metrics.a > 1", "metrics.a > 1 AND metrics.b < 2",
    "metrics.a > 1 and params.b = 'x' And tags.c LIKE 'y'", "metrics.a > 1 OR metrics.b > 2",
    "metrics.a > 1;", "metrics.a > 1; metrics.b > 2", "(metrics.a > 1)", "NOT metrics.a > 1",
    "metrics.a > 1 metrics.b > 2", "metrics.a>1 AND params.b='x'", "metrics.a\n>\t1", "-- note",
    "metrics.a > 1 -- note", "metrics.a /* x */ > 1", "params.a = 'AND' AND params.b = 'OR'",
    "params.a = 'x AND y'", "tags.a IS NULL AND tags.b IS NOT NULL",
    "params.a IS NULL AND run_id IN ('a') AND metrics.c = 1",
    "run_id NOT IN ('a', 'b') AND status = 'FINISHED'", "run_id IN ('a' 'b')", "run_id IN (('a'))",
    "run_id IN (['a'])", "run_id IN ('a',)", "metrics.a > params.b", "metrics.a = 1 = 2", "1 = metrics.a",
    "'x' = params.a", "metrics.a BETWEEN 1 AND 2", "metrics.a > 1,", "params.`a.b` = 'x'",
    "params.'a' = 'x'", "metrics.é > 1", "params.a = 'é😀'", "tags.a=''", "tags.`` = 'x'",
    "select * from runs", "params.a = 'x' LIMIT 1", "params.a = 'x' ORDER BY b", "start_time > 1.5",
    "start_time > 99999999999999999999", "metrics.a > 1e999", "metrics.a > -1e-5", "metrics.a > +1",
    "metrics.a > .5", "metrics.a > 5.", "metrics.a > 1_000",
    "dataset.name IN ('a') AND dataset.context != 'b'", "case", "end", "begin",
    "metrics.a > 1 AND AND metrics.b > 2", "params.case = 'x'", "params.end = 'x'", "params.type = 'x'",
    "status IS NULL", "metrics.a IS NULL", "tags.a NOT NULL", "tags.a IN ('x')", "params.a is  not  null",
)  # fmt: skip
ORDERS = (
    "metrics.loss", "metrics.loss ASC", "metrics.loss desc", "metrics.`a b` DESC", 'metrics."a b" ASC',
    "params.lr", "tags.team DESC", "attributes.start_time", "start_time DESC", "created", "Created desc",
    "run_name", "run name", "`run name`", "status", "user_id asc", "end_time DESC", "artifact_uri",
    "run_id", "experiment_id", "dataset.name", "foo.bar", "metrics.loss DESC NULLS LAST",
    "metrics.loss DOWN", "metrics.loss, params.lr", "", " ", "timestamp", "timestamp DESC", "metrics.a'b",
    "metrics.loss ASC DESC", "'metrics.loss'", "metrics", "1", "name", "creation_time",
    "last_update_time DESC", "name asc", "tags.x", "attribute.name", "attributes.name", "`name`",
    "experiment_id ASC", "count(x)", "metrics.a-b", "metrics.a/b desc", "metrics.a.b", "metrics.a\\", ";",
    "metrics.a;",
)  # fmt: skip

# A list goes with IN only. Stock accepts others at first, and PostgreSQL then fails on them.
LIST_ELSEWHERE = "list without IN"


def run_filter(text: str) -> Any:
    return portal_outcome(lambda: [(c.entity, c.key, c.op, c.value) for c in run_filter_parse(text)])


def experiment_filter(text: str) -> Any:
    return portal_outcome(lambda: [(c.entity, c.key, c.op) for c in experiment_filter_parse(text)])


def model_ops(text: str) -> Any:
    return portal_outcome(lambda: [c.op for c in model_filter_parse(text)])


def expected(stock: Any) -> Any:
    if stock == REJECTED:
        return REJECTED
    lists = [isinstance(each[3], tuple) != (each[2] in ("IN", "NOT IN")) for each in stock]
    return REJECTED if any(lists) else stock


def comparisons(left: str, rights: Sequence[str], part: str) -> Iterator[tuple[str, str]]:
    """Operators and right sides: a fifth of all pairs, another one for each left side, or the rest of them."""
    first = sum(left.encode())
    for (i, op), (j, right) in product(enumerate(OPS), enumerate(rights)):
        if ((first + i + j) % 5 == 0) == (part == "fifth"):
            yield op, right


PARTS = pytest.mark.parametrize("part", ["fifth", pytest.param("rest", marks=pytest.mark.slow)])


@PARTS
@pytest.mark.parametrize("left", LEFTS)
def test_run_comparisons_are_read_as_by_stock(left: str, part: str) -> None:
    different = {}
    for op, right in comparisons(left, RIGHTS, part):
        text = f"{left} {op} {right}"
        stock, ours = expected(stock_run_filter(text)), run_filter(text)
        if stock != ours:
            different[text] = (stock, ours)
    assert different == {}


@pytest.mark.parametrize("text", WHOLE)
def test_whole_run_filters_are_read_as_by_stock(text: str) -> None:
    assert run_filter(text) == expected(stock_run_filter(text))


@pytest.mark.parametrize("clause", ORDERS)
def test_run_orders_are_read_as_by_stock(clause: str) -> None:
    ours = portal_outcome(lambda: [(o.entity, o.key, o.ascending) for o in run_order_parse([clause])])
    assert ours == stock_run_order([clause])


@pytest.mark.parametrize(
    "clauses", [["metrics.a", "metrics.a DESC"], ["start_time", "created"], ["metrics.a", "params.a"]]
)
def test_an_order_by_one_field_twice_is_refused_as_by_stock(clauses: list[str]) -> None:
    ours = portal_outcome(lambda: [(o.entity, o.key, o.ascending) for o in run_order_parse(clauses)])
    assert ours == stock_run_order(clauses)


@PARTS
@pytest.mark.parametrize("left", [*LEFTS, "creation_time", "last_update_time", "tag.a", "attribute.name"])
def test_experiment_filters_are_read_as_by_stock(left: str, part: str) -> None:
    different = {}
    for op, right in comparisons(left, (*RIGHTS[:15], "'7'", "('7', '8')"), part):
        text = f"{left} {op} {right}"
        ours = experiment_filter(text)
        stock = stock_experiment_filter(text)
        if ours != stock and not _is_list_elsewhere(text):
            different[text] = (stock, ours)
    assert different == {}


@pytest.mark.parametrize("clause", ORDERS)
def test_experiment_orders_are_read_as_by_stock(clause: str) -> None:
    stock = stock_experiment_order([clause])
    ours = portal_outcome(lambda: [(o.entity, o.key, o.ascending) for o in experiment_order_parse([clause])])
    assert (ours if ours == REJECTED else ours[:1]) == stock


MODEL_LEFTS = (
    "name", "`name`", "model_id", "model_type", "status", "source_run_id", "creation_time",
    "creation_timestamp", "last_updated_timestamp", "attributes.name", "metrics.loss", "metrics.`a b`",
    "params.lr", "tags.team", "metric.loss", "param.lr", "foo.bar", "1",
)  # fmt: skip


@PARTS
@pytest.mark.parametrize("left", MODEL_LEFTS)
def test_model_filters_are_read_as_by_stock(left: str, part: str) -> None:
    different = {}
    for op, right in comparisons(left, RIGHTS, part):
        text = f"{left} {op} {right}"
        stock = stock_model_filter(text)
        ours = model_ops(text)
        known = stock == REJECTED or all(key in KNOWN_MODEL_KEYS or "." in left for key, _ in stock)
        accepted = stock if stock == REJECTED or not known else [op for _, op in stock]
        if ours != (accepted if known else REJECTED) and not _is_list_elsewhere(text):
            different[text] = (stock, ours)
    assert different == {}


KNOWN_MODEL_KEYS = {
    "name", "model_id", "model_type", "status", "source_run_id", "creation_timestamp_ms",
    "last_updated_timestamp_ms",
}  # fmt: skip


def _is_list_elsewhere(text: str) -> bool:
    """Lists of other things than strings, or away from IN: stock fails on them in the database."""
    return text.rstrip().endswith(")")


MARKS = ("AND", "and", "(", ")", ",", ";", ".", "'", '"', "`", "OR", "--")
WORDS = st.sampled_from([*LEFTS, *OPS, *RIGHTS, *MARKS])


@settings(max_examples=300, deadline=None)
@given(st.lists(WORDS, max_size=9).map(" ".join))
def test_any_row_of_words_is_read_as_by_stock(text: str) -> None:
    assert run_filter(text) == expected(stock_run_filter(text))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_read_as_by_stock(text: str) -> None:
    assert run_filter(text) == expected(stock_run_filter(text))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=30))
def test_any_text_is_an_answerable_order(text: str) -> None:
    portal_outcome(lambda: run_order_parse([text]))
    portal_outcome(lambda: model_order_parse([{"field_name": text}]))
    portal_outcome(lambda: model_filter_parse(text))


@pytest.mark.parametrize(
    "text",
    [
        " AND ".join(["metrics.a > 1"] * 101),
        "metrics.a > 1 " * 101,
        "run_id IN (" + "(" * 500 + "'a'" + ")" * 500 + ")",
        "params.a = '" + "x" * 200_000 + "'",
        "a." * 40_000,
        "params.a LIKE 'x\\'",
    ],
)
def test_what_would_be_costly_is_refused(text: str) -> None:
    with pytest.raises(ProtocolError) as refusal:
        run_filter_parse(text)
    assert refusal.value.error_code == "INVALID_PARAMETER_VALUE"
    assert len(refusal.value.message) < 1_000


def test_a_hundred_terms_are_read() -> None:
    assert len(run_filter_parse(" AND ".join(f"metrics.m{n} > 1" for n in range(100)))) == 100
