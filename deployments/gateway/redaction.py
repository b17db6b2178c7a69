"""Requests and answers as the log keeps them: without the values of some fields, and not larger than they may be."""

import csv
import io
import json
import math
from collections.abc import Collection
from typing import Any

import orjson

REDACTED = "[redacted]"
KEPT_BYTES, KEPT_ROWS, DEPTH = 64 * 1024, 100, 40
_LISTS = ("dataframe_records", "instances")


def request_kept(body: bytes, content_type: str, fields: Collection[str]) -> tuple[bytes | None, int | None]:
    """JSON for the log, and how many rows were asked about where that can be seen.

    The first hundred rows are kept. What cannot be read is not kept: a value that is not found cannot be left out.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "text/csv":
        return _csv_kept(body, fields)
    said = _read(body)
    if not isinstance(said, dict):
        return _omitted(body), None
    rows = _rows_cut(said)
    return _dumped(_without(said, frozenset(fields), 0), body), rows


def response_kept(body: bytes, status: int, fields: Collection[str]) -> bytes | None:
    """JSON for the log. Of a refusal only what is surely no value of a row."""
    if not body:
        return None
    said = _read(body)
    if status >= 400:
        known = ("code", "error_code", "column", "expected", "found", "row")
        kept = {key: said[key] for key in known if key in said} if isinstance(said, dict) else {}
        return orjson.dumps(kept)
    if isinstance(said, dict):
        predictions = said.get("predictions")
        if isinstance(predictions, list):
            said["predictions"] = predictions[:KEPT_ROWS]
    return _dumped(_without(said, frozenset(fields), 0), body)


def _read(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except ValueError:
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            return None


def _rows_cut(said: dict[str, Any]) -> int | None:
    """Keep the first rows of each form that has rows; how many there were."""
    split = said.get("dataframe_split")
    if isinstance(split, dict) and isinstance(split.get("data"), list):
        rows = len(split["data"])
        split["data"] = split["data"][:KEPT_ROWS]
        return rows
    for form in _LISTS:
        if isinstance(said.get(form), list):
            rows = len(said[form])
            said[form] = said[form][:KEPT_ROWS]
            return rows
    return _inputs_cut(said)


def _inputs_cut(said: dict[str, Any]) -> int | None:
    inputs = said.get("inputs")
    if isinstance(inputs, dict):
        lengths = [len(each) for each in inputs.values() if isinstance(each, list)]
        said["inputs"] = {
            key: each[:KEPT_ROWS] if isinstance(each, list) else each for key, each in inputs.items()
        }
        return max(lengths, default=1)
    if not isinstance(inputs, list):
        return None
    first = inputs[0] if inputs else None
    if isinstance(first, dict) and isinstance(first.get("shape"), list) and "datatype" in first:
        return first["shape"][0] if first["shape"] and isinstance(first["shape"][0], int) else 1
    said["inputs"] = inputs[:KEPT_ROWS]
    return len(inputs)


def _without(value: Any, fields: frozenset[str], depth: int) -> Any:
    """The same without the values of these fields, wherever they stand; NaN becomes null, as JSON knows none."""
    if depth > DEPTH:
        return REDACTED
    if isinstance(value, dict) and "datatype" in value and isinstance(value.get("name"), str):
        return {**value, "data": REDACTED if value["name"] in fields else value.get("data")}
    if isinstance(value, dict):
        value = _columns_without(value, fields)
        return {
            key: REDACTED if key in fields else _without(each, fields, depth + 1)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [_without(each, fields, depth + 1) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _columns_without(value: dict[str, Any], fields: frozenset[str]) -> dict[str, Any]:
    """A table in split form without the values of some columns."""
    columns, data = value.get("columns"), value.get("data")
    if isinstance(columns, list) and isinstance(data, list):
        hidden = {at for at, name in enumerate(columns) if name in fields}
        if hidden:
            value = {**value, "data": [_row_without(row, hidden) for row in data]}
    return value


def _row_without(row: Any, hidden: set[int]) -> Any:
    if not isinstance(row, list):
        return REDACTED
    return [REDACTED if at in hidden else each for at, each in enumerate(row)]


def _csv_kept(body: bytes, fields: Collection[str]) -> tuple[bytes | None, int | None]:
    try:
        lines = list(csv.reader(io.StringIO(body.decode())))
    except (ValueError, csv.Error):
        return _omitted(body), None
    if not lines:
        return _omitted(body), None
    hidden = {at for at, name in enumerate(lines[0]) if name in fields}
    data = [_row_without(row, hidden) for row in lines[1 : KEPT_ROWS + 1]]
    return _dumped({"dataframe_split": {"columns": lines[0], "data": data}}, body), len(lines) - 1


def _dumped(value: Any, body: bytes) -> bytes:
    try:
        # PostgreSQL has no character of number 0 in its JSON.
        made = orjson.dumps(value).replace(b"\\u0000", b"\\ufffd")
    except (TypeError, ValueError):
        return _omitted(body)
    return made if len(made) <= KEPT_BYTES else _omitted(body)


def _omitted(body: bytes) -> bytes:
    return orjson.dumps({"omitted_bytes": len(body)})
