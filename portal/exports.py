"""Any table as CSV, JSON or Parquet: its columns and its rows in chunks, sent as they are read.

A table gives its columns as `Column`s and its records as dicts, some hundred at a time, so that one of 100,000 rows
takes no more memory than one of a thousand.
"""

import csv
import datetime as dt
import io
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import chain
from typing import Any, Literal, TypeVar
from uuid import UUID

from django.http import StreamingHttpResponse

from portal.accounts.actor import Actor
from portal.kernel.errors import InvalidInput
from portal.operations import Changed, operation

CHUNK = 1_000
ROWS_AT_MOST = 100_000
EXPORT = "portal.table.export"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
Kind = Literal["text", "integer", "number", "flag", "time"]
Records = list[dict[str, Any]]
Row = TypeVar("Row")


@dataclass(frozen=True)
class Column:
    """A column of a table that leaves the portal. `value` reads it from a row; without it, the field of its name."""

    name: str
    kind: Kind = "text"
    value: Callable[[Any], Any] | None = None

    def of(self, row: Any) -> Any:
        """The value in a row, as JSON and Parquet take it."""
        return _typed(self.kind, self.value(row) if self.value else _field(row, self.name))


def download_asked(query: Mapping[str, Any]) -> str | None:
    """The form in which a page is asked for as a file, from `download` in its address. Raises InvalidInput."""
    form = query.get("download")
    return form_checked(form) if form else None


def all_pages(fetch: Callable[[str], tuple[Sequence[Row], str | None]]) -> Iterator[Row]:
    """The rows of all pages of a list: `fetch` answers one page for its token, and the token of the next."""
    token = ""
    while True:
        rows, following = fetch(token)
        yield from rows
        if not following:
            return
        token = following


def form_checked(form: str) -> str:
    """The form that was asked for. Raises InvalidInput (`unknown_format`)."""
    if form not in FORMS:
        raise InvalidInput(
            f"A table leaves as {', '.join(FORMS)}, not as '{form[:40]}'.", code="unknown_format"
        )
    return form


@operation(EXPORT)
def table_export(*, actor: Actor, name: str, form: str, asked: str) -> Changed[None]:
    """Note that somebody takes a list out of the portal, in which form; `asked` is its address with the filters."""
    return Changed(None, before={}, after={"table": name, "exported_as": form, "asked": asked[:1000]})


def table_answer(
    request: Any, name: str, form: str, columns: Sequence[Column], rows: Iterable[Any]
) -> StreamingHttpResponse:
    """Rows as a file for whoever asks on a page, of which an event is left."""
    answer = rows_answer(name, form, columns, rows)
    table_export(actor=request.actor, name=name, form=form, asked=request.get_full_path())
    return answer


def rows_answer(
    name: str, form: str, columns: Sequence[Column], rows: Iterable[Any]
) -> StreamingHttpResponse:
    """Rows as a file `name.form`; `rows` is read while the answer goes out."""
    chunks = (
        [{column.name: column.of(row) for column in columns} for row in chunk] for chunk in _chunked(rows)
    )
    return records_answer(name, form, [(column.name, column.kind) for column in columns], chunks)


def records_answer(
    name: str, form: str, head: Sequence[tuple[str, Kind]], chunks: Iterator[Records]
) -> StreamingHttpResponse:
    """Chunks of records as a file. What fails before the first chunk is there is answered as an error, not cut off."""
    writer, content_type = FORMS[form_checked(form)]
    first = next(chunks, [])
    response = StreamingHttpResponse(writer(chain([first], chunks), head), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _chunked(rows: Iterable[Any]) -> Iterator[list[Any]]:
    chunk: list[Any] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _field(row: Any, name: str) -> Any:
    return row.get(name) if isinstance(row, dict) else getattr(row, name)


def _typed(kind: Kind, value: Any) -> Any:
    if value is None:
        return None
    if kind == "time":
        return value.isoformat() if isinstance(value, dt.datetime) else str(value)
    if kind == "text":
        return value.hex if isinstance(value, UUID) else value if isinstance(value, str) else str(value)
    return {"integer": int, "number": float, "flag": bool}[kind](value)


def _csv(chunks: Iterable[Records], head: Sequence[tuple[str, Kind]]) -> Iterator[str]:
    names = [name for name, _ in head]
    yield _lines([names])
    for chunk in chunks:
        yield _lines([record[name] for name in names] for record in chunk)


def _lines(rows: Iterable[Sequence[Any]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([_plain(value) for value in row] for row in rows)
    return out.getvalue()


def _plain(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula is marked as text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _json(chunks: Iterable[Records], head: Sequence[tuple[str, Kind]]) -> Iterator[str]:
    yield "["
    is_first = True
    for chunk in chunks:
        lines = []
        for record in chunk:
            finite = {name: _finite(record[name]) for name, _ in head}
            lines.append(("" if is_first else ",\n") + json.dumps(finite, ensure_ascii=False))
            is_first = False
        yield "".join(lines)
    yield "]\n"


def _ndjson(chunks: Iterable[Records], head: Sequence[tuple[str, Kind]]) -> Iterator[str]:
    for chunk in chunks:
        yield "".join(
            json.dumps({name: _finite(record[name]) for name, _ in head}, ensure_ascii=False) + "\n"
            for record in chunk
        )


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _parquet(chunks: Iterable[Records], head: Sequence[tuple[str, Kind]]) -> Iterator[bytes]:
    # Only who exports Parquet pays for loading this: it takes more memory than the rest of the process.
    pa, pq = import_module("pyarrow"), import_module("pyarrow.parquet")
    schema = pa.schema([(name, _parquet_type(pa, kind)) for name, kind in head])
    times = [name for name, kind in head if kind == "time"]
    pipe = _Pipe()
    with pq.ParquetWriter(pipe, schema) as writer:
        for chunk in chunks:
            for record in chunk:
                record.update({name: _moment(record[name]) for name in times})
            writer.write_table(pa.Table.from_pylist(chunk, schema=schema))
            yield pipe.take()
    yield pipe.take()


def _moment(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


def _parquet_type(pa: Any, kind: Kind) -> Any:
    kinds = {
        "text": pa.string(), "integer": pa.int64(), "number": pa.float64(), "flag": pa.bool_(),
        "time": pa.timestamp("us", tz="UTC"),
    }  # fmt: skip
    return kinds[kind]


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


_Writer = Callable[[Iterable[Records], Sequence[tuple[str, Kind]]], Iterator[Any]]
FORMS: dict[str, tuple[_Writer, str]] = {
    "csv": (_csv, "text/csv; charset=utf-8"),
    "json": (_json, "application/json"),
    "ndjson": (_ndjson, "application/x-ndjson"),
    "parquet": (_parquet, "application/vnd.apache.parquet"),
}
