"""MLflow's rules for metric points, written down naively: what the packed tables must be equal to."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

Point: TypeAlias = tuple[int, int, float, bool]  # step, timestamp, value as stored, is it NaN
LARGEST = 1.7976931348623157e308


def stored(step: int, timestamp: int, value: float) -> Point:
    """A point as MLflow's store keeps it: NaN is 0 with a flag, infinity the largest double."""
    if math.isnan(value):
        return step, timestamp, 0.0, True
    return step, timestamp, max(-LARGEST, min(LARGEST, value)), False


def shown(point: Sequence[float]) -> Point:
    """A point that a selector answered, in the same form."""
    step, timestamp, value = point
    return stored(int(step), int(timestamp), value)


@dataclass
class Model:
    """The points of one run."""

    points: dict[str, set[Point]] = field(default_factory=dict)
    latest: dict[str, Point] = field(default_factory=dict)

    def log(self, points: Iterable[tuple[str, int, int, float]]) -> None:
        for key, step, timestamp, value in points:
            point = stored(step, timestamp, value)
            self.points.setdefault(key, set()).add(point)
            if key not in self.latest or point[:3] > self.latest[key][:3]:
                self.latest[key] = point

    def history(self, key: str) -> list[Point]:
        """In order of timestamp, step, value."""
        return sorted(self.points.get(key, ()), key=lambda point: (point[1], point[0], point[2], point[3]))

    def sampled(self, key: str, limit: int, steps: tuple[int, int] | None = None) -> list[Point]:
        """NTILE(limit) in order of step, timestamp, value: the first of each bucket, and the last point of all."""
        first, last = steps or (-math.inf, math.inf)
        points = sorted(point for point in self.points.get(key, ()) if first <= point[0] <= last)
        small, larger = divmod(len(points), limit)
        starts = [bucket * small + min(bucket, larger) for bucket in range(min(limit, len(points)))]
        if len(points) > limit:
            starts[-1] = len(points) - 1
        return [points[start] for start in starts]
