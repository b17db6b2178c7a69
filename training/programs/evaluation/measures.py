"""Metrics under the names that MLflow's evaluation gives them, over all rows and over groups of rows."""

import math

import numpy as np
import pandas as pd
from sklearn import metrics as sk

GROUPS_AT_MOST, BINS = 12, 4


def measured(task, truth, predicted, scores=None):
    """The metrics of one group of rows; what cannot be said of it is left out."""
    found = _classes(truth, predicted, scores) if task == "classification" else _numbers(truth, predicted)
    return {name: plain(value) for name, value in found.items() if plain(value) is not None}


def sliced(task, table, column, truth, predicted, scores):
    """The metrics of every group of a column."""
    groups = grouped(table[column])
    rows = []
    for name in sorted(groups.dropna().unique(), key=str):
        chosen = (groups == name).to_numpy()
        part = scores[chosen] if scores is not None else None
        rows.append({
            "group": str(name)[:200], "count": int(chosen.sum()),
            "metrics": measured(task, truth[chosen], predicted[chosen], part),
        })  # fmt: skip
    return {"column": column, "missing": int(groups.isna().sum()), "groups": rows}


def grouped(values):
    """Groups of a column: its values, the frequent ones of many, or quarters of numbers."""
    if pd.api.types.is_numeric_dtype(values) and values.nunique() > GROUPS_AT_MOST:
        return pd.qcut(values, BINS, duplicates="drop").astype(str).where(values.notna())
    texts = values.astype(str).where(values.notna())
    frequent = texts.value_counts().index[:GROUPS_AT_MOST]
    return texts.where(texts.isin(frequent) | texts.isna(), "(others)")


def _classes(truth, predicted, scores):
    labels = np.unique(np.concatenate([truth, predicted]).astype(str))
    truth_text, predicted_text = truth.astype(str), predicted.astype(str)
    averaged = {"average": "weighted", "zero_division": 0}
    found = {
        "example_count": len(truth),
        "accuracy_score": sk.accuracy_score(truth_text, predicted_text),
        "balanced_accuracy_score": _balanced(truth_text, predicted_text),
        "precision_score": sk.precision_score(truth_text, predicted_text, **averaged),
        "recall_score": sk.recall_score(truth_text, predicted_text, **averaged),
        "f1_score": sk.f1_score(truth_text, predicted_text, **averaged),
    }
    if scores is not None and len(np.unique(truth)) == 2 and len(labels) <= 2:
        positive = truth == np.unique(truth)[1]
        found["roc_auc"] = sk.roc_auc_score(positive, scores)
        found["brier_score"] = float(np.mean((scores - positive) ** 2))
        found["log_loss"] = sk.log_loss(positive, np.clip(scores, 1e-15, 1 - 1e-15), labels=[False, True])
    return found


def _balanced(truth, predicted):
    shares = [np.mean(predicted[truth == label] == label) for label in np.unique(truth)]
    return float(np.mean(shares))


def _numbers(truth, predicted):
    truth, predicted = truth.astype(float), predicted.astype(float)
    squared = sk.mean_squared_error(truth, predicted)
    found = {
        "example_count": len(truth), "mean_absolute_error": sk.mean_absolute_error(truth, predicted),
        "mean_squared_error": squared, "root_mean_squared_error": math.sqrt(squared),
        "max_error": sk.max_error(truth, predicted), "mean_on_target": truth.mean(),
    }  # fmt: skip
    if len(truth) > 1:
        found["r2_score"] = sk.r2_score(truth, predicted)
    return found


def plain(value):
    """A number as JSON has it; None for what is none."""
    if value is None or isinstance(value, (bool, str)):
        return value
    number = float(value)
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() and isinstance(value, (int, np.integer)) else round(number, 10)
