"""Metric histories: whole, paged, of many runs, and sampled.

Chunks of one key lie in order of their first step. Where each is sorted and none overlaps the next, the
points already stand in MLflow's order (timestamp, step, value) and in the order of sampling (step, timestamp,
value), so chunks are sent as they are and a sample is picked by its position. Anything else (a metric logged
without steps, a retried call) is put in order by PostgreSQL and loses its repeated points there.
"""

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias
from uuid import UUID

from portal.kernel import sql

Point: TypeAlias = tuple[int, int, float]  # step, timestamp, value

CHUNKS_PER_FETCH = 64
POINTS_PER_FETCH = 16_384

_IN_ORDER = """
SELECT coalesce(bool_and(is_sorted AND (previous_step IS NULL
        OR (previous_step < first_step AND previous_timestamp <= timestamps[1]))), true), sum(points)
FROM (
    SELECT is_sorted, points, first_step, timestamps, lag(last_step) OVER bystep AS previous_step,
        lag(timestamps[points]) OVER bystep AS previous_timestamp
    FROM experiments_metricchunk WHERE run_id = %(run)s AND key = %(key)s
    WINDOW bystep AS (ORDER BY first_step, id)
) chunk
"""
_CHUNKS = """
SELECT first_step, steps, timestamps, values FROM experiments_metricchunk
WHERE run_id = %(run)s AND key = %(key)s AND (%(after)s::bigint IS NULL OR first_step > %(after)s)
ORDER BY first_step LIMIT %(limit)s
"""
# NaN counts as 0 in MLflow's order, and sorts behind a real 0.
_POINTS = """
SELECT DISTINCT timestamp, step, CASE WHEN value = 'NaN' THEN 0 ELSE value END AS rank, value = 'NaN' AS is_nan, value
FROM experiments_metricchunk, unnest(steps, timestamps, values) AS p(step, timestamp, value)
WHERE run_id = %(run)s AND key = %(key)s
ORDER BY timestamp, step, rank, is_nan OFFSET %(offset)s LIMIT %(limit)s
"""
_BULK = """
SELECT DISTINCT run_id, timestamp, step, CASE WHEN value = 'NaN' THEN 0 ELSE value END AS rank,
    value = 'NaN' AS is_nan, value
FROM experiments_metricchunk, unnest(steps, timestamps, values) AS p(step, timestamp, value)
WHERE run_id = ANY(%(runs)s) AND key = %(key)s
ORDER BY run_id, timestamp, step, rank, is_nan LIMIT %(limit)s
"""
# MLflow 3.17 cuts the points of a run, in order of step, into `max_results` buckets as NTILE does, keeps the
# first of each bucket, and puts the last point of all in the place of the last. The position of the first
# point of bucket b (from 0) among n points is b * (n / m) + least(b, n mod m).
_SAMPLE_BY_POSITION = """
WITH chunk AS (
    SELECT run_id, id, first_step, points, is_sorted, lag(last_step) OVER byrun AS previous_step, timestamps[1] AS starts,
        lag(timestamps[points]) OVER byrun AS ended,
        sum(points) OVER (byrun ROWS UNBOUNDED PRECEDING)::int AS upto
    FROM experiments_metricchunk WHERE run_id = ANY(%(runs)s) AND key = %(key)s
    WINDOW byrun AS (PARTITION BY run_id ORDER BY first_step, id)
), run AS (
    SELECT run_id, max(upto) AS total FROM chunk GROUP BY run_id
    HAVING bool_and(is_sorted AND (previous_step IS NULL OR (previous_step < first_step AND ended <= starts)))
), pick AS (
    SELECT run_id, CASE WHEN b = least(total, %(limit)s) - 1 THEN total - 1
        ELSE b * (total / %(limit)s) + least(b, total %% %(limit)s) END AS position
    FROM run, generate_series(0, least(total, %(limit)s) - 1) AS b
), place AS (
    SELECT chunk.id, pick.run_id, pick.position - (chunk.upto - chunk.points) + 1 AS subscript
    FROM pick JOIN chunk ON chunk.run_id = pick.run_id
        AND pick.position >= chunk.upto - chunk.points AND pick.position < chunk.upto
)
SELECT place.run_id, c.steps[subscript], c.timestamps[subscript], c.values[subscript]
FROM place JOIN experiments_metricchunk c ON c.id = place.id ORDER BY place.run_id, c.first_step, subscript
"""
_SAMPLE_ANY = """
WITH point AS (
    SELECT DISTINCT run_id, step, timestamp, CASE WHEN value = 'NaN' THEN 0 ELSE value END AS rank,
        value = 'NaN' AS is_nan, value
    FROM experiments_metricchunk, unnest(steps, timestamps, values) AS p(step, timestamp, value)
    WHERE run_id = ANY(%(runs)s) AND key = %(key)s
        AND (%(first)s::bigint IS NULL OR step BETWEEN %(first)s AND %(last)s)
), bucketed AS (
    SELECT *, ntile(%(limit)s) OVER byrun AS bucket, row_number() OVER byrun AS position,
        count(*) OVER (PARTITION BY run_id) AS total
    FROM point WINDOW byrun AS (PARTITION BY run_id ORDER BY step, timestamp, rank, is_nan)
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY run_id, bucket ORDER BY position) AS place FROM bucketed
)
SELECT run_id, step, timestamp, value FROM ranked
WHERE (place = 1 AND NOT (bucket = %(limit)s AND total > %(limit)s)) OR position = total
ORDER BY run_id, position
"""


def history_stream(run_id: UUID, key: str) -> Iterator[Sequence[Point]]:
    """All points of one key in MLflow's order, in portions, so that a long history never stands in memory."""
    given: dict[str, Any] = {"run": run_id, "key": key}
    in_order, _ = sql.row(_IN_ORDER, given) or (True, 0)
    return _ordered_chunks(given) if in_order else _sorted_points(given)


def history_page(run_id: UUID, key: str, *, offset: int, limit: int) -> list[Point]:
    """Up to `limit` points from `offset` on, in MLflow's order."""
    found = sql.rows(_POINTS, {"run": run_id, "key": key, "offset": offset, "limit": limit}, binary=True)
    return [(step, timestamp, value) for timestamp, step, _, _, value in found]


def history_bulk(run_ids: Sequence[UUID], key: str, *, limit: int) -> list[tuple[UUID, Point]]:
    """The first `limit` points of several runs, run by run in order of their ids."""
    found = sql.rows(_BULK, {"runs": list(run_ids), "key": key, "limit": limit}, binary=True)
    return [(run_id, (step, timestamp, value)) for run_id, timestamp, step, _, _, value in found]


def history_sampled(
    run_ids: Sequence[UUID], key: str, *, limit: int, steps: tuple[int, int] | None = None
) -> dict[UUID, list[Point]]:
    """About `limit` points of each run, evenly spaced, the last one always among them.

    `steps` restricts to an interval, both ends included.
    """
    found: dict[UUID, list[Point]] = {run_id: [] for run_id in run_ids}
    given = {"runs": list(run_ids), "key": key, "limit": limit}
    rows = sql.rows(_SAMPLE_BY_POSITION, given, binary=True) if steps is None else []
    for run_id, *point in rows:
        found[run_id].append((point[0], point[1], point[2]))
    rest = [run_id for run_id in run_ids if not found[run_id]]
    first, last = steps or (None, None)
    for run_id, *point in sql.rows(_SAMPLE_ANY, {**given, "runs": rest, "first": first, "last": last}, binary=True):
        found[run_id].append((point[0], point[1], point[2]))
    return found


def _ordered_chunks(given: dict[str, Any]) -> Iterator[Sequence[Point]]:
    after: int | None = None
    while True:
        rows = sql.rows(_CHUNKS, {**given, "after": after, "limit": CHUNKS_PER_FETCH}, binary=True)
        yield [point for _, *columns in rows for point in zip(*columns, strict=True)]
        if len(rows) < CHUNKS_PER_FETCH:
            return
        after = rows[-1][0]


def _sorted_points(given: dict[str, Any]) -> Iterator[Sequence[Point]]:
    offset = 0
    while True:
        page = history_page(given["run"], given["key"], offset=offset, limit=POINTS_PER_FETCH)
        yield page
        offset += len(page)
        if len(page) < POINTS_PER_FETCH:
            return
