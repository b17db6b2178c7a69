"""How much each column moves the model's answers, by SHAP over a sample of rows."""

import os

# Compiling SHAP's loops takes ten seconds in each process; over this few rows they run in one as they are.
os.environ["NUMBA_DISABLE_JIT"] = "1"

import numpy as np
import pandas as pd
import shap
from measures import plain

ROWS, BACKGROUND, COLUMNS, POINTS = 60, 30, 40, 40


def explained(answer, features, seed):
    """Mean absolute SHAP values by column, and some points of the most important ones.

    `answer` gives one number for each row of a table like `features`. Words are handed to SHAP as codes.
    """
    if features.shape[1] > COLUMNS:
        raise ValueError(f"more than {COLUMNS} columns")
    table, codes = _coded(features)
    chosen = np.random.default_rng(seed).permutation(len(table))
    background = table[chosen[: min(BACKGROUND, len(table))]]
    rows = chosen[-min(ROWS, len(table)) :]
    explainer = shap.PermutationExplainer(
        lambda given: np.asarray(answer(_decoded(given, features, codes)), dtype=float), background, seed=seed
    )
    values = explainer(table[rows], max_evals=2 * table.shape[1] + 1, silent=True).values
    order = np.argsort(-np.abs(values).mean(axis=0))
    return {
        "rows": len(rows),
        "columns": [
            {
                "column": features.columns[at], "importance": plain(np.abs(values[:, at]).mean()),
                "points": [
                    {"value": plain(_scaled(table[:, at], table[row, at])), "shap": plain(values[number, at])}
                    for number, row in enumerate(rows[:POINTS])
                ],
            }
            for at in order
        ],
    }  # fmt: skip


def _coded(features):
    codes, columns = {}, []
    for name in features.columns:
        values = features[name]
        if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
            columns.append(values.to_numpy(dtype=float, na_value=np.nan))
        else:
            found, known = pd.factorize(values)
            codes[name] = known
            columns.append(found.astype(float))
    return np.column_stack(columns), codes


def _decoded(given, features, codes):
    table = {}
    for at, name in enumerate(features.columns):
        values = given[:, at]
        if name in codes:
            known = codes[name]
            places = np.rint(values).astype(int)
            table[name] = pd.Series(
                [known[place] if place >= 0 else None for place in places], dtype=features[name].dtype
            )
        else:
            column = pd.Series(values)
            is_whole = pd.api.types.is_integer_dtype(features[name]) and not column.isna().any()
            table[name] = column.round().astype(features[name].dtype) if is_whole else column
    return pd.DataFrame(table)


def _scaled(column, value):
    low, high = np.nanmin(column), np.nanmax(column)
    return (value - low) / (high - low) if high > low else 0.5
