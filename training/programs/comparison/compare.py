"""Loads two models, lets both predict the same rows, and measures how far they are apart.

    python compare.py original/ reproduced/ report.json [data files …]

Runs in the environment that both models were trained in, as a process without secrets. Rows come from the data files
(CSV, JSON or Parquet) where some are given, else from the input example that was logged with the original.
"""

import json
import sys
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
from mlflow.models import Model

ROWS_AT_MOST = 20_000
READERS = {".csv": pd.read_csv, ".json": pd.read_json, ".parquet": pd.read_parquet}


def rows_of(original, files):
    """The rows that both models get, and where they are from."""
    frames = [
        READERS[Path(name).suffix.lower()](name) for name in files if Path(name).suffix.lower() in READERS
    ]
    if frames:
        return pd.concat(frames, ignore_index=True).head(ROWS_AT_MOST), "evaluation data"
    example = Model.load(str(original)).load_input_example(str(original))
    return (None if example is None else pd.DataFrame(example)), "input example"


def columns_kept(model, rows):
    """The columns that the signature asks for; all of them where there is none."""
    schema = model.metadata.get_input_schema()
    names = schema.input_names() if schema is not None and schema.has_input_names() else []
    return rows[names] if names else rows


def predictions_of(folder, rows):
    model = mlflow.pyfunc.load_model(str(folder))
    found = model.predict(columns_kept(model, rows))
    return np.asarray(pd.DataFrame(found)) if not isinstance(found, np.ndarray) else found


def measured(first, second):
    if first.shape != second.shape:
        return {"problem": f"the shapes of the predictions differ: {first.shape} and {second.shape}"}
    if not (np.issubdtype(first.dtype, np.number) and np.issubdtype(second.dtype, np.number)):
        equal = float(np.mean(first.astype(str) == second.astype(str)))
        return {"kind": "label", "rows": len(first), "equal_share": equal, "largest_relative": 1.0 - equal}
    first, second = first.astype(float), second.astype(float)
    away = np.abs(first - second)
    scale = np.maximum(np.maximum(np.abs(first), np.abs(second)), 1e-12)
    both = np.isnan(first) & np.isnan(second)
    relative = np.where(both, 0.0, away / scale)
    if not np.isfinite(relative).all():
        return {"problem": "one of the two predicts what is no number"}
    by_row = away.reshape(len(first), -1).mean(axis=1)
    return {
        "kind": "number", "rows": len(first), "equal_share": float(np.mean(first == second)),
        "largest_absolute": float(np.nanmax(away)), "largest_relative": float(relative.max()),
        "mean_absolute": float(np.nanmean(by_row)),
        "absolute_deviation": float(np.nanstd(by_row, ddof=1)) if len(by_row) > 1 else 0.0,
        "original_deviation": float(np.nanstd(first)),
    }  # fmt: skip


def main(original, reproduced, report, *files):
    try:
        rows, source = rows_of(original, files)
        if rows is None or not len(rows):
            said = {"problem": "neither evaluation data nor an input example was recorded"}
        else:
            said = measured(predictions_of(original, rows), predictions_of(reproduced, rows)) | {
                "source": source
            }
    except Exception as error:  # a model of somebody else can fail in every way; the report says how
        said = {"problem": f"{type(error).__name__}: {str(error)[:500]}"}
    Path(report).write_text(json.dumps(said))


if __name__ == "__main__":
    main(*sys.argv[1:])
