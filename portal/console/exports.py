"""Tables that leave the console: CSV, JSON and PDF of the same rows, never more of them than is said.

A cell that a spreadsheet would take for a formula is led by an apostrophe. CSV and JSON are sent as they are made;
where rows are left out, the file itself says so.
"""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from uuid import UUID

import orjson
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from portal.console.pdf import Section, pdf_made
from portal.kernel.clock import now
from portal.kernel.errors import InvalidInput

FORMATS = ("csv", "json", "pdf")
MOST_ROWS = {"csv": 100_000, "json": 100_000, "pdf": 2_000}
_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json", "pdf": "application/pdf"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_CHUNK = 500


@dataclass(frozen=True)
class Sheet:
    """A table with a name for its file, a title, and what it is about; `paper` are the columns that fit on a page."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: Iterable[Sequence[Any]]
    about: Mapping[str, str] = field(default_factory=dict)
    paper: tuple[str, ...] = ()


def format_of(text: str) -> str:
    """Raises InvalidInput for a format that is none."""
    if text not in FORMATS:
        raise InvalidInput(f"There is no export as {text[:20]!r}. Choose {', '.join(FORMATS)}.")
    return text


def sheet_answer(sheet: Sheet, form: str) -> HttpResponseBase:
    """The table as a download."""
    limit = MOST_ROWS[form_checked := format_of(form)]
    response: HttpResponseBase
    if form_checked == "pdf":
        response = HttpResponse(_pdf(sheet, limit), content_type=_TYPES["pdf"])
    else:
        made = _csv(sheet, limit) if form_checked == "csv" else _json(sheet, limit)
        response = StreamingHttpResponse(made, content_type=_TYPES[form_checked])
    return as_download(response, f"{sheet.name}-{now():%Y%m%dT%H%M%SZ}.{form_checked}")


def as_download(response: HttpResponseBase, file_name: str) -> HttpResponseBase:
    """A file to keep; nobody between the portal and the reader keeps a copy."""
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def cell(value: Any) -> Any:
    """A value for CSV: times in ISO 8601, text that no spreadsheet computes."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    text = plain(value)
    return f"'{text}" if text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA) else text


def plain(value: Any) -> str:
    """A value as text."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, UUID):
        return value.hex
    return orjson.dumps(value, default=str).decode() if isinstance(value, (dict, list, tuple)) else str(value)


def left_out(limit: int) -> str:
    return f"More rows match than the {limit:,} that stand here. Narrow the filter to get the rest."


def _csv(sheet: Sheet, limit: int) -> Iterator[bytes]:
    rows = iter(sheet.rows)
    yield _lines([sheet.columns])
    taken = 0
    while part := list(islice(rows, min(_CHUNK, limit - taken))):
        taken += len(part)
        yield _lines(part)
        if taken == limit:
            break
    if taken == limit and next(rows, None) is not None:
        yield _lines([[left_out(limit)]])


def _lines(rows: Iterable[Sequence[Any]]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerows([cell(value) for value in row] for row in rows)
    return buffer.getvalue().encode("utf-8", "replace")


def _json(sheet: Sheet, limit: int) -> Iterator[bytes]:
    rows = iter(sheet.rows)
    head = {
        "title": sheet.title,
        "about": dict(sheet.about),
        "made_at": plain(now()),
        "columns": list(sheet.columns),
    }
    yield orjson.dumps(head)[:-1] + b',"rows":['
    for number, row in enumerate(islice(rows, limit)):
        yield (b",\n" if number else b"\n") + orjson.dumps(
            dict(zip(sheet.columns, row, strict=True)), default=plain
        )
    yield b'\n],"is_complete":' + (b"true" if next(rows, None) is None else b"false") + b"}\n"


def _pdf(sheet: Sheet, limit: int) -> bytes:
    rows = iter(sheet.rows)
    columns = sheet.paper or sheet.columns
    places = [sheet.columns.index(name) for name in columns]
    taken = [tuple(plain(row[place]) for place in places) for row in islice(rows, limit)]
    about = dict(sheet.about)
    if next(rows, None) is not None:
        about["Left out"] = left_out(limit)
    return pdf_made(sheet.title, [Section("", pairs=about), Section("", columns=columns, rows=taken)])
