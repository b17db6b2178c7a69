"""Values as counts over the bins of a reference."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.float64]
QUANTILE_BINS, CATEGORIES = 10, 12
OTHER = "(other)"


@dataclass(frozen=True)
class Bins:
    """Edges of a reference and its counts: one before the first edge, one between each two, one after the last."""

    edges: Numbers
    counts: Numbers

    @property
    def centres(self) -> Numbers:
        """A place for each count; those outside stand at the outer edges."""
        middles = (self.edges[:-1] + self.edges[1:]) / 2
        return np.concatenate([self.edges[:1], middles, self.edges[-1:]])

    @property
    def deviation(self) -> float:
        """The standard deviation, as far as counts tell it."""
        total = self.counts.sum()
        if not total:
            return 0.0
        mean = float(np.sum(self.centres * self.counts) / total)
        return float(np.sqrt(np.sum(self.counts * (self.centres - mean) ** 2) / total))


def counted(values: Numbers, edges: Numbers) -> Numbers:
    """How many values are before, between and after edges; the last bin holds its right edge, as in numpy."""
    places = np.asarray(np.searchsorted(edges, values, side="right"))
    places[values == edges[-1]] = len(edges) - 1
    return np.bincount(places, minlength=len(edges) + 1).astype(float)


def bins_of_counts(edges: Sequence[float], counts: Sequence[float]) -> Bins:
    """Bins from a histogram that somebody else counted."""
    return Bins(np.asarray(edges, float), np.concatenate([[0.0], np.asarray(counts, float), [0.0]]))


def bins_of_sample(values: Numbers) -> Bins:
    """Bins that hold a tenth of a sample each, which is what the population stability index is usually taken over."""
    edges = np.unique(np.quantile(values, np.linspace(0, 1, QUANTILE_BINS + 1)))
    if len(edges) == 1:
        edges = np.array([edges[0], np.nextafter(edges[0], np.inf)])
    return Bins(edges, counted(values, edges))


def categories_of(counts: dict[str, int], known: Sequence[str]) -> Numbers:
    """Counts of the known categories in their order, and last of all others together."""
    named = [float(counts.get(name, 0)) for name in known]
    return np.array([*named, float(sum(counts.values())) - sum(named)])
