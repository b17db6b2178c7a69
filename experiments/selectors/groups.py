"""The runs that a table finds, grouped by what they have in common, with figures of their metrics."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from experiments.models import Run
from experiments.search.table_query import PARENT_TAG
from experiments.search.terms import METRIC, PARAM, TAG
from experiments.selectors.facets import found_of
from experiments.selectors.runs import runs_visible
from experiments.selectors.table_state import TableState, field_parts, table_query
from portal.accounts.actor import Actor
from portal.kernel import sql

GROUPS_AT_MOST, METRICS_AT_MOST = 200, 8
_LOWER_IS_BETTER = (
    "loss",
    "error",
    "err",
    "rmse",
    "mae",
    "mse",
    "perplexity",
    "latency",
    "time",
    "seconds",
    "duration",
)
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
_GROUPS = """
WITH found AS MATERIALIZED ({found}), member AS MATERIALIZED (SELECT found.id, {value} AS value FROM found {joins}),
counted AS (SELECT value, count(*) AS runs FROM member GROUP BY value),
figures AS (
    SELECT member.value, m.key, avg(m.value) AS mean, stddev_samp(m.value) AS std, min(m.value) AS low,
        max(m.value) AS high
    FROM member JOIN (
        -- NaN is stored as 0: for all other values the index alone answers.
        SELECT run_id, key, value FROM experiments_latestmetric
        WHERE experiment_id = ANY({experiments}) AND key = ANY({metrics}) AND value <> 0
        UNION ALL SELECT run_id, key, value FROM experiments_latestmetric
        WHERE experiment_id = ANY({experiments}) AND key = ANY({metrics}) AND value = 0 AND NOT is_nan
    ) m ON m.run_id = member.id GROUP BY 1, 2
)
SELECT c.value, c.runs, f.key, f.mean, f.std, f.low, f.high FROM (
    SELECT c.value, c.runs, o.{best} AS best FROM counted c
    LEFT JOIN figures o ON o.value IS NOT DISTINCT FROM c.value AND o.key = {order}
    ORDER BY best {way} NULLS LAST, runs DESC, value LIMIT {limit}
) c LEFT JOIN figures f ON f.value IS NOT DISTINCT FROM c.value
ORDER BY c.best {way} NULLS LAST, c.runs DESC, c.value
"""


@dataclass(frozen=True)
class Figures:
    """Of one metric in one group; `std` is None for a single run."""

    mean: float
    std: float | None
    best: float


@dataclass
class Group:
    """Runs with the same value; None are those without one."""

    value: str | None
    label: str
    runs: int
    figures: dict[str, Figures] = field(default_factory=dict)


def groups(actor: Actor, state: TableState, metrics: Sequence[str]) -> list[Group]:
    """The largest groups, or those with the best value of the metric that the table is ordered by.

    Raises ProtocolError on a bad filter.
    """
    query = table_query(actor, state)
    if not query.experiments or not state.group_by:
        return []
    statement, found = found_of(query)
    value, joins = _source(state.group_by)
    key = statement.bind((field_parts(state.group_by) or ("", PARENT_TAG))[1], "text")
    ordered = query.order.key if query.order.entity == METRIC else ""
    asked = list(dict.fromkeys([*metrics[:METRICS_AT_MOST], *([ordered] if ordered else [])]))
    is_low = is_lower_better(ordered) if not ordered else query.order.ascending
    experiments = statement.bind(list(query.experiments), "bigint[]")
    text = _GROUPS.format(
        found=found, value=value, joins=joins.format(key=key, experiments=experiments),
        metrics=statement.bind(asked, "text[]"), experiments=experiments, order=statement.bind(ordered, "text"),
        best="low" if is_low else "high", way="ASC" if is_low else "DESC", limit=GROUPS_AT_MOST,
    )  # fmt: skip
    with sql.cursor() as cursor:
        rows = cursor.execute(text, statement.params, prepare=False).fetchall()
    return _named(actor, state.group_by, _collected(rows))


def is_lower_better(key: str) -> bool:
    """Whether a metric's name says that less is better."""
    name = key.lower().replace("/", "_").replace("-", "_")
    return any(word in name.split("_") for word in _LOWER_IS_BETTER)


def _source(group_by: str) -> tuple[str, str]:
    """The value of a run's group, and what to join for it."""
    entity, key = field_parts(group_by) or ("", group_by)
    if entity == PARAM:
        return "g.value", _KEYED.replace("{table}", "experiments_param")
    if entity == TAG or key == "parent":
        return "g.value", _KEYED.replace("{table}", "experiments_runtag")
    if entity == "dataset":
        return "g.value", _DATASET
    return _SOURCES[key]


def _collected(rows: list[Any]) -> list[Group]:
    found: dict[str | None, Group] = {}
    for value, runs, key, mean, std, low, high in rows:
        group = found.setdefault(value, Group(value, value or "", runs))
        if key is not None:
            group.figures[key] = Figures(mean, std, low if is_lower_better(key) else high)
    return list(found.values())


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
