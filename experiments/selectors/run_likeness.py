"""Runs like one: of the newest of its experiment those whose params are nearest to its own."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from heapq import nsmallest
from uuid import UUID

from experiments.models import Param, Run
from portal.kernel import sql

LOOKED_AT, PARAMS_AT_MOST, SHOWN, CHANGES_SHOWN = 500, 50, 5, 4
_LONGEST = 200
# The newest runs alone, in the order of their index; their params are read once, those that the run has.
_NEAR = """
SELECT r.id, p.key, left(p.value, %(longest)s) FROM (
    SELECT id FROM experiments_run WHERE experiment_id = %(experiment)s AND lifecycle_stage = 'active' AND id <> %(run)s
    ORDER BY start_time DESC LIMIT %(looked_at)s
) r JOIN experiments_param p ON p.run_id = r.id AND p.key = ANY(%(keys)s)
"""


@dataclass(frozen=True)
class Alike:
    """A run with params near those of another; `changes` are the params that differ, the farthest first: key and value,
    None where it lacks the param. `more` counts those beyond the first few."""

    id: str
    name: str
    status: str
    changes: list[tuple[str, str | None]]
    more: int


def runs_alike(run: Run) -> list[Alike]:
    """The nearest of the newest 500 runs of the experiment, by its first 50 params; none where it has no params.

    The caller has made sure that the run is seen; runs of one experiment are seen together.
    """
    own = dict(Param.objects.filter(run=run).order_by("key").values_list("key", "value")[:PARAMS_AT_MOST])
    asked = {
        "experiment": run.experiment_id, "run": run.pk, "keys": list(own), "looked_at": LOOKED_AT, "longest": _LONGEST,
    }  # fmt: skip
    params: dict[UUID, dict[str, str]] = {}
    for run_id, key, value in sql.rows(_NEAR, asked) if own else ():
        params.setdefault(run_id, {})[key] = value
    own = {key: value[:_LONGEST] for key, value in own.items()}
    apart = {run_id: _apart(own, theirs) for run_id, theirs in params.items()}
    nearest = nsmallest(SHOWN, apart, key=lambda run_id: (sum(apart[run_id].values()), -run_id.int))
    runs = Run.objects.in_bulk(nearest)
    found = []
    for run_id in nearest:
        keys = sorted(apart[run_id], key=lambda key: (-apart[run_id][key], key))
        changes = [(key, params[run_id].get(key)) for key in keys[:CHANGES_SHOWN]]
        each = runs[run_id]
        found.append(Alike(run_id.hex, each.name, each.status, changes, max(len(keys) - CHANGES_SHOWN, 0)))
    return found


def _apart(own: Mapping[str, str], theirs: Mapping[str, str]) -> dict[str, float]:
    """The params that differ, from 0 (nearly the same) to 1. Numbers are the nearer the closer they are; texts, and
    params that one lacks, are wholly apart."""
    return {key: _distance(value, theirs.get(key)) for key, value in own.items() if theirs.get(key) != value}


def _distance(mine: str, other: str | None) -> float:
    if other is None:
        return 1.0
    try:
        a, b = float(mine), float(other)
    except ValueError:
        return 1.0
    if not (math.isfinite(a) and math.isfinite(b)) or not (size := abs(a) / 2 + abs(b) / 2):
        return 1.0 if a != b else 0.0
    return min(1.0, abs(a / 2 - b / 2) / size)
