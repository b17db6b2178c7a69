"""Lets one model answer: what it says of every row goes to the output folder. Nothing is measured here.

Whoever wrote the model decides what happens in this process, so it is given neither the right answers nor a token,
and the figures are made by another one after it has ended. The variable SUBJECT says whose turn it is.
"""

import json
import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from models import Answers


def main():
    subject, questions = os.environ["SUBJECT"], Path("questions")
    plan = json.loads((questions / "plan.json").read_text())[subject]
    sys.dont_write_bytecode = True  # the folder of a model that is code is an input, which stays as it is
    model = Answers(os.environ[f"PORTAL_INPUT_{subject.upper()}"])
    folder = Path(os.environ["PORTAL_OUTPUT_ANSWERS"])
    folder.mkdir(parents=True, exist_ok=True)
    for name in plan["tables"]:
        features = pd.read_parquet(questions / f"{name}.parquet")[plan["columns"]]
        answered(model, features, folder / f"{subject}-{name}.npz")


def answered(model, features, path):
    found = {"predicted": plain(model.predicted(features))}
    scores = model.scores(features)
    if scores is not None:
        found["scores"] = np.asarray(scores, dtype=float)
    np.savez(path, **found)


def plain(values):
    """Numbers as they are, and all else as text: no object is written."""
    values = np.asarray(values)
    return values if values.dtype.kind in "biuf" else values.astype(str)


if __name__ == "__main__":
    main()
