"""Statistics against values that are computed by hand, or by scipy from the samples themselves."""

import math

import numpy as np
import pytest
from scipy import stats

from monitoring.statistics import binning, distances
from monitoring.statistics.performance import FAIRNESS as KNOWN_FAIRNESS
from monitoring.statistics.performance import METRICS as KNOWN_METRICS
from monitoring.statistics.performance import fairness, performance
from monitoring.statistics.quality import quality_of
from monitoring.validation import FAIRNESS_METRICS, METRICS, METRICS_BETTER_HIGH

RANDOM = np.random.default_rng(7)


def counts(*values):
    return np.array(values, dtype=float)


def test_psi_by_hand():
    # Shares 0.5, 0.3, 0.2 against 0.4, 0.3, 0.3.
    wanted = (0.4 - 0.5) * math.log(0.4 / 0.5) + (0.3 - 0.2) * math.log(0.3 / 0.2)
    assert distances.psi(counts(50, 30, 20), counts(400, 300, 300)) == pytest.approx(wanted)
    assert distances.psi(counts(1, 2), counts(10, 20)) == 0
    never = (0.5 - 1e-4) * math.log(0.5 / 1e-4) + (0.5 - 1) * math.log(0.5)
    assert distances.psi(counts(100, 0), counts(50, 50)) == pytest.approx(never)


def test_jensen_shannon_by_hand():
    assert distances.jensen_shannon(counts(5, 0), counts(0, 9)) == pytest.approx(1)
    # The mixture of (1, 0) and (1/2, 1/2) is (3/4, 1/4).
    divergence = 0.5 * math.log2(1 / 0.75) + 0.5 * (0.5 * math.log2(0.5 / 0.75) + 0.5 * math.log2(0.5 / 0.25))
    assert distances.jensen_shannon(counts(7, 0), counts(3, 3)) == pytest.approx(math.sqrt(divergence))
    assert distances.jensen_shannon(counts(0, 0), counts(1, 1)) == 1


def test_kolmogorov_smirnov_and_wasserstein_as_scipy_has_them_and_near_them_from_bins():
    reference, actual = RANDOM.normal(0, 2, 20_000), RANDOM.normal(1, 2, 20_000)
    exact = stats.ks_2samp(reference, actual)
    found, p_value = distances.kolmogorov_smirnov(reference, actual)
    assert (found, p_value) == (pytest.approx(exact.statistic), pytest.approx(exact.pvalue, abs=1e-9))
    moved = distances.wasserstein(reference, actual)
    assert moved == pytest.approx(stats.wasserstein_distance(reference, actual) / np.std(reference))
    histogram, edges = np.histogram(reference, bins=20)
    bins = binning.bins_of_counts(edges, histogram)
    now = binning.counted(actual, bins.edges)
    assert 0.9 * found <= distances.kolmogorov_smirnov_binned(bins.counts, now) <= found
    binned = distances.wasserstein_binned(bins.centres, bins.counts, now, float(np.std(reference)))
    assert binned == pytest.approx(moved, rel=0.1)


def test_chi_square_as_scipy_has_it():
    expected, actual = counts(50, 50, 0), counts(80, 20, 0)
    v, p_value = distances.chi_square(expected, actual)
    known = stats.chi2_contingency([[50, 50], [80, 20]], correction=False)
    assert (v, p_value) == (pytest.approx(math.sqrt(known.statistic / 200)), pytest.approx(known.pvalue))
    assert distances.chi_square(counts(5, 0), counts(9, 0)) == (0, 1)


def test_bins_count_everything_once():
    values = np.array([-1.0, 0.0, 0.5, 1.0, 2.0, 2.0001])
    assert binning.counted(values, np.array([0.0, 1.0, 2.0])).tolist() == [1, 2, 2, 1]
    sample = RANDOM.exponential(1, 1000)
    bins = binning.bins_of_sample(sample)
    assert (bins.counts[0], bins.counts[-1], bins.counts.sum()) == (0, 0, 1000)
    assert set(bins.counts[1:-1]) == {100}
    same = binning.bins_of_sample(np.full(9, 3.0))
    assert same.counts.tolist() == [0, 9, 0]
    assert binning.categories_of({"a": 2, "z": 3}, ["a", "b"]).tolist() == [2, 0, 3]


def test_quality_is_judged_by_the_worst_and_what_was_always_missing_is_usual():
    found = quality_of(200, missing=30, mistyped=4, out_of_range=2, usual_missing=0.1)
    assert (found.missing, found.worst, found.what) == (
        pytest.approx(0.05),
        pytest.approx(0.05),
        "values are missing",
    )
    assert quality_of(0, missing=0).worst == 0


def test_performance_and_fairness():
    truth, said = np.array(list("yynnynnn")), np.array(list("ynnnynyn"))
    groups = np.array(list("aaaabbbb"))
    assert performance("accuracy", truth, said) == 0.75
    assert performance("rmse", np.array([1.0, 3.0]), np.array([1.0, 5.0])) == pytest.approx(math.sqrt(2))
    with pytest.raises(ValueError, match=r"not defined|one class"):
        performance("roc_auc", np.array([1.0, 1.0]), np.array([0.2, 0.4]))
    # Selected: 1 of 4 in a, 2 of 4 in b. True positive rates: 1/2 and 1; false positive rates: 0 and 1/3.
    assert fairness("demographic_parity", truth, said, groups, positive="y").difference == pytest.approx(0.25)
    assert fairness("equalized_odds", truth, said, groups, positive="y").difference == pytest.approx(0.5)
    by_group = fairness("accuracy", truth, said, np.array(list("aabbbbbb")))
    assert [(each.name, each.rows, each.value) for each in by_group.slices] == [
        ("a", 2, 0.5), ("b", 6, pytest.approx(5 / 6)),
    ]  # fmt: skip
    errors = fairness("mae", np.array([1.0, 1.0]), np.array([1.0, 4.0]), np.array(["a", "b"]))
    assert [each.name for each in errors.slices] == ["b", "a"]


def test_what_settings_offer_is_what_can_be_computed():
    assert set(METRICS) == set(KNOWN_METRICS)
    assert set(FAIRNESS_METRICS) == set(KNOWN_FAIRNESS)
    assert {name for name, each in KNOWN_METRICS.items() if each.is_better_high} == set(METRICS_BETTER_HIGH)
