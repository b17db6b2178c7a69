"""The rows of an evaluation, and which columns of them a model takes. Loads nothing that measures."""

import json
from pathlib import Path

import yaml
from tables import table_read

MLMODEL_BYTES = 1024 * 1024


def rows_of(folder, target):
    """The rows that have a right answer. Raises ValueError."""
    table = table_read(folder)
    if target not in table.columns:
        raise ValueError(f"the data has no column {target}; it has {', '.join(table.columns[:50])}")
    table = table[table[target].notna()].reset_index(drop=True)
    if table.empty:
        raise ValueError("the data has no row with a target")
    return table


def columns_of(folder, table, target):
    """The columns that a model takes, in its order, by what its MLmodel says; nothing of the model is loaded."""
    path = Path(folder) / "MLmodel"
    if path.stat().st_size > MLMODEL_BYTES:
        raise ValueError("the file MLmodel is too large")
    described = yaml.safe_load(path.read_text()) or {}
    inputs = json.loads((described.get("signature") or {}).get("inputs") or "[]")
    wanted = [each.get("name") for each in inputs]
    if not wanted or not all(isinstance(name, str) for name in wanted):
        return [name for name in table.columns if name != target]
    missing = [name for name in wanted if name not in table.columns or name == target]
    if missing:
        raise ValueError(f"the data lacks the columns {', '.join(missing[:10])}")
    return wanted
