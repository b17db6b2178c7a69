"""Curves of a metric for charts: the points of a window in buckets of equal width, so many as a chart has room for.

A bucket has its first, lowest, highest and last value, so no spike is lost, however many points it stands for. Where
the window holds few points they are read and cut into buckets here; where it holds many, PostgreSQL puts together the
summaries of whole chunks, which it reads from the index alone. A chunk then counts to the bucket in which it begins,
and buckets are never narrower than chunks.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from experiments.models import Run
from experiments.selectors.curve_points import Curve, curve_of_points, curve_of_summaries
from experiments.selectors.runs import run_missing
from experiments.validation.identifiers import run_id_find
from portal.accounts.actor import Actor
from portal.kernel import sql

POINTS_READ = 600_000
# Where the points of a chunk begin and end on each axis; steps and milliseconds, as floats.
AXES = {
    "step": ("c.first_step::float8", "c.last_step::float8"),
    "time": ("c.summary[7]", "c.summary[8]"),
    "relative": ("c.summary[7] - r.start_time", "c.summary[8] - r.start_time"),
}
_FROM = """
FROM experiments_metricchunk c JOIN experiments_run r ON r.id = c.run_id
WHERE c.run_id = ANY(%(runs)s) AND c.key = %(key)s
"""
_INSIDE = "({high} >= %(first)s::float8 AND {low} <= %(last)s::float8)"
_EXTENT = """
SELECT min({low}), max({high}) {source}
"""
_AMOUNT = """
SELECT coalesce(sum(points), 0), coalesce(max(chunks), 0)
FROM (SELECT sum(c.points) AS points, count(*) AS chunks {source} AND {inside} GROUP BY c.run_id) run
"""
_SUMMARIES = """
WITH chunk AS (
    SELECT c.run_id, floor(({low} - %(first)s::float8) / %(width)s::float8) AS bucket, {low} AS x, {high} AS ends,
        c.first_step, c.id, c.points, c.summary
    {source} AND {inside}
), edged AS (
    SELECT *, bucket IS DISTINCT FROM lag(bucket) OVER bystep AS opens,
        bucket IS DISTINCT FROM lead(bucket) OVER bystep AS closes
    FROM chunk WINDOW bystep AS (PARTITION BY run_id ORDER BY first_step, id)
)
SELECT run_id, bucket, min(x), max(ends), max(summary[5]) FILTER (WHERE opens), min(summary[1]), max(summary[2]),
    max(summary[6]) FILTER (WHERE closes), sum(summary[3]), sum(summary[4]), sum(points)::float8
FROM edged GROUP BY run_id, bucket ORDER BY run_id, bucket
"""
# The bytes of the arrays as they are: to make objects of a million numbers would take a second.
_POINTS = """
SELECT c.run_id, r.start_time, array_send({column}), array_send(c.values)
{source} AND {inside} ORDER BY c.run_id, c.first_step, c.id
"""


@dataclass(frozen=True)
class Window:
    """What a chart shows: the axis, its ends (None for all there is), and how many buckets there is room for."""

    axis: str
    first: float | None
    last: float | None
    buckets: int


@dataclass(frozen=True)
class Curves:
    """Curves by run, in the order asked for; runs without the metric are left out.

    `first`, `last` and `width` place the buckets; `extent` are the ends of everything there is.
    """

    first: float
    last: float
    width: float
    extent: tuple[float, float]
    is_exact: bool
    by_run: dict[UUID, Curve]


def runs_changes(actor: Actor, run_ids: Sequence[str]) -> dict[UUID, int]:
    """How often each run was written to, in the order given. Raises ProtocolError for one that is not visible."""
    keys = [run_id_find(run_id) for run_id in run_ids]
    runs = Run.objects.filter(pk__in=keys)
    if actor.workspace_ids is not None:
        runs = runs.filter(workspace_id__in=actor.workspace_ids)
    found = dict(runs.values_list("pk", "changes"))
    for key in keys:
        if key not in found:
            raise run_missing(key.hex)
    return {key: found[key] for key in keys}


def curves(run_ids: Sequence[UUID], key: str, window: Window) -> Curves | None:
    """The curves of runs that the caller may see; None where none of them has the metric."""
    given: dict[str, Any] = {"runs": list(run_ids), "key": key}
    low, high = sql.row(_statement(_EXTENT, window), given) or (None, None)
    if low is None:
        return None
    first = low if window.first is None else window.first
    last = max(first, high if window.last is None else window.last)
    given |= {"first": first, "last": last}
    points, chunks = sql.row(_statement(_AMOUNT, window), given) or (0, 0)
    is_read = points <= POINTS_READ
    width = _width(first, last, window.buckets if is_read else min(window.buckets, chunks))
    found = _points(given, window, first, width) if is_read else _summaries(given | {"width": width}, window)
    return Curves(
        first, last, width, (low, high), all(curve.is_exact for curve in found.values()),
        {run_id: found[run_id] for run_id in run_ids if run_id in found},
    )  # fmt: skip


def _width(first: float, last: float, buckets: int) -> float:
    """A whole number of steps or milliseconds, so that neighbours never share a bucket for want of digits."""
    return max(1.0, math.ceil((last - first + 1) / buckets))


def _points(given: dict[str, Any], window: Window, first: float, width: float) -> dict[UUID, Curve]:
    column = "c.steps" if window.axis == "step" else "c.timestamps"
    rows = sql.rows(_statement(_POINTS, window, column=column), given, binary=True)
    by_run: dict[UUID, list[tuple[Any, ...]]] = {}
    for run_id, *chunk in rows:
        by_run.setdefault(run_id, []).append(tuple(chunk))
    is_relative = window.axis == "relative"
    return {
        run_id: curve_of_points(
            [places for _, places, _ in chunks], [values for _, _, values in chunks],
            first=first, width=width, zero=chunks[0][0] if is_relative else 0,
        )
        for run_id, chunks in by_run.items()
    }  # fmt: skip


def _summaries(given: dict[str, Any], window: Window) -> dict[UUID, Curve]:
    by_run: dict[UUID, list[tuple[Any, ...]]] = {}
    for run_id, *bucket in sql.rows(_statement(_SUMMARIES, window), given, binary=True):
        by_run.setdefault(run_id, []).append(tuple(bucket))
    return {run_id: curve_of_summaries(rows) for run_id, rows in by_run.items()}


def _statement(template: str, window: Window, **parts: str) -> str:
    low, high = AXES[window.axis]
    inside = _INSIDE.format(low=low, high=high)
    return template.format(low=low, high=high, inside=inside, source=_FROM, **parts)
