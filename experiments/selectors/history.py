"""Metric histories: whole, paged, of many runs, and sampled.

Chunks of one key lie in order of their first step. Where each is sorted and none overlaps the next, the
points already stand in MLflow's order (timestamp, step, value) and in the order of sampling (step, timestamp,
value), so chunks are sent as they are and a sample is picked by its position. Anything else (a metric logged
without steps, a retried call) is put in order by PostgreSQL and loses its repeated points there.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias
from uuid import UUID

import orjson
from django.db import transaction

from portal.kernel import sql

Columns: TypeAlias = tuple[Sequence[Any], Sequence[Any], Sequence[Any]]  # values, timestamps, steps
Point: TypeAlias = tuple[int, int, float]  # step, timestamp, value

CHUNKS_PER_FETCH = 64
POINTS_PER_FETCH = 16_384

_IN_ORDER = """
SELECT coalesce(bool_and(is_sorted AND (previous_step IS NULL
        OR (previous_step < first_step AND previous_timestamp <= timestamps[1]))), true), count(*)
FROM (
    SELECT is_sorted, first_step, timestamps, lag(last_step) OVER bystep AS previous_step,
        lag(timestamps[points]) OVER bystep AS previous_timestamp
    FROM experiments_metricchunk WHERE run_id = %(run)s AND key = %(key)s
    WINDOW bystep AS (ORDER BY first_step, id)
) chunk
"""
_CHUNKS = """
SELECT values::text, timestamps::text, steps::text FROM experiments_metricchunk
WHERE run_id = %(run)s AND key = %(key)s ORDER BY first_step
"""
# NaN counts as 0 in MLflow's order, and sorts behind a real 0.
_POINTS = """
SELECT DISTINCT timestamp, step, CASE WHEN value = 'NaN' THEN 0 ELSE value END AS rank, value = 'NaN' AS is_nan, value
FROM experiments_metricchunk, unnest(steps, timestamps, values) AS p(step, timestamp, value)
WHERE run_id = %(run)s AND key = %(key)s
ORDER BY timestamp, step, rank, is_nan OFFSET %(offset)s LIMIT %(limit)s
"""
# Of chunks that are in order only those are read that the page lies in.
_PAGE_IN_ORDER = """
WITH chunk AS (
    SELECT id, sum(points) OVER (ORDER BY first_step, id ROWS UNBOUNDED PRECEDING) - points AS start, points
    FROM experiments_metricchunk WHERE run_id = %(run)s AND key = %(key)s
)
SELECT p.step, p.timestamp, p.value FROM chunk JOIN experiments_metricchunk c ON c.id = chunk.id
CROSS JOIN LATERAL unnest(c.steps, c.timestamps, c.values) WITH ORDINALITY AS p(step, timestamp, value, place)
WHERE chunk.start + chunk.points > %(offset)s AND chunk.start < %(stop)s
    AND chunk.start + p.place > %(offset)s AND chunk.start + p.place <= %(stop)s
ORDER BY chunk.start, p.place
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
    SELECT run_id, id, first_step, points, is_sorted, lag(last_step) OVER bystep AS previous_step,
        timestamps[1] AS begins, lag(timestamps[points]) OVER bystep AS ended,
        sum(points) OVER (bystep ROWS UNBOUNDED PRECEDING)::int AS stop
    FROM experiments_metricchunk WHERE run_id = ANY(%(runs)s) AND key = %(key)s
    WINDOW bystep AS (PARTITION BY run_id ORDER BY first_step, id)
), run AS (
    SELECT run_id, max(stop) AS total, least(max(stop), %(limit)s) AS m,
        max(stop) / least(max(stop), %(limit)s) AS q, max(stop) %% least(max(stop), %(limit)s) AS r
    FROM chunk GROUP BY run_id
    HAVING bool_and(is_sorted AND (previous_step IS NULL OR (previous_step < first_step AND ended <= begins)))
), place AS (
    -- The buckets that begin inside this chunk: bucket_from(position) is the first bucket at or after it.
    SELECT chunk.id, run.*, stop - points AS start, stop,
        CASE WHEN stop - points <= r * (q + 1) THEN (stop - points + q) / (q + 1)
             ELSE r + (stop - points - r * (q + 1) + q - 1) / q END AS first_bucket,
        CASE WHEN stop <= r * (q + 1) THEN (stop + q) / (q + 1)
             ELSE r + (stop - r * (q + 1) + q - 1) / q END AS next_bucket
    FROM chunk JOIN run USING (run_id)
)
SELECT place.run_id, c.steps[at], c.timestamps[at], c.values[at]
FROM place JOIN experiments_metricchunk c ON c.id = place.id,
LATERAL (
    SELECT b * q + least(b, r) - start + 1 FROM generate_series(first_bucket, least(next_bucket, m - 1) - 1) AS b
    UNION ALL SELECT total - start WHERE stop = total
) AS pick(at)
ORDER BY place.run_id, c.first_step, at
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


def history_json(run_id: UUID, key: str) -> Iterator[bytes]:
    """All points of one key as MLflow's Metric objects, joined by commas, in MLflow's order.

    They come in portions, so that a long history never stands in memory as a whole.
    """
    given: dict[str, Any] = {"run": run_id, "key": key}
    in_order, chunks = sql.row(_IN_ORDER, given) or (True, 0)
    template = _template(key)
    columns = _ordered_columns(given, chunks) if in_order else _sorted_columns(given)
    for values, timestamps, steps in columns:
        text = ",".join(map(template.__mod__, zip(values, timestamps, steps, strict=True)))
        yield text.replace('"value":NaN,', '"value":"NaN",').encode()


def history_page(run_id: UUID, key: str, *, offset: int, limit: int) -> list[Point]:
    """Up to `limit` points from `offset` on, in MLflow's order."""
    given: dict[str, Any] = {"run": run_id, "key": key}
    in_order, _ = sql.row(_IN_ORDER, given) or (True, 0)
    if in_order:
        return sql.rows(_PAGE_IN_ORDER, given | {"offset": offset, "stop": offset + limit}, binary=True)
    found = sql.rows(_POINTS, given | {"offset": offset, "limit": limit}, binary=True)
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
    given: dict[str, Any] = {"runs": list(run_ids), "key": key, "limit": limit}
    rows = sql.rows(_SAMPLE_BY_POSITION, given, binary=True) if steps is None else []
    for run_id, *point in rows:
        found[run_id].append((point[0], point[1], point[2]))
    rest = [run_id for run_id in run_ids if not found[run_id]]
    first, last = steps or (None, None)
    given |= {"runs": rest, "first": first, "last": last}
    for run_id, *point in sql.rows(_SAMPLE_ANY, given, binary=True) if rest else []:
        found[run_id].append((point[0], point[1], point[2]))
    return found


def _template(key: str) -> str:
    name = orjson.dumps(key).decode().replace("%", "%%")
    return f'{{"key":{name},"value":%s,"timestamp":%s,"step":%s}}'


def _ordered_columns(given: dict[str, Any], chunks: int) -> Iterator[Columns]:
    """Chunk by chunk, from one statement: with one per portion, a merge in between would hide points."""
    if chunks <= CHUNKS_PER_FETCH:
        rows = sql.rows(_CHUNKS, given)
        if rows:
            yield _joined(rows)
        return
    with transaction.atomic(), sql.server_cursor("history") as cursor:
        cursor.execute(_CHUNKS, given)
        while rows := cursor.fetchmany(CHUNKS_PER_FETCH):
            yield _joined(rows)


def _joined(rows: list[tuple[Any, ...]]) -> Columns:
    values, timestamps, steps = zip(*rows, strict=True)
    return _split(values), _split(timestamps), _split(steps)


def _split(arrays: Iterable[str]) -> list[str]:
    """The elements of arrays that PostgreSQL wrote as text, which are numbers as JSON spells them."""
    return ",".join(array[1:-1] for array in arrays).split(",")


def _sorted_columns(given: dict[str, Any]) -> Iterator[Columns]:
    """One sort for the whole history, fetched in portions: the cursor lives in a transaction of its own."""
    with transaction.atomic(), sql.server_cursor("history") as cursor:
        cursor.execute(_POINTS, {**given, "offset": 0, "limit": None})
        while rows := cursor.fetchmany(POINTS_PER_FETCH):
            timestamps, steps, _, _, values = zip(*rows, strict=True)
            yield [repr(value) if value == value else "NaN" for value in values], timestamps, steps
