"""The runs table: the rows of one page of a search, with the values of the chosen columns."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from experiments.models import Experiment
from experiments.selectors.colours import run_colours
from experiments.selectors.run_search import run_ids_search
from experiments.validation.batches import LARGEST_DOUBLE
from portal.accounts.actor import Actor
from portal.kernel import sql

DEFAULT_COLUMNS = 3
KEYS_AT_MOST = 200
BAR_WIDTH = 52
SHORTEST_BAR = 4
_KEY_TABLES = {"metrics": "experiments_latestmetric", "params": "experiments_param"}

_RUNS = """
SELECT r.id, r.name, r.status, r.lifecycle_stage, coalesce(u.username, r.user_name), r.start_time, r.end_time
FROM experiments_run r LEFT JOIN accounts_user u ON u.id = r.created_by_id
WHERE r.id = ANY(%s) ORDER BY array_position(%s, r.id)
"""
_METRICS = """
SELECT run_id, key, CASE WHEN is_nan THEN 'NaN' ELSE value END
FROM experiments_latestmetric WHERE run_id = ANY(%s) AND key = ANY(%s)
"""
_PARAMS = "SELECT run_id, key, value FROM experiments_param WHERE run_id = ANY(%s) AND key = ANY(%s)"
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
# Jumps from key to key through the index, instead of reading the values of every run.
_KEYS = """
WITH RECURSIVE found AS (
    (SELECT key FROM {table} WHERE experiment_id = %(experiment)s ORDER BY key LIMIT 1)
    UNION ALL
    SELECT (SELECT t.key FROM {table} t WHERE t.experiment_id = %(experiment)s AND t.key > found.key
            ORDER BY t.key LIMIT 1)
    FROM found WHERE found.key IS NOT NULL
)
SELECT key FROM found WHERE key IS NOT NULL LIMIT %(limit)s
"""


@dataclass(frozen=True)
class Cell:
    """One value of a column; `bar` is its length beside the others of the page."""

    value: Any
    bar: int = 0
    is_best: bool = False


@dataclass(frozen=True)
class Row:
    """One run of the table."""

    id: str
    name: str
    status: str
    stage: str
    owner: str
    start_time: int
    end_time: int | None
    metrics: list[Cell]
    params: list[Cell]
    colour: int

    @property
    def duration(self) -> int | None:
        return None if self.end_time is None else self.end_time - self.start_time


@dataclass(frozen=True)
class Page:
    """One page of the table and what its head shows."""

    rows: list[Row]
    metric_keys: list[str]
    param_keys: list[str]
    next_token: str | None


def runs_page(
    actor: Actor, experiment: Experiment, *, filter_string: str = "", order_by: str = "",
    view_type: str = "ACTIVE_ONLY", columns: Sequence[str] = (), page_token: str | None = None, limit: int = 50,
) -> Page:  # fmt: skip
    """One page of a search in an experiment. Raises ProtocolError on a bad filter, order or token."""
    ids, next_token = run_ids_search(
        actor, experiment_ids=[experiment.pk], filter_string=filter_string or None,
        order_by=[order_by] if order_by else [], view_type=view_type, max_results=limit, page_token=page_token,
    )  # fmt: skip
    metric_keys, param_keys = _columns(ids, columns)
    best = order_by.split(" ")[0].removeprefix("metrics.").strip("`") if not page_token else ""
    metrics = _metric_cells(ids, metric_keys, best)
    params = _values(_PARAMS, ids, param_keys)
    rows, colours = [], run_colours(actor, ids)
    for run_id, name, status, stage, owner, start_time, end_time in sql.rows(_RUNS, (ids, ids)):
        metric_cells = [metrics.get((run_id, key), Cell(None)) for key in metric_keys]
        param_cells = [Cell(params.get((run_id, key))) for key in param_keys]
        row = Row(run_id.hex, name, status, stage, owner, start_time, end_time, metric_cells, param_cells,
                  colours[run_id])  # fmt: skip
        rows.append(row)
    return Page(rows, metric_keys, param_keys, next_token)


def experiment_keys(experiment: Experiment, kind: str) -> list[str]:
    """The metric or param keys that runs of an experiment have, for choosing columns."""
    statement = _KEYS.format(table=_KEY_TABLES[kind])
    return [key for (key,) in sql.rows(statement, {"experiment": experiment.pk, "limit": KEYS_AT_MOST})]


def run_count(experiment: Experiment, stage: str = "active") -> int:
    """How many runs an experiment has."""
    return experiment.runs.filter(lifecycle_stage=stage).count()


def _columns(ids: list[UUID], chosen: Sequence[str]) -> tuple[list[str], list[str]]:
    if chosen:
        metrics = [name.removeprefix("metrics.") for name in chosen if name.startswith("metrics.")]
        return metrics, [name.removeprefix("params.") for name in chosen if name.startswith("params.")]
    usual = (_USUAL_METRICS, _USUAL_PARAMS)
    metrics, params = ([key for (key,) in sql.rows(statement, (ids, DEFAULT_COLUMNS))] for statement in usual)
    return metrics, params


def _values(statement: str, ids: list[UUID], keys: list[str]) -> dict[tuple[UUID, str], Any]:
    if not keys:
        return {}
    return {(run_id, key): value for run_id, key, value in sql.rows(statement, (ids, keys))}


def _metric_cells(ids: list[UUID], keys: list[str], best: str) -> dict[tuple[UUID, str], Cell]:
    values = _values(_METRICS, ids, keys)
    ranges = {key: _range([value for (_, k), value in values.items() if k == key]) for key in keys}
    return {
        (run_id, key): Cell(value, _bar(value, *ranges[key]), is_best=key == best and run_id == ids[0])
        for (run_id, key), value in values.items()
    }


def _range(values: list[float]) -> tuple[float, float]:
    finite = [value for value in values if math.isfinite(value) and abs(value) < LARGEST_DOUBLE]
    return (min(finite), max(finite)) if finite else (0.0, 0.0)


def _bar(value: float, lowest: float, highest: float) -> int:
    """From the lowest to the highest value of the page: what tells these runs apart, not how large they are."""
    if not lowest <= value <= highest:
        return 0
    share = (value / 2 - lowest / 2) / (highest / 2 - lowest / 2) if highest > lowest else 1.0
    return round(SHORTEST_BAR + (BAR_WIDTH - SHORTEST_BAR) * share)
