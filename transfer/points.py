"""Metric points as columns: what makes two of them the same, and a checksum that does not depend on their order."""

from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from experiments.validation.batches import LARGEST_DOUBLE
from transfer.objects import Points

Hashes: TypeAlias = NDArray[np.uint64]
_ONE, _TWO, _THREE = (
    np.uint64(number) for number in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
)


def stored(points: Points) -> Points:
    """The points as they are kept: infinity as the largest double (MLflow's rule), one kind of NaN and of zero."""
    values = np.clip(points.values, -LARGEST_DOUBLE, LARGEST_DOUBLE)
    values = np.where(np.isnan(values), np.nan, values + 0.0)
    return Points(points.key, points.steps, points.timestamps, values)


def hashes(points: Points) -> Hashes:
    """A number of 64 bits for each point (splitmix64 over step, time and value)."""
    values = np.ascontiguousarray(points.values, dtype=np.float64).view(np.uint64)
    found = _mixed(points.steps.astype(np.int64).view(np.uint64))
    found = _mixed(found ^ points.timestamps.astype(np.int64).view(np.uint64))
    return _mixed(found ^ values)


def checksum(found: Iterable[Hashes]) -> tuple[int, str]:
    """How many points, and the sum of their numbers in 16 hex digits."""
    count, total = 0, 0
    for part in found:
        count += len(part)
        total = (total + int(np.add.reduce(part, dtype=np.uint64))) % 2**64
    return count, f"{total:016x}"


def picked(points: Points, mask: NDArray[np.bool_]) -> Points:
    """Those points where the mask is true."""
    return Points(points.key, points.steps[mask], points.timestamps[mask], points.values[mask])


def _mixed(numbers: Hashes) -> Hashes:
    with np.errstate(over="ignore"):
        numbers = numbers + _ONE
        numbers = (numbers ^ (numbers >> np.uint64(30))) * _TWO
        numbers = (numbers ^ (numbers >> np.uint64(27))) * _THREE
        return numbers ^ (numbers >> np.uint64(31))
