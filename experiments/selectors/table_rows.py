"""The rows of the runs table: for runs that were found, the values of the chosen columns."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from experiments.search.table_query import PARENT_TAG, TableQuery
from experiments.search.terms import ATTRIBUTE, METRIC, PARAM, TAG
from experiments.selectors.colours import colour_of
from experiments.selectors.table_search import table_ids
from experiments.selectors.table_state import field_parts
from experiments.validation.batches import LARGEST_DOUBLE
from portal.accounts.actor import Actor
from portal.kernel import sql

DEFAULT_KEYS = 3
BAR_WIDTH, SHORTEST_BAR = 52, 4
# Attributes that a column may show: label, kind of its cells.
ATTRIBUTES = {
    "status": ("Status", "status"), "user_id": ("Owner", "text"), "experiment": ("Experiment", "experiment"),
    "start_time": ("Started", "time"), "duration": ("Duration", "duration"), "end_time": ("Ended", "time"),
    "run_id": ("Run id", "id"),
}  # fmt: skip
_NAMES = {"user_id": "owner", "experiment": "experiment_name", "run_id": "id"}
FIXED = ("attributes.status", "attributes.user_id", "attributes.start_time", "attributes.duration")

_RUNS = """
SELECT r.id, r.name, r.status, r.lifecycle_stage, coalesce(u.username, r.user_name), r.start_time, r.end_time,
       r.experiment_id, e.name, coalesce(m.is_starred, false), m.colour
FROM experiments_run r JOIN experiments_experiment e ON e.id = r.experiment_id
LEFT JOIN accounts_user u ON u.id = r.created_by_id
LEFT JOIN experiments_runmark m ON m.run_id = r.id AND m.user_id = %s
WHERE r.id = ANY(%s) ORDER BY array_position(%s, r.id)
"""
_EXPERIMENT = 7  # its place in a row of _RUNS
_VALUES = {
    METRIC: "SELECT run_id, key, CASE WHEN is_nan THEN 'NaN' ELSE value END FROM experiments_latestmetric"
            " WHERE run_id = ANY(%s) AND key = ANY(%s)",
    PARAM: "SELECT run_id, key, left(value, 300) FROM experiments_param WHERE run_id = ANY(%s) AND key = ANY(%s)",
    TAG: "SELECT run_id, key, left(value, 300) FROM experiments_runtag WHERE run_id = ANY(%s) AND key = ANY(%s)",
}  # fmt: skip
# The keys that most of the runs on the page have; those of system metrics say little about a run.
_USUAL_METRICS = """
SELECT key FROM experiments_latestmetric WHERE run_id = ANY(%s) AND NOT starts_with(key, 'system/')
GROUP BY key ORDER BY count(*) DESC, length(key), key LIMIT %s
"""
# A param that is the same in every run tells the runs apart least.
_USUAL_PARAMS = """
SELECT key FROM experiments_param WHERE run_id = ANY(%s)
GROUP BY key ORDER BY count(DISTINCT left(value, 200)) > 1 DESC, count(*) DESC, length(key), key LIMIT %s
"""
# Ends of the index: what a bar is measured against does not change from page to page. NaN is stored as 0, so what lies
# below and above is asked for by itself, and only the first thousand zeros are asked whether they are one.
_END = """
(SELECT {best}(ends.value) FROM (
    (SELECT value FROM experiments_latestmetric m WHERE m.experiment_id = %(experiment)s AND m.key = k.key
     AND m.value > -%(largest)s AND m.value < 0 ORDER BY value {way} LIMIT 1)
    UNION ALL (SELECT value FROM experiments_latestmetric m WHERE m.experiment_id = %(experiment)s AND m.key = k.key
               AND m.value > 0 AND m.value < %(largest)s ORDER BY value {way} LIMIT 1)
    UNION ALL (SELECT value FROM (
        SELECT value, is_nan FROM experiments_latestmetric m WHERE m.experiment_id = %(experiment)s AND m.key = k.key
        AND m.value = 0 LIMIT 1000) zero WHERE NOT is_nan LIMIT 1)
) ends)
"""
_RANGES = f"""
SELECT key, low, high FROM (
    SELECT k.key, {_END.format(best="min", way="ASC")} AS low, {_END.format(best="max", way="DESC")} AS high
    FROM unnest(%(keys)s::text[]) k(key)
) ranges WHERE low IS NOT NULL
"""  # noqa: S608 - constants
_CHILDREN = f"""
SELECT value, count(*) FROM experiments_runtag
WHERE experiment_id = ANY(%s) AND key = '{PARENT_TAG}' AND value = ANY(%s) AND length(value) <= 200 GROUP BY value
"""  # noqa: S608 - a constant


@dataclass(frozen=True)
class Cell:
    """One value; `kind` says how it reads, `bar` is its length beside the others."""

    kind: str
    value: Any
    bar: int = 0
    is_best: bool = False


@dataclass(frozen=True)
class Row:
    """One run of the table; `children` counts the runs nested in it."""

    colour: int
    id: str
    name: str
    status: str
    stage: str
    owner: str
    start_time: int
    end_time: int | None
    experiment_id: int
    experiment_name: str
    is_starred: bool
    children: int = 0
    cells: list[Cell] = field(default_factory=list)

    @property
    def is_live(self) -> bool:
        return self.status in ("RUNNING", "SCHEDULED")

    @property
    def duration(self) -> int | None:
        return None if self.end_time is None else self.end_time - self.start_time


@dataclass(frozen=True)
class Page:
    """One page of the table; `columns` are the fields that its cells are of."""

    rows: list[Row]
    columns: list[str]
    next_token: str | None


def table_page(
    actor: Actor, query: TableQuery, *, columns: Sequence[str] = (), page_token: str | None = None, limit: int = 50,
    is_nested: bool = False,
) -> Page:  # fmt: skip
    """One page of a search. Without columns it chooses those that tell the runs of the page apart."""
    ids, next_token = table_ids(query, page_token=page_token, limit=limit)
    shown = list(columns) or default_columns(ids, is_one=len(query.experiments) == 1)
    best = query.order.key if query.order.entity == METRIC and not page_token else ""
    return Page(table_rows(actor, ids, shown, query, best=best, is_nested=is_nested), shown, next_token)


def usual_columns(query: TableQuery, sample: int) -> list[str]:
    """The columns that tell the first runs of a search apart."""
    ids, _ = table_ids(query, page_token=None, limit=sample)
    return default_columns(ids, is_one=len(query.experiments) == 1)


def default_columns(ids: list[UUID], *, is_one: bool) -> list[str]:
    """Status, owner, times, and the usual metrics and params of these runs."""
    fixed = list(FIXED) if is_one else ["attributes.experiment", *FIXED]
    metrics, params = (
        [key for (key,) in sql.rows(statement, (ids, DEFAULT_KEYS))]
        for statement in (_USUAL_METRICS, _USUAL_PARAMS)
    )
    return [*fixed, *(f"metrics.{key}" for key in metrics), *(f"params.{key}" for key in params)]


def table_rows(
    actor: Actor, ids: list[UUID], columns: Sequence[str], query: TableQuery | None = None, *, best: str = "",
    is_nested: bool = False,
) -> list[Row]:  # fmt: skip
    """Rows for runs in the order of their ids; permission was asked when the ids were found."""
    parts = [field_parts(name) or ("", "") for name in columns]
    values = {kind: _values(kind, ids, [key for of, key in parts if of == kind]) for kind in _VALUES}
    experiments = list(query.experiments) if query else []
    ranges = _ranges(experiments, values[METRIC], [key for of, key in parts if of == METRIC])
    found = sql.rows(_RUNS, (actor.user_id, ids, ids))
    children = _children(found) if is_nested else {}
    rows: list[Row] = []
    for run_id, *facts, colour in found:
        row = Row(*[colour or colour_of(run_id), run_id.hex, *facts, children.get(run_id.hex, 0)])
        row.cells.extend(
            _attribute(row, key) if entity == ATTRIBUTE
            else _metric(values[METRIC].get((run_id, key)), ranges.get(key), is_best=not rows and key == best)
            if entity == METRIC else Cell("clip", values.get(entity, {}).get((run_id, key)))
            for entity, key in parts
        )  # fmt: skip
        rows.append(row)
    return rows


def _attribute(row: Row, key: str) -> Cell:
    return (
        Cell(ATTRIBUTES[key][1], getattr(row, _NAMES.get(key, key)))
        if key in ATTRIBUTES
        else Cell("text", None)
    )


def _metric(value: float | None, ends: tuple[float, float] | None, *, is_best: bool) -> Cell:
    return Cell("metric", value, 0 if value is None or ends is None else _bar(value, *ends), is_best)


def _values(kind: str, ids: list[UUID], keys: list[str]) -> dict[tuple[UUID, str], Any]:
    if not keys or not ids:
        return {}
    return {(run_id, key): value for run_id, key, value in sql.rows(_VALUES[kind], (ids, keys))}


def _children(found: Sequence[tuple[Any, ...]]) -> dict[str, int]:
    asked = [row[0].hex for row in found]
    experiments = list({row[_EXPERIMENT] for row in found})
    return dict(sql.rows(_CHILDREN, (experiments, asked))) if asked else {}


def _ranges(
    experiments: list[int], values: dict[tuple[UUID, str], Any], keys: list[str]
) -> dict[str, tuple[float, float]]:
    """The lowest and the highest value of a metric: in the experiment, else among the runs that are shown."""
    if len(experiments) == 1 and keys:
        asked = {"keys": keys, "experiment": experiments[0], "largest": LARGEST_DOUBLE}
        return {key: (low, high) for key, low, high in sql.rows(_RANGES, asked)}
    found: dict[str, tuple[float, float]] = {}
    for key in keys:
        own = [v for (_, k), v in values.items() if k == key and math.isfinite(v) and abs(v) < LARGEST_DOUBLE]
        if own:
            found[key] = (min(own), max(own))
    return found


def _bar(value: float, lowest: float, highest: float) -> int:
    """From the lowest to the highest value: what tells these runs apart, not how large they are."""
    if not lowest <= value <= highest:
        return 0
    share = (value / 2 - lowest / 2) / (highest / 2 - lowest / 2) if highest > lowest else 1.0
    return round(SHORTEST_BAR + (BAR_WIDTH - SHORTEST_BAR) * share)
