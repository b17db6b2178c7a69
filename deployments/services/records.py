"""Data about predictions: what becomes known of them later, and the end of what was kept long enough.

Both write many rows that are no decisions, so they leave no audit events.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from compliance.models import LegalHold
from deployments.models import Endpoint
from portal.access import require
from portal.accounts.actor import Actor
from portal.kernel import sql
from portal.kernel.clock import now
from portal.kernel.errors import InvalidInput
from portal.operations import writer

GIVE, KEEP = "deployments.feedback.give", "deployments.inference_log.keep"
KINDS = ("truth", "feedback")
AT_ONCE, VALUE_BYTES = 10_000, 8 * 1024
FIGURE_DAYS, DELETED_AT_ONCE, DELETED_AT_MOST = 90, 5000, 200_000
_GIVE = """
INSERT INTO deployments_feedback (endpoint_id, request_id, row, kind, value, at, given_by_id)
SELECT %s, g.request_id, g.row, g.kind, g.value::jsonb, clock_timestamp(), %s
FROM unnest(%s::text[], %s::integer[], %s::text[], %s::text[]) AS g(request_id, row, kind, value)
ON CONFLICT (request_id, endpoint_id, row, kind)
    DO UPDATE SET value = excluded.value, at = excluded.at, given_by_id = excluded.given_by_id
"""
_RECORDS = """
DELETE FROM deployments_inferencerecord r USING (
    SELECT id, at FROM deployments_inferencerecord
    WHERE retention_class = %s AND at < %s AND endpoint_id <> ALL(%s::uuid[]) ORDER BY at LIMIT %s) AS over
WHERE r.at = over.at AND r.id = over.id
"""
_FIGURES = """
DELETE FROM deployments_trafficfigure WHERE id IN (
    SELECT id FROM deployments_trafficfigure WHERE at < %s AND endpoint_id <> ALL(%s::uuid[]) LIMIT %s)
"""


@writer(GIVE)
def feedback_give(*, actor: Actor, endpoint: Endpoint, items: Sequence[Mapping[str, Any]]) -> int:
    """Note what became known of predictions: `[{request_id, row = 0, kind = "truth", value}]`; how many were noted.

    Said again of the same row, the newer value counts. A request need not be in the log: it may not have been sampled,
    or be on its way. Raises InvalidInput with the place of the first item that is wrong.
    """
    require(actor, GIVE, endpoint)
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise InvalidInput("items must be a list of objects.", code="invalid_feedback")
    if not 0 < len(items) <= AT_ONCE:
        raise InvalidInput(
            f"Give 1 to {AT_ONCE:,} items at once, not {len(items):,}.", code="invalid_feedback"
        )
    newest: dict[tuple[str, int, str], str] = {}
    for place, item in enumerate(items):
        key, value = _item(place, item)
        newest[key] = value
    ids, rows, kinds = zip(*newest, strict=True)
    given = (endpoint.pk, actor.user_id, list(ids), list(rows), list(kinds), list(newest.values()))
    return sql.execute(_GIVE, given)


@writer(KEEP)
def records_end(
    *, actor: Actor, lifetimes: Mapping[str, int], check: Callable[[], object] = bool
) -> dict[str, int]:
    """Delete records of each retention class that are older than so many days, some at a time, and old figures.

    What belongs to a workspace with anything on hold stays. `check` is called in between.
    """
    require(actor, KEEP)
    held = _held()
    deleted = sum(
        _deleted(_RECORDS, [name, now() - dt.timedelta(days=days), held], check)
        for name, days in lifetimes.items()
    )
    figures = _deleted(_FIGURES, [now() - dt.timedelta(days=FIGURE_DAYS), held], check)
    return {"records": deleted, "figures": figures}


def _item(place: int, item: Mapping[str, Any]) -> tuple[tuple[str, int, str], str]:
    request_id, row, kind = item.get("request_id"), item.get("row", 0), item.get("kind", "truth")
    if not isinstance(request_id, str) or not 0 < len(request_id) <= 64 or "\x00" in request_id:
        raise _wrong(place, "request_id must be text of 1 to 64 characters")
    if type(row) is not int or not 0 <= row < 2**31:
        raise _wrong(place, "row must be a whole number from 0")
    if kind not in KINDS:
        raise _wrong(place, f"kind must be {' or '.join(KINDS)}")
    if "value" not in item:
        raise _wrong(place, "value is missing")
    try:
        value = orjson.dumps(item["value"])
    except TypeError as error:
        raise _wrong(place, "value is no JSON") from error
    if len(value) > VALUE_BYTES or b"\\u0000" in value:
        raise _wrong(place, f"value must have at most {VALUE_BYTES:,} bytes and no character of number 0")
    return (request_id, row, kind), value.decode()


def _wrong(place: int, why: str) -> InvalidInput:
    return InvalidInput(f"Item {place} is refused: {why}.", code="invalid_feedback", item=place)


def _deleted(statement: str, given: list[Any], check: Callable[[], object]) -> int:
    total = 0
    while total < DELETED_AT_MOST:
        check()
        count = sql.execute(statement, [*given, DELETED_AT_ONCE])
        total += count
        if count < DELETED_AT_ONCE:
            break
    return total


def _held() -> list[str]:
    """The endpoints of workspaces in which anything is on hold: their logs may tell of it."""
    workspaces = LegalHold.objects.filter(released_at=None).values("workspace")
    return [pk.hex for pk in Endpoint.objects.filter(workspace__in=workspaces).values_list("pk", flat=True)]
