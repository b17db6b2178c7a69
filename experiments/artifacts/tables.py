"""A page of a table that a file of the store holds: CSV, TSV, Parquet, or JSON as MLflow writes tables.

Files come from training scripts, so each is read within bounds: what is larger or broken has no table.
"""

import csv
import io
import json
import posixpath
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from experiments.artifacts.store import artifact_store

ROWS_A_PAGE = 100
COLUMNS_AT_MOST = 50
CELL_LENGTH = 500
SCANNED_BYTES = 64 * 1024**2
JSON_BYTES = 16 * 1024**2
GROUP_BYTES = 128 * 1024**2
_DELIMITERS = {".csv": ",", ".tsv": "\t"}
_BLOCK = 1024 * 1024


@dataclass(frozen=True)
class TablePage:
    """Rows of texts below a head, from row `start`; `total` is None where nobody counted, `is_cut` says that there is
    more than what can be paged through."""

    head: list[str]
    rows: list[list[str]] = field(default_factory=list)
    start: int = 0
    total: int | None = None
    has_more: bool = False
    is_cut: bool = False
    columns: int = 0

    @property
    def page(self) -> int:
        return self.start // ROWS_A_PAGE + 1

    @property
    def last(self) -> int:
        """The number of the last row shown, from 1."""
        return self.start + len(self.rows)


def table_page(path: str, page: int) -> TablePage | None:
    """The rows of a page, from 1; None where the file is no table that can be read. Raises NotFound."""
    suffix, start = posixpath.splitext(path)[1].lower(), (page - 1) * ROWS_A_PAGE
    if suffix in _DELIMITERS:
        return _from_text(path, _DELIMITERS[suffix], start)
    if suffix == ".json":
        return _from_json(path, start)
    return _from_parquet(path, start) if suffix == ".parquet" else None


def table_start(path: str, rows: int) -> TablePage | None:
    """The first rows of CSV, TSV or JSON, as many as a curve has; None where the file is none of them."""
    suffix = posixpath.splitext(path)[1].lower()
    if suffix in _DELIMITERS:
        return _from_text(path, _DELIMITERS[suffix], 0, rows)
    return _from_json(path, 0, rows) if suffix == ".json" else None


def _from_text(path: str, delimiter: str, start: int, count: int = ROWS_A_PAGE) -> TablePage | None:
    size = artifact_store().stat(path).size
    chunks = artifact_store().open(path, 0, SCANNED_BYTES).chunks
    try:
        rows = csv.reader(_lines(chunks), delimiter=delimiter)
        head = next(rows, [])
        found = list(islice(rows, start, start + count + 1))
    except csv.Error:  # a field of more than 128 kB
        return None
    return _page(head, found, start, count=count, is_cut=size > SCANNED_BYTES)


def _lines(chunks: Iterator[bytes]) -> Iterator[str]:
    """Lines of text, of which a chunk may hold a half."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line.decode("utf-8", "replace").replace("\0", "") + "\n"
    if rest:
        yield rest.decode("utf-8", "replace").replace("\0", "")


def _from_json(path: str, start: int, count: int = ROWS_A_PAGE) -> TablePage | None:
    found = _json_table(path)
    if found is None:
        return None
    head, rows = found
    return _page(head, rows[start : start + count + 1], start, total=len(rows), count=count)


def _json_table(path: str) -> tuple[list[Any], list[list[Any]]] | None:
    """`{"columns": […], "data": [[…], …]}` of mlflow.log_table, or a list of objects."""
    if artifact_store().stat(path).size > JSON_BYTES:
        return None
    found: Any = None
    with suppress(ValueError, RecursionError):
        found = json.loads(b"".join(artifact_store().open(path).chunks))
    if (
        isinstance(found, dict)
        and isinstance(found.get("columns"), list)
        and isinstance(found.get("data"), list)
    ):
        return found["columns"], [row for row in found["data"] if isinstance(row, list)]
    if isinstance(found, list) and found and all(isinstance(row, dict) for row in found):
        head = list(dict.fromkeys(name for row in found[:1000] for name in row))
        return head, [[row.get(name) for name in head] for row in found]
    return None


def _from_parquet(path: str, start: int) -> TablePage | None:
    """Only the groups of rows that the page touches are read, and none that is large."""
    import pyarrow as pa  # noqa: PLC0415 - large, and few look into Parquet
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        file = pq.ParquetFile(_Seekable(path))
        facts, wanted, before = file.metadata, [], 0
        for number in range(facts.num_row_groups):
            group = facts.row_group(number)
            if before + group.num_rows > start and before <= start + ROWS_A_PAGE:
                if group.total_byte_size > GROUP_BYTES:
                    return None
                wanted.append((number, before))
            before += group.num_rows
        head = list(file.schema_arrow.names)
        table = file.read_row_groups([number for number, _ in wanted], columns=head[:COLUMNS_AT_MOST])
        part = table.slice(start - (wanted[0][1] if wanted else 0), ROWS_A_PAGE + 1).to_pydict()
    except (pa.ArrowException, OSError, ValueError):
        return None
    rows = [list(row) for row in zip(*part.values(), strict=True)]
    return _page(head, rows, start, total=facts.num_rows)


def _page(
    head: list[Any], rows: list[Any], start: int, *, total: int | None = None, is_cut: bool = False,
    count: int = ROWS_A_PAGE,
) -> TablePage:  # fmt: skip
    shown = [[_cell(value) for value in row[:COLUMNS_AT_MOST]] for row in rows[:count]]
    names = [_cell(name) for name in head]
    return TablePage(
        names[:COLUMNS_AT_MOST], shown, start, total, len(rows) > count,
        is_cut=is_cut and len(rows) <= count, columns=len(names),
    )  # fmt: skip


def _cell(value: Any) -> str:
    text = (
        ""
        if value is None
        else value
        if isinstance(value, str)
        else repr(value)
        if isinstance(value, float)
        else str(value)
    )
    return text if len(text) <= CELL_LENGTH else f"{text[:CELL_LENGTH]}…"


class _Seekable(io.RawIOBase):
    """A file of the store for readers that jump about; reads are of a megabyte, of which the last is kept."""

    def __init__(self, path: str) -> None:
        self.path, self.at, self.size = path, 0, artifact_store().stat(path).size
        self.block, self.held = -1, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self.at = offset + (self.at if whence == io.SEEK_CUR else self.size if whence == io.SEEK_END else 0)
        return self.at

    def readinto(self, buffer: Any) -> int:
        if not 0 <= self.at < self.size:
            return 0
        if self.at // _BLOCK != self.block:
            self.block = self.at // _BLOCK
            begin = self.block * _BLOCK
            self.held = b"".join(artifact_store().open(self.path, begin, begin + _BLOCK).chunks)
        inside = self.at % _BLOCK
        part = self.held[inside : inside + len(buffer)]
        buffer[: len(part)] = part
        self.at += len(part)
        return len(part)


def table_columns(path: str) -> dict[str, str]:
    """The first 50 columns with their types as the file says them; CSV and JSON say none, so all are `value` there."""
    if posixpath.splitext(path)[1].lower() == ".parquet":
        import pyarrow.parquet as pq  # noqa: PLC0415

        fields = list(pq.ParquetFile(_Seekable(path)).schema_arrow)[:COLUMNS_AT_MOST]
        return {_cell(each.name): str(each.type) for each in fields}
    found = table_page(path, 1)
    return dict.fromkeys(found.head if found else [], "value")


def table_rows(path: str) -> tuple[list[str], Iterator[list[str]]]:
    """The head of a table and its rows as they are needed, within the bounds of a page. Raises NotFound."""
    suffix = posixpath.splitext(path)[1].lower()
    if suffix == ".parquet":
        return _parquet_rows(path)
    if suffix in _DELIMITERS:
        rows = csv.reader(
            _lines(artifact_store().open(path, 0, SCANNED_BYTES).chunks), delimiter=_DELIMITERS[suffix]
        )
        head = [_cell(name) for name in next(rows, [])[:COLUMNS_AT_MOST]]
        return head, _texts(_whole(rows))
    head_of, found = _json_table(path) or ([], [])
    return [_cell(name) for name in head_of[:COLUMNS_AT_MOST]], _texts(found)


def _parquet_rows(path: str) -> tuple[list[str], Iterator[list[str]]]:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    file = pq.ParquetFile(_Seekable(path))
    names = list(file.schema_arrow.names)[:COLUMNS_AT_MOST]

    def rows() -> Iterator[list[str]]:
        for number in range(file.metadata.num_row_groups):
            if file.metadata.row_group(number).total_byte_size > GROUP_BYTES:
                return
            with suppress(pa.ArrowException, OSError, ValueError):  # what is broken ends there
                for batch in file.iter_batches(1_000, row_groups=[number], columns=names):
                    yield from _texts(zip(*batch.to_pydict().values(), strict=True))

    return [_cell(name) for name in names], rows()


def _whole(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    """Rows up to the first that cannot be read."""
    with suppress(csv.Error):  # a field of more than 128 kB
        yield from rows


def _texts(rows: Iterable[Sequence[Any]]) -> Iterator[list[str]]:
    return ([_cell(value) for value in row[:COLUMNS_AT_MOST]] for row in rows)
