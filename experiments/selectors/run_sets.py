"""A set of runs as columns of numbers, and what moves a metric: shares of variance and rank correlations.

Both are of one param alone, so they say nothing of params that act together.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from experiments.selectors.compared import Beside, is_finite

LEAST_RUNS = 3
_BINS = 6


@dataclass(frozen=True)
class Column:
    """One param or metric over the set: `values` are numbers or, where one of them is none, texts; None is missing."""

    name: str
    kind: str
    values: list[float | str | None]

    @property
    def is_number(self) -> bool:
        return all(isinstance(value, float) for value in self.values if value is not None)

    @property
    def choices(self) -> list[str]:
        """The different texts, in order."""
        return sorted({str(value) for value in self.values if value is not None})


@dataclass(frozen=True)
class Influence:
    """What one param tells of a metric. `share` is the part of the metric's variance that the param alone explains;
    `correlation` Spearman's, None for texts; `runs` those that have both."""

    name: str
    share: float
    correlation: float | None
    runs: int


def set_columns(runs: Sequence[Beside]) -> dict[str, Column]:
    """The columns in which the runs differ, by `params.` or `metrics.` and name."""
    found = {}
    for kind in ("params", "metrics"):
        for name in sorted({name for each in runs for name in getattr(each, kind)}):
            column = Column(name, kind, [_value(getattr(each, kind).get(name)) for each in runs])
            if not column.is_number:
                column = Column(name, kind, [None if v is None else str(getattr(each, kind)[name])
                                             for each, v in zip(runs, column.values, strict=True)])  # fmt: skip
            if len({value for value in column.values if value is not None}) > 1:
                found[f"{kind}.{name}"] = column
    return found


def influences(columns: Sequence[Column], metric: Column) -> list[Influence]:
    """The params by the share of the metric's variance that each explains, largest first."""
    found = []
    for column in columns:
        pairs = [
            (value, float(y))
            for value, y in zip(column.values, metric.values, strict=True)
            if value is not None and isinstance(y, float)
        ]
        if len(pairs) < LEAST_RUNS or len({value for value, _ in pairs}) < 2:
            continue
        ys = np.array([y for _, y in pairs])
        correlation = None
        if column.is_number:
            correlation = rank_correlation(np.array([float(value) for value, _ in pairs]), ys)
        found.append(Influence(column.name, _share(column, pairs, ys), correlation, len(pairs)))
    return sorted(found, key=lambda each: -each.share)


def rank_correlation(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> float | None:
    """Spearman's rho; None where one of the two never changes."""
    ranks = [_ranks(column) - (len(column) - 1) / 2 for column in (a, b)]
    size = math.sqrt(float((ranks[0] ** 2).sum() * (ranks[1] ** 2).sum()))
    return float((ranks[0] * ranks[1]).sum()) / size if size else None


def _share(column: Column, pairs: Sequence[tuple[float | str, float]], ys: npt.NDArray[np.float64]) -> float:
    """The correlation ratio, adjusted for the number of groups; numbers with many values are cut into six groups."""
    groups = np.unique([str(value) for value, _ in pairs], return_inverse=True)[1]
    if column.is_number:
        numbers = np.array([float(value) for value, _ in pairs])
        groups = np.unique(numbers, return_inverse=True)[1]
        bins = min(_BINS, max(2, len(pairs) // 4))
        if groups.max() >= bins:
            groups = (_ranks(numbers) * bins // len(numbers)).astype(int)
    total = float(((ys - ys.mean()) ** 2).sum())
    count, kinds = len(ys), len(np.unique(groups))
    if not total or count <= kinds:
        return 0.0
    inside = sum(float(((ys[groups == g] - ys[groups == g].mean()) ** 2).sum()) for g in np.unique(groups))
    return max(0.0, 1 - (inside / (count - kinds)) / (total / (count - 1)))


def _ranks(column: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Ranks from 0; equal values share the middle of theirs."""
    _, places, counts = np.unique(column, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts + 1) / 2)[places], dtype=np.float64)


def _value(value: float | str | None) -> float | str | None:
    if value is None:
        return None
    try:
        number = float(value)
    except ValueError:
        return str(value)
    if math.isnan(number) and not isinstance(value, str):
        return None
    return number if is_finite(number) else (None if not isinstance(value, str) else str(value))
