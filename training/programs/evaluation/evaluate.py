"""Evaluates a model on a table: metrics over all rows and by group, fairness, explanations, the champion beside it.

What to do stands in the variable EVALUATION; the report is `report.json` in the output folder. Nothing is sent.
"""

import json
import os
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from comparing import compared
from explaining import explained
from fairness import fairness_of
from measures import measured, plain, sliced
from models import Answers
from sklearn import metrics as sk
from tables import table_read

CLASSES_AT_MOST, POINTS, BINS = 30, 60, 10


def main():
    asked = json.loads(os.environ["EVALUATION"])
    began = time.monotonic()
    table = table_read(os.environ["PORTAL_INPUT_DATA"])
    if asked["target"] not in table.columns:
        sys.exit(f"The data has no column {asked['target']}. It has: {', '.join(table.columns[:50])}.")
    table = table[table[asked["target"]].notna()].reset_index(drop=True)
    if table.empty:
        sys.exit("The data has no row with a target.")
    truth = table[asked["target"]].to_numpy()
    task = asked["task"] if asked["task"] != "auto" else task_of(table[asked["target"]])
    model = Answers(os.environ["PORTAL_INPUT_MODEL"])
    ours, features = answers_of(model, table, asked["target"])
    seed = int(os.environ.get("PORTAL_SEED", "0"))
    report = {
        "format": 1, "task": task, "target": asked["target"], "rows": len(table), "problems": [],
        "metrics": measured(task, truth, ours["predicted"], ours["scores"]),
        "plots": plots_of(task, truth, ours), "slices": [], "fairness": [], "explanation": None, "champion": None,
    }  # fmt: skip
    for column in asked["slices"]:
        add(report, "slices", column, table, partial(sliced, task, table, column, truth, *ours.values()))
    for column in asked["sensitive"]:
        add(
            report,
            "fairness",
            column,
            table,
            partial(fairness_of, task, table, column, truth, ours["predicted"]),
        )
    if asked["explain"]:
        attempt(report, "explanation", lambda: explained(answer_of(model, ours, task), features, seed))
    if "PORTAL_INPUT_CHAMPION" in os.environ:
        attempt(report, "champion", lambda: champion_of(task, table, truth, ours, asked["target"], seed))
    report["seconds"] = plain(round(time.monotonic() - began, 3))
    folder = Path(os.environ["PORTAL_OUTPUT_REPORT"])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(json.dumps(report, allow_nan=False))
    sys.stdout.write(json.dumps(report["metrics"], indent=1) + "\n")


def task_of(target):
    """Numbers with many values are regressed; everything else is a class."""
    is_number = pd.api.types.is_float_dtype(target) and not (target == target.round()).all()
    is_wide = pd.api.types.is_numeric_dtype(target) and target.nunique() > CLASSES_AT_MOST
    return "regression" if is_number or is_wide else "classification"


def answers_of(model, table, target):
    features = table[model.columns(table, target)]
    return {"predicted": model.predicted(features), "scores": model.scores(features)}, features


def answer_of(model, ours, task):
    """One number for each row: the score, the prediction, or whether it is the most frequent class."""
    if ours["scores"] is not None:
        return model.scores
    if task == "regression":
        return model.predicted
    labels, counts = np.unique(ours["predicted"].astype(str), return_counts=True)
    return lambda features: (model.predicted(features).astype(str) == labels[counts.argmax()]).astype(float)


def champion_of(task, table, truth, ours, target, seed):
    theirs, _ = answers_of(Answers(os.environ["PORTAL_INPUT_CHAMPION"]), table, target)
    return compared(task, truth, ours, theirs, seed)


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


if __name__ == "__main__":
    main()
