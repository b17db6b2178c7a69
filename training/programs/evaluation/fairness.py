"""Fairness between the groups of sensitive columns, by fairlearn."""

from fairlearn import metrics as fair
from measures import grouped, plain
from sklearn.metrics import accuracy_score, mean_absolute_error


def fairness_of(task, table, column, truth, predicted):
    """The measures of one sensitive column: by group, and the largest gaps between groups."""
    groups = grouped(table[column])
    known = groups.notna().to_numpy()
    truth, predicted, groups = truth[known], predicted[known], groups[known]
    if task != "classification":
        return _framed(column, {"mean_absolute_error": mean_absolute_error}, truth, predicted, groups, {})
    labels = sorted(set(truth.astype(str)) | set(predicted.astype(str)))
    if len(labels) != 2:
        told = truth.astype(str), predicted.astype(str)
        return _framed(column, {"accuracy_score": accuracy_score}, *told, groups, {})
    positive = labels[1]
    is_true, is_told = (truth.astype(str) == positive), (predicted.astype(str) == positive)
    gaps = {
        "demographic_parity_difference": fair.demographic_parity_difference,
        "demographic_parity_ratio": fair.demographic_parity_ratio,
        "equalized_odds_difference": fair.equalized_odds_difference,
        "equal_opportunity_difference": fair.equal_opportunity_difference,
    }
    overall = {
        name: plain(function(is_true, is_told, sensitive_features=groups)) for name, function in gaps.items()
    }
    each = {
        "selection_rate": fair.selection_rate, "true_positive_rate": fair.true_positive_rate,
        "false_positive_rate": fair.false_positive_rate, "accuracy_score": accuracy_score,
    }  # fmt: skip
    found = _framed(column, each, is_true, is_told, groups, overall)
    return {**found, "positive": positive}


def _framed(column, functions, truth, predicted, groups, overall):
    frame = fair.MetricFrame(
        metrics={"count": fair.count, **functions}, y_true=truth, y_pred=predicted, sensitive_features=groups
    )
    by_group = [
        {"group": str(name)[:200], **{key: plain(value) for key, value in row.items()}}
        for name, row in frame.by_group.iterrows()
    ]
    gaps = frame.difference()
    differences = {f"{name}_difference": plain(gaps[name]) for name in functions}
    return {"column": column, "by_group": by_group, "gaps": {**differences, **overall}}
