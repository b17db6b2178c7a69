"""A run search as bands: parts of the result that follow one another, each in the order of one index.

Ordered by a metric, MLflow lists runs with a number first, then those with NaN, then those without it.
One statement for all three has to look at every run of the experiment; three statements, of which the first
mostly fills the page, read just the rows that they return.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from experiments.search.keyset import SortKey
from experiments.search.run_sql import TABLES, RunStatement
from experiments.search.terms import METRIC, Comparison, Ordering


@dataclass(frozen=True, slots=True)
class RunQuery:
    """A search over runs, parsed and cut to what the caller may see."""

    experiments: Sequence[int]
    workspaces: Sequence[int] | None
    view_type: str
    comparisons: Sequence[Comparison]
    orderings: Sequence[Ordering]


Band = Callable[[RunQuery], tuple[RunStatement, list[SortKey]]]


def bands_of(query: RunQuery) -> list[Band]:
    """The bands of a search, in their order."""
    first = query.orderings[0] if query.orderings else None
    if first is None or first.entity != METRIC:
        return [_whole]
    if any(each.entity == METRIC and each.key == first.key for each in query.comparisons):
        return [_numbers, _nans]
    return [_numbers, _nans, _without]


def _whole(query: RunQuery) -> tuple[RunStatement, list[SortKey]]:
    statement = _filtered(query)
    return statement, statement.sort_keys(query.orderings)


def _numbers(query: RunQuery) -> tuple[RunStatement, list[SortKey]]:
    first, *rest = query.orderings
    statement = _filtered(query)
    alias = statement.joined(METRIC, first.key)
    statement.where(f"NOT {alias}.is_nan")
    number = SortKey(f"{alias}.value", "float8", first.ascending)
    return statement, [number, *statement.sort_keys(rest, offset=1)]


def _nans(query: RunQuery) -> tuple[RunStatement, list[SortKey]]:
    first, *rest = query.orderings
    statement = _filtered(query)
    alias = statement.joined(METRIC, first.key)
    statement.where(f"{alias}.is_nan")
    statement.where(f"{alias}.value = 0")  # so is NaN stored; the index finds it by this
    return statement, statement.sort_keys(rest)


def _without(query: RunQuery) -> tuple[RunStatement, list[SortKey]]:
    first, *rest = query.orderings
    statement = _filtered(query)
    key = statement.bind(first.key, "text")
    statement.where(f"NOT EXISTS (SELECT FROM {TABLES[METRIC]} x WHERE x.run_id = r.id AND x.key = {key})")
    return statement, statement.sort_keys(rest)


def _filtered(query: RunQuery) -> RunStatement:
    statement = RunStatement(query.experiments, query.workspaces, query.view_type)
    statement.filter(query.comparisons)
    return statement
