"""Figures of metrics for groups of runs: of all their runs, or first of the newest of each group.

To sum up all values of a metric costs with the number of runs. A first answer sums up no more than `VALUES_AT_ONCE`
values, shared among groups and metrics: those of the newest runs, by their ids. A group that has no more runs than its
share has its final figures.
"""

from collections.abc import Sequence

from experiments.search.statement import Statement
from experiments.search.table_query import TableQuery
from experiments.selectors.facets import OTHER_STAGE
from experiments.selectors.groups import (
    Figures,
    Group,
    is_whole,
    key_of,
    members_of,
    metrics_of,
    rows_of,
    table_of,
)
from experiments.selectors.table_state import TableState, table_query
from portal.accounts.actor import Actor

METRICS_AT_MOST, VALUES_AT_ONCE = 8, 40_000
# Infinity is kept as the largest double; PostgreSQL refuses sums of squares that overflow.
_SUMMED_BELOW = "1e150"
# Few values are looked up run by run; and more, where those of so many times the runs would have to be read.
FEW_VALUES, LOOKED_UP_BEYOND = 3_000, 10
_LOWER_IS_BETTER = {
    "loss", "error", "err", "rmse", "mae", "mse", "perplexity", "latency", "time", "seconds", "duration",
}  # fmt: skip
# Numbers in the place of names: to group by these costs half as much.
_NUMBERED = """
SELECT m.id, CASE WHEN m.value IS NULL THEN 0 ELSE shown.number END::int AS number
FROM ({member}) m LEFT JOIN shown ON shown.value = m.value WHERE m.value IS NULL OR shown.number IS NOT NULL
"""
_NEWEST = """
SELECT id, number FROM (
    SELECT id, number, row_number() OVER (PARTITION BY number ORDER BY id DESC) AS place FROM ({numbered}) n
) placed WHERE place <= {each}
"""
# The index of the values ends in the run: the newest runs of a value are one stretch of it.
_NEWEST_OF_ALL = """
SELECT n.id, shown.number::int AS number FROM shown CROSS JOIN LATERAL (
    SELECT t.run_id AS id FROM {table} t
    WHERE {one_of} AND t.key = {key} AND t.value = shown.value AND length(t.value) <= 200
      AND t.run_id NOT IN (SELECT t.id FROM experiments_run t WHERE {one_of} AND t.lifecycle_stage = {other})
    ORDER BY t.value DESC, t.run_id DESC LIMIT {each}
) n
"""
# The index of a metric's values is read whole for the first; the second asks for each value.
_BY_METRIC = "JOIN ({metrics}) m ON m.run_id = member.id"
_BY_RUN = """
CROSS JOIN unnest({keys}::text[]) WITH ORDINALITY k(name, key) CROSS JOIN LATERAL (
    SELECT k.key, l.value FROM experiments_latestmetric l
    WHERE l.run_id = member.id AND l.key = k.name AND NOT l.is_nan OFFSET 0
) m
"""
_FIGURES = """
WITH shown AS (SELECT * FROM unnest({values}::text[]) WITH ORDINALITY s(value, number)),
member AS MATERIALIZED ({chosen})
SELECT member.number, m.key, avg(m.value) FILTER (WHERE abs(m.value) < {largest}),
    stddev_samp(m.value) FILTER (WHERE abs(m.value) < {largest}), min(m.value), max(m.value)
FROM member {valued} GROUP BY 1, 2
"""


def runs_at_once(found: Sequence[Group], metrics: Sequence[str]) -> int:
    """Of how many runs of each group a first answer has the figures."""
    return max(VALUES_AT_ONCE // max(len(found) * len(set(metrics[:METRICS_AT_MOST])), 1), 1)


def figures_add(
    actor: Actor, state: TableState, found: Sequence[Group], metrics: Sequence[str], *, newest: int | None = None
) -> None:  # fmt: skip
    """Complete groups with the figures of metrics: over all their runs, or over so many of the newest of each."""
    asked = list(dict.fromkeys(metrics))[:METRICS_AT_MOST]
    query = table_query(actor, state)
    if not asked or not found or not query.experiments:
        return
    named = [group for group in found if group.value is not None]
    runs = sum(group.runs for group in found)
    each = newest
    if newest is None and runs * len(asked) <= FEW_VALUES:
        each = max(
            group.runs for group in found
        )  # all of each, found as the newest are where an index has them
    is_named = len(named) == len(found)
    statement, chosen = _chosen(query, state.group_by, newest, each if is_named else None)
    summed = runs if newest is None else sum(min(group.runs, newest) for group in found)
    is_small = summed * len(asked) <= FEW_VALUES or runs > summed * LOOKED_UP_BEYOND
    valued = (
        _BY_RUN.format(keys=statement.bind(asked, "text[]"))
        if is_small
        else _BY_METRIC.format(metrics=metrics_of(statement, query, asked))
    )
    values = statement.bind([group.value for group in named], "text[]")
    text = _FIGURES.format(chosen=chosen, valued=valued, values=values, largest=_SUMMED_BELOW)
    numbered: dict[int, Group] = dict(enumerate(named, start=1))
    numbered.update((0, group) for group in found if group.value is None)
    for number, place, mean, std, low, high in rows_of(statement, text):
        key = asked[place - 1]
        if number in numbered:
            group = numbered[number]
            part = newest if newest is not None and group.runs > newest else None
            group.figures[key] = Figures(mean, std, low if is_lower_better(key) else high, part)


def is_lower_better(key: str) -> bool:
    """Whether a metric's name says that less is better."""
    words = key.lower().replace("/", "_").replace("-", "_").split("_")
    return not _LOWER_IS_BETTER.isdisjoint(words)


def _chosen(query: TableQuery, group_by: str, newest: int | None, each: int | None) -> tuple[Statement, str]:
    """The runs to be summed up, each with the number of its group: so many as `newest`; so many as `each` where the
    index of values has them in order."""
    table = table_of(group_by)
    if each is not None and table and is_whole(query) and len(query.experiments) == 1:
        statement = Statement()
        return statement, _NEWEST_OF_ALL.format(
            table=table, one_of=statement.any_of("t.experiment_id", query.experiments), each=each,
            key=statement.bind(key_of(group_by), "text"),
            other=statement.bind(OTHER_STAGE[query.view_type], "text"),
        )  # fmt: skip
    statement, member = members_of(query, group_by)
    numbered = _NUMBERED.format(member=member)
    return statement, numbered if newest is None else _NEWEST.format(numbered=numbered, each=newest)
