"""Runs as CSV, JSON and Parquet: what a table shows, in chunks."""

import csv
import io
import json
import math
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import Any
from uuid import UUID

from django.http import StreamingHttpResponse

from experiments.selectors.table_rows import default_columns, table_rows
from portal.accounts.actor import Actor

CHUNK = 1_000
HEAD = ("run_id", "run_name", "experiment")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export_answer(actor: Actor, ids: list[UUID], columns: Sequence[str], form: str) -> StreamingHttpResponse:
    """The runs in the order of the ids, with the columns of the table; without columns, the usual ones."""
    shown = list(columns) or default_columns(ids[:CHUNK], is_one=True)
    writer, content_type = FORMS[form]
    response = StreamingHttpResponse(
        writer(_records(actor, ids, shown), [*HEAD, *shown]), content_type=content_type
    )
    response["Content-Disposition"] = f'attachment; filename="runs.{form}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _records(actor: Actor, ids: list[UUID], columns: list[str]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(ids), CHUNK):
        yield [
            {
                "run_id": row.id, "run_name": row.name, "experiment": row.experiment_name,
                **{name: cell.value for name, cell in zip(columns, row.cells, strict=True)},
            }
            for row in table_rows(actor, ids[start : start + CHUNK], columns)
        ]  # fmt: skip


def _csv(chunks: Iterator[list[dict[str, Any]]], head: list[str]) -> Iterator[str]:
    yield ",".join(_quoted(name) for name in head) + "\r\n"
    for chunk in chunks:
        out = io.StringIO()
        csv.writer(out).writerows([_plain(record[name]) for name in head] for record in chunk)
        yield out.getvalue()


def _quoted(text: str) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([_plain(text)])
    return out.getvalue().strip("\r\n")


def _plain(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula is marked as text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _json(chunks: Iterator[list[dict[str, Any]]], head: list[str]) -> Iterator[str]:
    yield "["
    is_first = True
    for chunk in chunks:
        for record in chunk:
            finite = {
                name: None if isinstance(v, float) and not math.isfinite(v) else v
                for name, v in record.items()
            }
            yield ("" if is_first else ",\n") + json.dumps(finite, ensure_ascii=False)
            is_first = False
    yield "]\n"


def _parquet(chunks: Iterator[list[dict[str, Any]]], head: list[str]) -> Iterator[bytes]:
    # Only who exports Parquet pays for loading this: it takes more memory than the rest of the process.
    pa, pq = import_module("pyarrow"), import_module("pyarrow.parquet")

    pipe = _Pipe()
    schema = pa.schema([(name, _type(pa, name)) for name in head])
    with pq.ParquetWriter(pipe, schema) as writer:
        for chunk in chunks:
            writer.write_table(pa.Table.from_pylist(chunk, schema=schema))
            yield pipe.take()
    yield pipe.take()


class _Pipe(io.RawIOBase):
    """What is written can be taken away at once; positions count on."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._position += len(part)
        return len(part)

    def tell(self) -> int:
        return self._position

    def take(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _type(pa: Any, name: str) -> Any:
    if name.startswith("metrics."):
        return pa.float64()
    is_time = name in ("attributes.start_time", "attributes.end_time", "attributes.duration")
    return pa.int64() if is_time else pa.string()


_Writer = Callable[[Iterator[list[dict[str, Any]]], list[str]], Iterator[Any]]
FORMS: dict[str, tuple[_Writer, str]] = {
    "csv": (_csv, "text/csv; charset=utf-8"),
    "json": (_json, "application/json"),
    "parquet": (_parquet, "application/vnd.apache.parquet"),
}
