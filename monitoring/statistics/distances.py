"""How far two distributions are apart. Counts are arrays over the same bins; samples are arrays of finite numbers."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.spatial import distance

Numbers: TypeAlias = NDArray[np.float64]
# A bin without any is taken as so much, so that one value in it is not infinitely surprising.
LEAST_SHARE = 1e-4


@dataclass(frozen=True)
class Compared:
    """The distances between a reference and what is seen now; a test's p-value is shown and decides nothing."""

    psi: float
    js: float
    ks: float | None = None
    wasserstein: float | None = None
    cramers_v: float | None = None
    p_value: float | None = None


def shares(counts: Numbers) -> Numbers:
    """Counts as shares of their sum; all zero where there is nothing."""
    total = counts.sum()
    return np.asarray(counts / total if total else np.zeros(len(counts)), dtype=float)


def psi(expected: Numbers, actual: Numbers) -> float:
    """Population stability index: sum of (a - e) * ln(a / e) over the shares of bins.

    Siddiqi, Credit Risk Scorecards (2006), who calls 0.1 to 0.25 a small shift and more a large one. It is the
    Jeffreys divergence of the two. Shares below `LEAST_SHARE` are taken as that.
    """
    e, a = np.maximum(shares(expected), LEAST_SHARE), np.maximum(shares(actual), LEAST_SHARE)
    return float(np.sum((a - e) * np.log(a / e)))


def jensen_shannon(expected: Numbers, actual: Numbers) -> float:
    """Jensen-Shannon distance to base 2, from 0 (the same) to 1 (nothing in common).

    Lin, Divergence measures based on the Shannon entropy (1991); the square root, as `scipy.spatial.distance` has it.
    """
    e, a = shares(expected), shares(actual)
    if not e.any() or not a.any():
        return 0.0 if e.any() == a.any() else 1.0
    return float(np.nan_to_num(distance.jensenshannon(e, a, base=2)))


def kolmogorov_smirnov(reference: Numbers, actual: Numbers) -> tuple[float, float]:
    """Two-sample Kolmogorov-Smirnov: the largest difference of the two distribution functions, and its p-value.

    `scipy.stats.ks_2samp`, with the asymptotic p-value, which is fast for large samples.
    """
    found = stats.ks_2samp(reference, actual, method="asymp")
    return float(found.statistic), float(found.pvalue)


def kolmogorov_smirnov_binned(expected: Numbers, actual: Numbers) -> float:
    """The same difference where only counts are known: looked at between bins, so never larger than the true one."""
    return float(np.max(np.abs(np.cumsum(shares(expected)) - np.cumsum(shares(actual))), initial=0.0))


def wasserstein(reference: Numbers, actual: Numbers) -> float:
    """Earth mover's distance in standard deviations of the reference (`scipy.stats.wasserstein_distance`)."""
    scale = float(np.std(reference))
    return (
        float(stats.wasserstein_distance(reference, actual)) / scale
        if scale
        else _unscaled(reference, actual)
    )


def wasserstein_binned(centres: Numbers, expected: Numbers, actual: Numbers, scale: float) -> float:
    """The same from counts, with every value at the centre of its bin."""
    if not expected.sum() or not actual.sum() or not scale:
        return 0.0
    return float(stats.wasserstein_distance(centres, centres, expected, actual)) / scale


def chi_square(expected: Numbers, actual: Numbers) -> tuple[float, float]:
    """Cramer's V of reference and present over categories, and the p-value of Pearson's chi-square test of homogeneity.

    `scipy.stats.chi2_contingency`; Cramer, Mathematical Methods of Statistics (1946). V goes from 0 to 1 and does not
    grow with the number of rows, as chi-square does.
    """
    table = np.array([expected, actual], dtype=float)
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] < 2 or not table[0].sum() or not table[1].sum():
        return 0.0, 1.0
    found = stats.chi2_contingency(table, correction=False)
    return float(np.sqrt(found.statistic / table.sum())), float(found.pvalue)


def _unscaled(reference: Numbers, actual: Numbers) -> float:
    """Against a reference that never varies: 0 where nothing else is seen, else 1 for each value that differs."""
    return float(np.mean(actual != reference[0])) if len(actual) else 0.0
