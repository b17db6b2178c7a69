"""The runs that a table finds, grouped by what they have in common, with figures of their metrics."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from experiments.models import Run
from experiments.search.statement import Statement
from experiments.search.table_query import PARENT_TAG, TableQuery
from experiments.search.terms import METRIC, TAG
from experiments.selectors.facets import OTHER_STAGE, TABLES, found_of
from experiments.selectors.runs import runs_visible
from experiments.selectors.table_state import TableState, field_parts, table_query
from portal.accounts.actor import Actor
from portal.kernel import sql

GROUPS_AT_MOST = 200
_KEYED = """
LEFT JOIN {table} g ON g.run_id = found.id AND g.key = {key} AND g.experiment_id = ANY({experiments})
    AND length(g.value) <= 200
"""
_SOURCES = {
    "status": ("found.status", ""),
    "user_id": (
        "coalesce(u.username, found.user_name)", "LEFT JOIN accounts_user u ON u.id = found.created_by_id"
    ),
    "experiment": (
        "e.name", "JOIN experiments_run r ON r.id = found.id JOIN experiments_experiment e ON e.id = r.experiment_id"
    ),
}  # fmt: skip
_DATASET = """
LEFT JOIN LATERAL (SELECT min(d.name) AS value FROM experiments_runinput i
                   JOIN experiments_dataset d ON d.id = i.dataset_id WHERE i.run_id = found.id) g ON TRUE
"""
# Groups by their runs, or by the best value of one metric.
_COUNTED = """
WITH member AS ({member}) SELECT c.value, c.runs FROM (SELECT value, count(*) AS runs FROM member GROUP BY 1) c
ORDER BY runs DESC, value LIMIT {limit}
"""
# The same of all runs, in the order of the index of the values, without those of the other stage, which are few.
# To count all and those few reads two narrow indexes; to count the rest reads a wide one and takes thrice as long.
_COUNTED_OF_ALL = """
WITH counted AS (
    SELECT t.value, count(*) AS runs FROM {table} t
    WHERE {one_of} AND t.key = {key} AND length(t.value) <= 200
      AND t.run_id NOT IN (SELECT t.id FROM experiments_run t WHERE {one_of} AND t.lifecycle_stage = {other}) GROUP BY 1
), others AS MATERIALIZED (
    SELECT NULL AS value, (SELECT count(*) FROM experiments_run t WHERE {one_of})
        - (SELECT count(*) FROM experiments_run t WHERE {one_of} AND t.lifecycle_stage = {other})
        - (SELECT coalesce(sum(runs), 0) FROM counted) AS runs
)
SELECT value, runs FROM (SELECT * FROM counted UNION ALL SELECT * FROM others WHERE runs > 0) c
ORDER BY runs DESC, value LIMIT {limit}
"""
_BEST = """
WITH member AS MATERIALIZED ({member}) SELECT member.value, count(*) AS runs, {best}(m.value) AS best
FROM member LEFT JOIN ({metrics}) m ON m.run_id = member.id GROUP BY 1
ORDER BY best {way} NULLS LAST, runs DESC, value LIMIT {limit}
"""
# NaN is stored as 0: for all other values the index alone answers.
_METRICS = """
SELECT m.run_id, k.key, m.value FROM unnest({keys}::text[]) WITH ORDINALITY k(name, key)
CROSS JOIN LATERAL (
    SELECT run_id, value FROM experiments_latestmetric
    WHERE experiment_id = ANY({experiments}) AND key = k.name AND value <> 0
    UNION ALL SELECT run_id, value FROM experiments_latestmetric
    WHERE experiment_id = ANY({experiments}) AND key = k.name AND value = 0 AND NOT is_nan
) m
"""


@dataclass(frozen=True)
class Figures:
    """Of one metric in one group. `mean` and `std` leave out infinity and what would overflow, and are None of too few
    values; `newest` tells of how many runs the figures are, where not of all."""

    mean: float | None
    std: float | None
    best: float
    newest: int | None = None


@dataclass
class Group:
    """Runs with the same value; None are those without one."""

    value: str | None
    label: str
    runs: int
    figures: dict[str, Figures] = field(default_factory=dict)


def groups(actor: Actor, state: TableState) -> list[Group]:
    """The largest groups, or those with the best value of the metric that the table is ordered by, without figures.

    Raises ProtocolError on a bad filter.
    """
    query = table_query(actor, state)
    if not query.experiments or not state.group_by:
        return []
    table = table_of(state.group_by)
    if table and query.order.entity != METRIC and is_whole(query):
        statement = Statement()
        text = _COUNTED_OF_ALL.format(
            table=table, one_of=statement.any_of("t.experiment_id", query.experiments), limit=GROUPS_AT_MOST,
            key=statement.bind(key_of(state.group_by), "text"),
            other=statement.bind(OTHER_STAGE[query.view_type], "text"),
        )  # fmt: skip
        return _named(actor, state.group_by, _groups(rows_of(statement, text)))
    statement, member = members_of(query, state.group_by)
    if query.order.entity == METRIC:
        is_low = query.order.ascending
        text = _BEST.format(
            member=member, metrics=metrics_of(statement, query, [query.order.key]), limit=GROUPS_AT_MOST,
            best="min" if is_low else "max", way="ASC" if is_low else "DESC",
        )  # fmt: skip
    else:
        text = _COUNTED.format(member=member, limit=GROUPS_AT_MOST)
    return _named(actor, state.group_by, _groups(rows_of(statement, text)))


def is_whole(query: TableQuery) -> bool:
    """Whether all runs of one stage are found."""
    return not query.is_filtered and query.view_type in OTHER_STAGE


def members_of(query: TableQuery, group_by: str) -> tuple[Statement, str]:
    """The runs that are found, each with the value of its group."""
    statement, found = found_of(query)
    value, joins = _source(group_by)
    key = statement.bind(key_of(group_by), "text")
    joins = joins.format(key=key, experiments=statement.bind(list(query.experiments), "bigint[]"))
    return statement, f"SELECT found.id, {value} AS value FROM ({found}) found {joins}"  # noqa: S608


def metrics_of(statement: Statement, query: TableQuery, keys: Sequence[str]) -> str:
    experiments = statement.bind(list(query.experiments), "bigint[]")
    return _METRICS.format(keys=statement.bind(list(keys), "text[]"), experiments=experiments)


def rows_of(statement: Statement, text: str) -> list[Any]:
    with sql.cursor() as cursor:
        return cursor.execute(text, statement.params, prepare=False).fetchall()


def _groups(rows: Sequence[Any]) -> list[Group]:
    return [Group(row[0], row[0] or "", int(row[1])) for row in rows]


def table_of(group_by: str) -> str:
    """The table of a param or a tag; empty for other groups."""
    return TABLES.get((field_parts(group_by) or ("" if group_by != "parent" else TAG, ""))[0], "")


def key_of(group_by: str) -> str:
    return (field_parts(group_by) or ("", PARENT_TAG))[1]


def _source(group_by: str) -> tuple[str, str]:
    """The value of a run's group, and what to join for it."""
    entity, key = field_parts(group_by) or ("", group_by)
    if table := table_of(group_by):
        return "g.value", _KEYED.replace("{table}", table)
    if entity == "dataset":
        return "g.value", _DATASET
    return _SOURCES[key]


def _named(actor: Actor, group_by: str, found: list[Group]) -> list[Group]:
    """Parents by their names in the place of their ids, as far as the actor sees them."""
    if group_by in ("parent", f"tags.{PARENT_TAG}"):
        seen = runs_visible(actor, [group.value for group in found if group.value])
        names = {
            run_id.hex: name for run_id, name in Run.objects.filter(pk__in=seen).values_list("pk", "name")
        }
        for group in found:
            group.label = names.get(group.value or "", group.label)
    return found
