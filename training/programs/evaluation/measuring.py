"""The report of an evaluation: metrics over all rows and by group, fairness, explanations, the champion beside it."""

import time
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from answered import answers_read
from comparing import compared
from fairness import fairness_of
from measures import measured, plain, sliced
from rows import columns_of, rows_of
from sklearn import metrics as sk

CLASSES_AT_MOST, POINTS, BINS = 30, 60, 10


def report_of(request):
    asked, answers, seed = request["asked"], Path(request["answers"]), request["seed"]
    began = time.monotonic()
    table = rows_of(request["data"], asked["target"])
    truth = table[asked["target"]].to_numpy()
    task = asked["task"] if asked["task"] != "auto" else task_of(table[asked["target"]])
    ours = answers_read(answers / "model-rows.npz", len(table))
    report = {
        "format": 2, "task": task, "target": asked["target"], "rows": len(table), "problems": [],
        "metrics": measured(task, truth, ours["predicted"], ours["scores"]),
        "plots": plots_of(task, truth, ours), "slices": [], "fairness": [], "explanation": None, "champion": None,
    }  # fmt: skip
    for column in asked["slices"]:
        add(report, "slices", column, table, partial(sliced, task, table, column, truth, *ours.values()))
    for column in asked["sensitive"]:
        told = partial(fairness_of, task, table, column, truth, ours["predicted"])
        add(report, "fairness", column, table, told)
    if asked["explain"]:
        features = table[columns_of(request["models"]["model"], table, asked["target"])]
        attempt(report, "explanation", lambda: explanation_of(replayed(task, ours, answers), features, seed))
    if "champion" in request["models"]:
        theirs = answers / "champion-rows.npz"
        attempt(
            report, "champion", lambda: compared(task, truth, ours, answers_read(theirs, len(table)), seed)
        )
    report["seconds"] = plain(round(time.monotonic() - began, 3))
    return report


def explanation_of(answer, features, seed):
    """What SHAP says, which takes seconds to load and is not always asked."""
    from explaining import explained

    return explained(answer, features, seed)


def replayed(task, ours, answers):
    """Answers the explanation, which asks for the same rows in the same order as when they were written down."""
    place, numbers = 0, None

    def answer(rows):
        nonlocal place, numbers
        if numbers is None:
            numbers = numbers_of(task, ours, answers_read(answers / "model-changed.npz"))
        place += len(rows)
        if place > len(numbers):
            raise ValueError("the model did not answer all that was asked")
        return numbers[place - len(rows) : place]

    return answer


def numbers_of(task, ours, told):
    """One number for each row: the score, the prediction, or whether it is the most frequent class."""
    if ours["scores"] is not None and told["scores"] is not None:
        return told["scores"]
    if task == "regression":
        return told["predicted"].astype(float)
    labels, counts = np.unique(ours["predicted"].astype(str), return_counts=True)
    return (told["predicted"].astype(str) == labels[counts.argmax()]).astype(float)


def task_of(target):
    """Numbers with many values are regressed; everything else is a class."""
    is_number = pd.api.types.is_float_dtype(target) and not (target == target.round()).all()
    is_wide = pd.api.types.is_numeric_dtype(target) and target.nunique() > CLASSES_AT_MOST
    return "regression" if is_number or is_wide else "classification"


def add(report, part, column, table, make):
    if column not in table.columns:
        report["problems"].append(f"{part}: the data has no column {column}")
        return
    try:
        report[part].append(make())
    except Exception as error:
        report["problems"].append(f"{part} by {column}: {str(error)[:300]}")


def attempt(report, part, make):
    try:
        report[part] = make()
    except Exception as error:
        report["problems"].append(f"{part}: {str(error)[:300]}")


def plots_of(task, truth, ours):
    if task == "regression":
        return regression_plots(truth.astype(float), ours["predicted"].astype(float))
    labels = sorted(set(truth.astype(str)) | set(ours["predicted"].astype(str)))
    if len(labels) > CLASSES_AT_MOST:
        return {}
    matrix = sk.confusion_matrix(truth.astype(str), ours["predicted"].astype(str), labels=labels)
    found = {"confusion": {"labels": labels, "counts": matrix.tolist()}}
    if ours["scores"] is not None and len(np.unique(truth)) == 2:
        found |= score_plots(truth == np.unique(truth)[1], ours["scores"])
    return found


def score_plots(positive, scores):
    false, true, _ = sk.roc_curve(positive, scores)
    kept = np.unique(np.linspace(0, len(false) - 1, POINTS).astype(int))
    bins = np.clip((scores * BINS).astype(int), 0, BINS - 1)
    filled = [bins == at for at in range(BINS) if (bins == at).any()]
    calibration = [
        {"score": plain(scores[each].mean()), "share": plain(positive[each].mean()), "count": int(each.sum())}
        for each in filled
    ]
    return {"roc": [[plain(false[at]), plain(true[at])] for at in kept], "calibration": calibration}


def regression_plots(truth, predicted):
    counts, edges = np.histogram(predicted - truth, bins=20)
    kept = np.unique(np.linspace(0, len(truth) - 1, POINTS).astype(int))
    return {
        "residuals": {"edges": [plain(edge) for edge in edges], "counts": counts.tolist()},
        "pairs": [[plain(truth[at]), plain(predicted[at])] for at in kept],
    }
