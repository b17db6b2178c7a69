"""The rows of a window of an endpoint's inference log, newest first, as a table."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction

from monitoring.reading.bodies import Names, answers, rows_asked
from monitoring.validation import ROWS_AT_MOST
from portal.kernel import sql

REDACTED = "[redacted]"
_AT_ONCE = 5000
# Bodies come as text: PostgreSQL writes it, and orjson reads it faster than any other way there is.
_RECORDS = """
SELECT at, request_id, request::text, response::text FROM deployments_inferencerecord
WHERE endpoint_id = %(endpoint)s AND at <= %(until)s AND at > %(since)s AND role = 'live' AND status < 400
  AND request IS NOT NULL AND (%(revision)s::uuid IS NULL OR revision_id = %(revision)s)
ORDER BY at DESC
"""
_TRUTH = """
SELECT request_id, row, value::text FROM deployments_feedback
WHERE kind = 'truth' AND endpoint_id = %(endpoint)s AND request_id = ANY(%(requests)s)
"""


@dataclass
class Table:
    """Rows of requests. `columns` are lists with a value for each; `requests` and `places` say where each is from."""

    columns: dict[str, list[Any]] = field(default_factory=dict)
    predictions: list[Any] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    oldest: dt.datetime | None = None

    @property
    def rows(self) -> int:
        return len(self.requests)

    def renamed(self, names: list[str]) -> None:
        """Call columns that are only known by their place by the names that the reference has."""
        if self.columns and all(name.isdecimal() and int(name) < len(names) for name in self.columns):
            self.columns = {names[int(name)]: values for name, values in self.columns.items()}


def table_of(
    endpoint_id: UUID, window: Mapping[str, int], until: dt.datetime, *, prediction: str | None = None,
    revision_id: UUID | None = None,
) -> Table:  # fmt: skip
    """The rows of a window that ends at a moment: so many seconds, or so many rows, and never more than is allowed.

    `revision_id` leaves those of other revisions out.
    """
    since = (
        until - dt.timedelta(seconds=window["seconds"])
        if "seconds" in window
        else dt.datetime(1970, 1, 2, tzinfo=dt.UTC)
    )
    most = window.get("rows", ROWS_AT_MOST)
    found, blocks, total = Table(), dict[Names, list[Any]](), 0
    order: list[tuple[Names, int]] = []
    for at, request_id, request, response in _records(endpoint_id, revision_id, since, until):
        names, rows = rows_asked(orjson.loads(request))
        rows = rows[: most - total]
        if not rows:
            continue
        count = len(rows)
        found.predictions += (
            answers(orjson.loads(response), count, prediction) if response else [None] * count
        )
        found.requests += [request_id] * count
        found.places += range(count)
        blocks.setdefault(names, []).extend(rows)
        order.append((names, count))
        found.oldest, total = at, total + count
        if total >= most:
            break
    found.columns = _columns(blocks, order)
    return found


def truths_of(endpoint_id: UUID, table: Table) -> list[Any]:
    """For each row of a table what became known of it, or None."""
    wanted = list(dict.fromkeys(table.requests))
    known = {
        (request, row): orjson.loads(value)
        for request, row, value in sql.rows(_TRUTH, {"endpoint": endpoint_id, "requests": wanted})
    }
    return [known.get(key) for key in zip(table.requests, table.places, strict=True)]


def _records(
    endpoint_id: UUID, revision_id: UUID | None, since: dt.datetime, until: dt.datetime
) -> Iterator[tuple[Any, ...]]:
    """A cursor of the server, so that a window that ends early reads no more than it needs."""
    with transaction.atomic(), sql.server_cursor("monitored") as cursor:
        cursor.itersize = _AT_ONCE
        given = {"endpoint": endpoint_id, "revision": revision_id, "since": since, "until": until}
        cursor.execute(_RECORDS, given)
        yield from cursor


def _columns(blocks: dict[Names, list[Any]], order: list[tuple[Names, int]]) -> dict[str, list[Any]]:
    """All rows as columns, in the order in which they were read."""
    if len(blocks) == 1:
        ((names, rows),) = blocks.items()
        return dict(zip(names, map(list, zip(*rows, strict=True)), strict=False))
    every = list(dict.fromkeys(name for names in blocks for name in names))
    lists = {names: dict(zip(names, zip(*rows, strict=True), strict=False)) for names, rows in blocks.items()}
    columns: dict[str, list[Any]] = {name: [] for name in every}
    taken = dict.fromkeys(blocks, 0)
    for names, count in order:
        begin = taken[names]
        for name in every:
            values = lists[names].get(name)
            columns[name] += values[begin : begin + count] if values is not None else [None] * count
        taken[names] = begin + count
    return columns
