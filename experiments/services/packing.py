"""Metric points of one call, packed for one statement: chunks per key, and the latest point per key."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeAlias

from experiments.batch import Metrics
from experiments.models.metrics import LOOSE_BELOW, POINTS_PER_CHUNK
from experiments.validation.batches import LARGEST_DOUBLE

Point: TypeAlias = tuple[int, int, float]  # step, timestamp, value


@dataclass
class Packed:
    """Columns of chunks and of latest points. `starts` counts from 1, as PostgreSQL's subscripts do."""

    points: list[Point] = field(default_factory=list)
    chunk_keys: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    sorted_flags: list[bool] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    latest: list[Point] = field(default_factory=list)
    loose_per_key: list[int] = field(default_factory=list)

    def params(self) -> dict[str, Any]:
        """The columns as array literals, which PostgreSQL reads faster than psycopg would write arrays."""
        steps, timestamps, values = zip(*self.points, strict=True)
        latest_steps, latest_times, latest_values = zip(*self.latest, strict=True)
        return {
            "steps": _numbers(steps),
            "timestamps": _numbers(timestamps),
            "values": _numbers(values),
            "chunk_keys": _texts(self.chunk_keys),
            "starts": _numbers(self.starts),
            "counts": _numbers(self.counts),
            "sorted_flags": _numbers(self.sorted_flags),
            "keys": _texts(self.keys),
            "latest_steps": _numbers(latest_steps),
            "latest_timestamps": _numbers(latest_times),
            "latest_values": _numbers(0.0 if math.isnan(value) else value for value in latest_values),
            "latest_nans": _numbers(math.isnan(value) for value in latest_values),
            "loose_per_key": _numbers(self.loose_per_key),
        }


def packed(metrics: Metrics) -> Packed:
    """Group the points by key, each key's in order of step, timestamp and value, a repeated point once."""
    groups: dict[str, list[Point]] = {}
    for key, step, timestamp, value in zip(
        metrics.keys, metrics.steps, metrics.timestamps, _clipped(metrics.values), strict=True
    ):
        groups.setdefault(key, []).append((step, timestamp, value))
    found = Packed()
    for key in sorted(groups):
        _add(found, key, groups[key])
    return found


def _add(found: Packed, key: str, points: list[Point]) -> None:
    latest = points[0]
    if len(points) > 1:
        rank = _rank if any(point[2] != point[2] for point in points) else None
        # NaN equals nothing, so it would leave any order undefined; among equals, MLflow keeps the first.
        latest = max(points, key=rank) if rank else max(points)
        points = sorted(dict.fromkeys(points), key=rank)
    found.keys.append(key)
    found.latest.append(latest)
    found.loose_per_key.append(int(0 < len(points) % POINTS_PER_CHUNK < LOOSE_BELOW))
    for start in range(0, len(points), POINTS_PER_CHUNK):
        chunk = points[start : start + POINTS_PER_CHUNK]
        found.chunk_keys.append(key)
        found.starts.append(len(found.points) + 1)
        found.counts.append(len(chunk))
        found.sorted_flags.append(all(a[0] < b[0] and a[1] <= b[1] for a, b in pairwise(chunk)))
        found.points.extend(chunk)


def _rank(point: Point) -> Point:
    """The place of a point in MLflow's order, where NaN counts as 0."""
    step, timestamp, value = point
    return step, timestamp, 0.0 if math.isnan(value) else value


def _clipped(values: Sequence[float]) -> Iterable[float]:
    """Infinity as the largest double, as MLflow's store keeps it; NaN stays."""
    if all(map(math.isfinite, values)):
        return values
    return [min(max(value, -LARGEST_DOUBLE), LARGEST_DOUBLE) if value == value else value for value in values]


def _numbers(values: Iterable[float]) -> str:
    return "{" + ",".join(map(repr, values)) + "}"


def _texts(values: Iterable[str]) -> str:
    # A metric's name holds neither quotes nor backslashes: the rules for names have seen it.
    return "{" + ",".join(f'"{value}"' for value in values) + "}"
