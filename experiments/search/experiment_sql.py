"""Experiment searches as SQL. There are few experiments, so tags are looked up per row."""

from collections.abc import Sequence

from experiments.search.experiment_language import NUMERIC_KEYS
from experiments.search.keyset import SortKey
from experiments.search.run_sql import STAGES
from experiments.search.statement import Statement
from experiments.search.terms import IS_NULL, TAG, Comparison, Ordering

_COLUMNS = {
    "name": "e.name",
    "experiment_id": "e.id",
    "creation_time": "e.creation_time",
    "last_update_time": "e.last_update_time",
}


def experiment_statement(
    workspaces: Sequence[int] | None, view_type: str, comparisons: Sequence[Comparison]
) -> Statement:
    """A search over experiments `e` of the given workspaces (None: of all)."""
    statement = Statement()
    if workspaces is not None:
        statement.where(f"e.workspace_id = ANY({statement.bind(list(workspaces), 'bigint[]')})")
    stage = STAGES[view_type]
    if stage is not None:
        statement.where(f"e.lifecycle_stage = {statement.bind(stage, 'text')}")
    for comparison in comparisons:
        statement.where(_condition(statement, comparison))
    return statement


def experiment_sort_keys(orderings: Sequence[Ordering]) -> list[SortKey]:
    """The keys of an order; a column that comes a second time decides nothing any more."""
    first_of = {ordering.key: ordering for ordering in reversed(orderings)}
    ordered = dict.fromkeys(ordering.key for ordering in orderings)
    return [SortKey(_COLUMNS[key], _cast(key), first_of[key].ascending) for key in ordered]


def _cast(key: str) -> str:
    return "text" if key == "name" else "bigint"


def _condition(statement: Statement, comparison: Comparison) -> str:
    if comparison.entity == TAG:
        return _tag(statement, comparison)
    column = _COLUMNS[comparison.key]
    if comparison.key in NUMERIC_KEYS:
        return statement.number(column, comparison)
    if comparison.key == "experiment_id":
        return _id(statement, column, comparison)
    return statement.compared(column, comparison)


def _id(statement: Statement, column: str, comparison: Comparison) -> str:
    if not isinstance(comparison.value, tuple):
        return statement.number(column, comparison)
    stored = [number for number in comparison.value if -(2**63) <= int(number) < 2**63]
    return statement.operation(column, comparison.op, stored, "bigint")


def _tag(statement: Statement, comparison: Comparison) -> str:
    key = statement.bind(comparison.key, "text")
    matches = "TRUE" if comparison.value is None else statement.compared("x.value", comparison)
    exists = (
        "EXISTS (SELECT FROM experiments_experimenttag x "
        f"WHERE x.experiment_id = e.id AND x.key = {key} AND {matches} OFFSET 0)"
    )
    return f"NOT {exists}" if comparison.op == IS_NULL else exists
