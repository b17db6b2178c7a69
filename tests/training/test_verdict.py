"""From differences to a verdict."""

import math

import pytest

from training.reproduction.verdict import DEFAULT_TOLERANCE, metrics_compare, verdict_of

SAME = [{"path": "model.pkl", "is_equal": True}]
OTHER = [{"path": "model.pkl", "is_equal": False}, {"path": "MLmodel", "is_equal": True}]
EQUAL = {
    "kind": "number", "rows": 100, "equal_share": 1.0, "largest_absolute": 0.0, "largest_relative": 0.0,
    "mean_absolute": 0.0, "absolute_deviation": 0.0, "original_deviation": 1.0,
}  # fmt: skip


def verdict(files=OTHER, metrics=None, **predictions):
    found = {**EQUAL, **predictions}
    compared = metrics_compare({"auc": 0.9}, {"auc": 0.9}) if metrics is None else metrics
    return verdict_of(files, compared, found, DEFAULT_TOLERANCE)


def test_same_files_are_identical_whatever_else_was_measured():
    assert verdict(SAME, largest_relative=1.0)[0] == "identical"
    assert verdict_of([], {}, EQUAL, DEFAULT_TOLERANCE)[0] != "identical"


def test_other_files_with_the_same_answers_are_within_tolerance():
    assert verdict()[0] == "within_tolerance"
    assert verdict(largest_relative=1e-6)[0] == "within_tolerance"


@pytest.mark.parametrize(
    ("measured", "wanted"),
    [
        ({"mean_absolute": 0.01, "absolute_deviation": 0.02}, "statistically_equal"),
        ({"mean_absolute": 0.049, "absolute_deviation": 0.02}, "failed"),
        ({"mean_absolute": 0.01, "absolute_deviation": 0.02, "rows": 29}, "failed"),
        ({"kind": "label", "equal_share": 0.999, "rows": 1000}, "statistically_equal"),
        ({"kind": "label", "equal_share": 0.94, "rows": 1000}, "failed"),
        ({"kind": "label", "equal_share": 1.0, "rows": 30}, "failed"),
    ],
)
def test_predictions_that_differ_are_tested(measured, wanted):
    found, why = verdict(largest_relative=0.5, **measured)
    assert found == wanted
    assert "model.pkl" in why


def test_a_metric_that_is_far_away_is_named():
    far = metrics_compare({"auc": 0.9, "f1": 0.5}, {"auc": 0.9, "f1": 0.4})
    found, why = verdict(metrics=far, mean_absolute=1.0)
    assert found == "failed"
    assert "f1" in why
    assert "auc" not in why


def test_what_cannot_be_compared_has_failed_and_says_why():
    found, why = verdict_of(OTHER, {}, {"problem": "no rows"}, DEFAULT_TOLERANCE)
    assert (found, "no rows" in why) == ("failed", True)


def test_metrics_of_all_kinds_of_numbers():
    found = metrics_compare(
        {"same": 1.0, "nan": math.nan, "gone": 1.0, "inf": math.inf, "zero": 0.0},
        {"same": 1.0, "nan": math.nan, "new": 1.0, "inf": 5.0, "zero": 0.0},
    )
    assert {key: each["relative"] for key, each in found.items()} == {
        "same": 0.0, "nan": 0.0, "gone": None, "new": None, "inf": None, "zero": 0.0,
    }  # fmt: skip
