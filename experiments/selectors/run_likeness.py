"""Runs like one: of the newest of its experiment those whose params are nearest to its own."""

import json
from dataclasses import dataclass, field

from experiments.models import Run
from portal.kernel import sql

LOOKED_AT, SHOWN, CHANGES_SHOWN = 1_000, 5, 4
# A param is nearer the closer its numbers are; texts are alike or not, and so are params that one of the two lacks.
# PostgreSQL looks at the newest runs alone, in the order of their index, and reads their params once.
_NEAREST = """
WITH own AS MATERIALIZED (
    SELECT key, value, experiments_number(value) AS number FROM experiments_param
    WHERE run_id = %(run)s AND length(value) <= 200 ORDER BY key LIMIT %(params)s
), near AS MATERIALIZED (
    SELECT id FROM experiments_run WHERE experiment_id = %(experiment)s AND lifecycle_stage = 'active' AND id <> %(run)s
    ORDER BY start_time DESC LIMIT %(looked_at)s
), beside AS (
    SELECT near.id, own.key, own.value AS mine, p.value AS theirs,
        CASE WHEN p.value IS NULL THEN 1 WHEN p.value = own.value THEN 0
             WHEN own.number IS NULL OR experiments_number(p.value) IS NULL THEN 1
             WHEN abs(own.number) + abs(experiments_number(p.value)) = 0 THEN 0
             ELSE abs(own.number - experiments_number(p.value)) / (abs(own.number) + abs(experiments_number(p.value)))
        END AS apart
    FROM near CROSS JOIN own LEFT JOIN experiments_param p ON p.run_id = near.id AND p.key = own.key
)
SELECT r.id, r.name, r.status, r.start_time, b.apart, b.changes FROM (
    SELECT id, sum(apart) AS apart,
        jsonb_agg(jsonb_build_array(key, left(mine, 60), left(theirs, 60)) ORDER BY apart DESC, key)
            FILTER (WHERE apart > 0) AS changes
    FROM beside GROUP BY id HAVING bool_or(theirs IS NOT NULL) ORDER BY 2, 1 DESC LIMIT %(shown)s
) b JOIN experiments_run r ON r.id = b.id ORDER BY b.apart, r.id DESC
"""
PARAMS_AT_MOST = 50


@dataclass(frozen=True)
class Alike:
    """A run with params near those of another; `changes` are the params that differ: key, value there, value here.

    `more` counts those beyond the first few.
    """

    id: str
    name: str
    status: str
    start_time: int
    changes: list[tuple[str, str, str | None]] = field(default_factory=list)
    more: int = 0


def runs_alike(run: Run) -> list[Alike]:
    """The nearest of the newest 1,000 runs of the experiment, by its first 50 params; none where it has no params.

    The caller has made sure that the run is seen; runs of one experiment are seen together.
    """
    asked = {
        "run": run.pk, "experiment": run.experiment_id, "params": PARAMS_AT_MOST, "looked_at": LOOKED_AT,
        "shown": SHOWN,
    }  # fmt: skip
    found = []
    for run_id, name, status, start_time, _, changes in sql.rows(_NEAREST, asked):
        listed = [tuple(change) for change in json.loads(changes or "[]")]
        more = max(len(listed) - CHANGES_SHOWN, 0)
        found.append(Alike(run_id.hex, name, status, start_time, listed[:CHANGES_SHOWN], more))
    return found
