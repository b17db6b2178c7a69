"""Looks at a table: its columns and their values in plain figures, for plots. Usage: look.py FOLDER REPORT."""

import json
import math
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from digests import mlflow_digest
from tables import table_read

COLUMNS_AT_MOST, VALUES, BINS, TEXT = 300, 12, 20, 100


def main():
    folder, report = sys.argv[1:]
    try:
        table = table_read(folder)
        found = looked(table)
    except Exception as error:
        found = {"problem": f"{type(error).__name__}: {str(error)[:800]}"}
    Path(report).write_text(json.dumps(found, allow_nan=False))


def looked(table):
    columns = [column_of(table[name]) for name in table.columns[:COLUMNS_AT_MOST]]
    return {
        "schema": [
            {"name": str(name)[:500], "type": type_of(table[name]), "nullable": bool(table[name].isna().any())}
            for name in table.columns
        ],
        "rows": len(table), "mlflow_digest": digest_of(table), "duplicate_rows": duplicates_of(table),
        "columns": columns, "columns_left_out": max(0, table.shape[1] - COLUMNS_AT_MOST),
    }  # fmt: skip


def column_of(values):
    found = {
        "name": str(values.name)[:500], "type": type_of(values), "missing": int(values.isna().sum()),
        "unique": unique_of(values),
    }  # fmt: skip
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        return found | numbers_of(values)
    if pd.api.types.is_datetime64_any_dtype(values):
        return found | {"first": str(values.min()), "last": str(values.max())}
    counts = values.dropna().astype(str).str.slice(0, TEXT).value_counts()
    top = [{"value": str(name), "count": int(count)} for name, count in counts.head(VALUES).items()]
    return found | {"top": top, "others": int(counts.iloc[VALUES:].sum())}


def numbers_of(values):
    known = values.dropna().astype(float)
    known = known[np.isfinite(known)]
    if known.empty:
        return {}
    counts, edges = np.histogram(known, bins=min(BINS, max(1, known.nunique())))
    quantiles = known.quantile([0.25, 0.5, 0.75])
    return {
        "min": plain(known.min()), "max": plain(known.max()), "mean": plain(known.mean()), "std": plain(known.std()),
        "quartiles": [plain(value) for value in quantiles],
        "histogram": {"edges": [plain(edge) for edge in edges], "counts": counts.tolist()},
    }  # fmt: skip


def type_of(values):
    kind = str(values.dtype)
    if kind not in ("object", "str"):
        return kind
    return "string" if values.dropna().map(lambda each: isinstance(each, str)).all() else "object"


def unique_of(values):
    try:
        return int(values.nunique())
    except TypeError:
        return None


def duplicates_of(table):
    try:
        return int(table.duplicated().sum())
    except TypeError:
        return None


def digest_of(table):
    try:
        return mlflow_digest(table)
    except TypeError:
        return ""


def plain(value):
    return round(float(value), 10) if math.isfinite(value) else None


if __name__ == "__main__":
    main()
