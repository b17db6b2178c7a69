"""One curve as columns: buckets from the bytes of PostgreSQL's arrays, or from what PostgreSQL put together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from experiments.validation.batches import LARGEST_DOUBLE

Column: TypeAlias = npt.NDArray[Any]

# PostgreSQL sends an array as five 32-bit numbers (dimensions, nulls, type, length, lower bound), then each element
# behind its length.
_HEAD_BYTES = 20
_WHOLE = np.dtype([("length", ">i4"), ("element", ">i8")])
_DOUBLE = np.dtype([("length", ">i4"), ("element", ">f8")])
_SUMMED_BELOW = 1e290  # more of them than anybody logs do not overflow
_SMALL, _LARGE = 1e-30, 1e30


@dataclass(frozen=True)
class Curve:
    """Columns of equal length, one entry a bucket that has points; what no chart can show is NaN.

    `at` is the number of the bucket, `x` and `end` the places of its first and last point on the axis, `count` its
    points; `mean` leaves out NaN and infinity.
    """

    at: Column
    x: Column
    end: Column
    first: Column
    low: Column
    high: Column
    last: Column
    mean: Column
    count: Column

    @property
    def is_exact(self) -> bool:
        """Whether every bucket is one point."""
        return bool((self.count == 1).all())

    def columns(self) -> dict[str, Column]:
        """For JSON: seven digits where a bucket stands for many points, all digits where it is one."""
        places = {"at": _whole(self.at), "x": _whole(self.x)}
        if self.is_exact:
            return {**places, "first": self.first}
        values = {name: _short(getattr(self, name)) for name in ("first", "low", "high", "last", "mean")}
        return {**places, "end": _whole(self.end), **values, "count": _whole(self.count)}


def curve_of_points(
    places: Sequence[bytes], values: Sequence[bytes], *, first: float, width: float, zero: int
) -> Curve:
    """Buckets from the arrays of chunks as `array_send` gives them; `zero` is where the axis begins."""
    x = (_elements(places, _WHOLE) - zero).astype(np.float64)
    y = _elements(values, _DOUBLE).astype(np.float64)
    if (np.diff(x) < 0).any():
        order = np.argsort(x, kind="stable")
        x, y = x[order], y[order]
    at = np.floor((x - first) / width)
    starts = np.flatnonzero(np.diff(at, prepend=at[0] - 1))
    stops: Column = np.append(starts[1:], len(at)) - 1
    shown = np.where(np.abs(y) < LARGEST_DOUBLE, y, np.nan)
    sums = np.add.reduceat(np.where(np.abs(y) < _SUMMED_BELOW, y, 0.0), starts)
    summed = np.add.reduceat((np.abs(y) < _SUMMED_BELOW).astype(np.float64), starts)
    return Curve(
        at=at[starts], x=x[starts], end=x[stops], first=shown[starts], low=np.fmin.reduceat(shown, starts),
        high=np.fmax.reduceat(shown, starts), last=shown[stops],
        mean=_means(sums, summed),
        count=(stops - starts + 1).astype(np.float64),
    )  # fmt: skip


def curve_of_summaries(rows: Sequence[tuple[Any, ...]]) -> Curve:
    """Buckets that PostgreSQL put together: place, x, end, first, low, high, last, sum, how many it sums, count."""
    at, x, end, first, low, high, last, sums, summed, count = np.array(rows, dtype=np.float64).T.copy()
    return Curve(at, x, end, first, low, high, last, _means(sums, summed), count)


def _means(sums: Column, summed: Column) -> Column:
    """Divided here: PostgreSQL refuses a mean that is too small for a double."""
    return np.divide(sums, summed, out=np.full(len(sums), np.nan), where=summed > 0)


def _elements(arrays: Sequence[bytes], kind: "np.dtype[Any]") -> Column:
    joined = b"".join(array[_HEAD_BYTES:] for array in arrays)
    column: Column = np.frombuffer(joined, kind)["element"]
    return column


def _whole(column: Column) -> Column:
    """As whole numbers; what does not fit 62 bits stands at the edge."""
    return np.clip(column, -(2.0**62), 2.0**62).astype(np.int64)


def _short(column: Column) -> Column:
    """In single precision, unless that would lose a spike or make a small value 0."""
    sizes = np.abs(column[np.isfinite(column) & (column != 0)])
    is_far = sizes.size and (sizes.max() > _LARGE or sizes.min() < _SMALL)
    return column if is_far else column.astype(np.float32)
