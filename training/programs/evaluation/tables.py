"""Reads the table of a dataset version: its files of one known form, in the order of their names."""

from functools import partial
from pathlib import Path

import pandas as pd

READERS = {
    ".csv": partial(pd.read_csv, low_memory=False),
    ".parquet": pd.read_parquet,
    ".json": pd.read_json,
    ".jsonl": lambda path: pd.read_json(path, lines=True),
    ".ndjson": lambda path: pd.read_json(path, lines=True),
    ".tsv": lambda path: pd.read_csv(path, sep="\t", low_memory=False),
}


def table_read(folder):
    """All rows of the files below a folder. Raises ValueError where no file is a table."""
    paths = [
        path for path in sorted(Path(folder).rglob("*")) if path.is_file() and path.suffix.lower() in READERS
    ]
    if not paths:
        raise ValueError(f"no file is a table; known are {', '.join(READERS)}")
    tables = [READERS[path.suffix.lower()](path) for path in paths]
    table = pd.concat(tables, ignore_index=True) if len(tables) > 1 else tables[0]
    table.columns = [str(name) for name in table.columns]
    return table
