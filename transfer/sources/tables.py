"""Rows of a table in a file, one by one: CSV, JSON (lines, or one list) and Parquet."""

import csv
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from transfer.objects import SourceUnavailable

Row: TypeAlias = Mapping[str, Any]
TABLES = (".csv", ".jsonl", ".ndjson", ".json", ".parquet")
_ROWS_PER_BATCH = 4096
_LONGEST_CELL = 16 * 1024 * 1024


def table_rows(file: Path) -> Iterator[Row]:
    """The rows, by the names of their columns; an empty cell of a CSV is not there. Raises SourceUnavailable."""
    reader = {".csv": _csv, ".parquet": _parquet, ".json": _json}.get(file.suffix.lower(), _lines)
    try:
        yield from reader(file)
    except (csv.Error, pa.ArrowException, OSError, ValueError) as error:
        raise SourceUnavailable(f"{file.name} of {file.parent.name} cannot be read: {error}") from error


def header_of(file: Path) -> list[str]:
    """The names of the columns of a CSV. Raises SourceUnavailable."""
    try:
        with _long_cells(), file.open(encoding="utf-8-sig", newline="") as opened:
            return next(csv.reader(opened), [])
    except (csv.Error, OSError, ValueError) as error:
        raise SourceUnavailable(f"{file.name} of {file.parent.name} cannot be read: {error}") from error


def _csv(file: Path) -> Iterator[Row]:
    with _long_cells(), file.open(encoding="utf-8-sig", newline="") as opened:
        for row in csv.DictReader(opened):
            yield {key: value for key, value in row.items() if key and value not in ("", None)}


@contextmanager
def _long_cells() -> Iterator[None]:
    """The limit is the process's, and others rely on it: it is put back when the table is read or left."""
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _lines(file: Path) -> Iterator[Row]:
    with file.open(encoding="utf-8") as opened:
        for number, line in enumerate(opened, 1):
            if line.strip():
                yield _row(json.loads(line), f"line {number}")


def _json(file: Path) -> Iterator[Row]:
    found = json.loads(file.read_text(encoding="utf-8"))
    for number, row in enumerate(found if isinstance(found, list) else [found], 1):
        yield _row(row, f"row {number}")


def _row(found: Any, where: str) -> Row:
    if not isinstance(found, dict):
        raise ValueError(f"{where} is no object with a value for each column")
    return found


def _parquet(file: Path) -> Iterator[Row]:
    with pq.ParquetFile(file) as opened:
        for batch in opened.iter_batches(_ROWS_PER_BATCH):
            for row in batch.to_pylist():
                yield {key: value for key, value in row.items() if value is not None}
