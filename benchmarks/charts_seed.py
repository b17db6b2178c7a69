"""Curves for benchmarks, made by PostgreSQL itself: noise on a falling curve, with one spike."""

from typing import Any

import psycopg

SPIKE_AT = 0.777_777
_CHUNKS = """
INSERT INTO experiments_metricchunk (run_id, key, first_step, last_step, points, is_sorted, steps, timestamps, values)
SELECT %(run)s, %(key)s, min(s), max(s), count(*), true, array_agg(s ORDER BY s),
    array_agg(1764000000000 + s * 100 ORDER BY s),
    array_agg(exp(-3.0 * s / %(points)s) + random() * 0.05 + CASE WHEN s = %(spike)s THEN 9 ELSE 0 END ORDER BY s)
FROM generate_series(0, %(points)s - 1) s GROUP BY s / 256
"""


def curve_seed(link: "psycopg.Connection[Any]", run: str, key: str, points: int) -> None:
    """Give a run a metric of so many points, in the chunks in which the portal keeps them."""
    link.execute(_CHUNKS, {"run": run, "key": key, "points": points, "spike": int(points * SPIKE_AT)})
