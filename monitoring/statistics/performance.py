"""How right predictions were, once the truth is known, and for whom."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from fairlearn.metrics import (
    MetricFrame,
    demographic_parity_difference,
    equalized_odds_difference,
    selection_rate,
)
from sklearn import metrics

Values = Any  # arrays of labels or of numbers


@dataclass(frozen=True)
class Metric:
    """A figure of scikit-learn. `is_better_high` says on which side the thresholds lie."""

    compute: Callable[[Values, Values], float]
    is_better_high: bool
    is_of_labels: bool


def _averaged(name: str) -> Callable[[Values, Values], float]:
    def compute(truth: Values, predicted: Values) -> float:
        return float(getattr(metrics, name)(truth, predicted, average="weighted", zero_division=0))

    return compute


def _rmse(truth: Values, predicted: Values) -> float:
    return float(metrics.root_mean_squared_error(truth, predicted))


METRICS: dict[str, Metric] = {
    "accuracy": Metric(metrics.accuracy_score, is_better_high=True, is_of_labels=True),
    "balanced_accuracy": Metric(metrics.balanced_accuracy_score, is_better_high=True, is_of_labels=True),
    "f1": Metric(_averaged("f1_score"), is_better_high=True, is_of_labels=True),
    "precision": Metric(_averaged("precision_score"), is_better_high=True, is_of_labels=True),
    "recall": Metric(_averaged("recall_score"), is_better_high=True, is_of_labels=True),
    "roc_auc": Metric(metrics.roc_auc_score, is_better_high=True, is_of_labels=False),
    "rmse": Metric(_rmse, is_better_high=False, is_of_labels=False),
    "mae": Metric(metrics.mean_absolute_error, is_better_high=False, is_of_labels=False),
    "r2": Metric(metrics.r2_score, is_better_high=True, is_of_labels=False),
}


def performance(name: str, truth: Values, predicted: Values) -> float:
    """A metric by name. Raises ValueError where it is not defined, such as the area under a curve of one class."""
    found = float(METRICS[name].compute(truth, predicted))
    if not np.isfinite(found):
        raise ValueError(f"{name} is not defined for these rows")
    return found


@dataclass(frozen=True)
class Slice:
    """A group, how many rows it has, and the metric in it; None where it is not defined."""

    name: str
    rows: int
    value: float | None


@dataclass(frozen=True)
class Fairness:
    """The difference between groups, and the groups, worst first."""

    difference: float
    slices: list[Slice]


FAIRNESS = ("demographic_parity", "equalized_odds", "selection_rate", *METRICS)
NEEDS_NO_TRUTH = ("demographic_parity", "selection_rate")


def fairness(
    name: str, truth: Values, predicted: Values, groups: Values, *, positive: Any = None
) -> Fairness:
    """The largest difference of a metric between groups (`fairlearn.metrics`, Bird et al. 2020).

    `demographic_parity` is the difference of selection rates (Dwork et al. 2012), `equalized_odds` the larger of the
    differences of true and false positive rates (Hardt et al. 2016); `positive` says which label.
    """
    is_binary = name in ("demographic_parity", "equalized_odds", "selection_rate")
    if is_binary:
        truth, predicted = (
            np.asarray([each == positive for each in side], int) for side in (truth, predicted)
        )
    shown = selection_rate if is_binary and name != "equalized_odds" else None
    compute = shown or (metrics.recall_score if is_binary else METRICS[name].compute)
    frame = MetricFrame(
        metrics={"value": _defined(compute), "rows": _rows}, y_true=truth, y_pred=predicted, sensitive_features=groups
    )  # fmt: skip
    table = frame.by_group
    found = [
        Slice(str(group), int(row["rows"]), float(row["value"]) if np.isfinite(row["value"]) else None)
        for group, row in table.iterrows()
    ]
    better = name not in METRICS or METRICS[name].is_better_high
    found.sort(key=lambda each: (each.value is None, (each.value or 0.0) * (1 if better else -1)))
    return Fairness(_difference(name, truth, predicted, groups, found), found)


def _difference(name: str, truth: Values, predicted: Values, groups: Values, slices: list[Slice]) -> float:
    if name == "equalized_odds":
        return float(equalized_odds_difference(truth, predicted, sensitive_features=groups))
    if name == "demographic_parity":
        return float(demographic_parity_difference(truth, predicted, sensitive_features=groups))
    known = [each.value for each in slices if each.value is not None]
    return max(known) - min(known) if known else 0.0


def _rows(truth: Values, predicted: Values) -> int:
    return len(truth)


def _defined(compute: Callable[[Values, Values], float]) -> Callable[[Values, Values], float]:
    """NaN where a small group has not what the metric needs."""

    def value(truth: Values, predicted: Values) -> float:
        try:
            return float(compute(truth, predicted))
        except ValueError:
            return float("nan")

    return value
