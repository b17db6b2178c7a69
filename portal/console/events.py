"""The audit log as the console reads it: filtered in SQL, paged by key, never counted.

A page costs what its rows cost, however many events there are. Plans are made for the values that are asked for
(`force_custom_plan`), since a plan for "some outcome" is a bad one for a rare one, and no query runs longer than
a person waits.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

from portal.accounts.actor import Actor
from portal.audit.models import AuditDetail, AuditEvent
from portal.audit.selectors import Entry, entry, event_list
from portal.kernel import sql
from portal.kernel.errors import Unavailable

LONGEST_QUERY_MS = 5_000
# The clock that stamps events may be set back this far, and a range of time still finds all of its events.
CLOCK_SLACK = dt.timedelta(hours=1)
_AT_MOST = 9_223_372_036_854_775_807
_LAST_BEFORE = "SELECT id FROM audit_auditevent WHERE recorded_at < %s ORDER BY recorded_at DESC LIMIT 1"
_FIRST_AFTER = "SELECT id FROM audit_auditevent WHERE recorded_at > %s ORDER BY recorded_at LIMIT 1"
_PLACES = """
SELECT leaf.event_id, leaf.idx,
       (SELECT min(head.size) FROM audit_auditcheckpoint head WHERE head.size > leaf.idx)
FROM audit_auditleaf leaf WHERE leaf.event_id = ANY(%s)
"""


@dataclass(frozen=True)
class Wanted:
    """What to look for; what is None is not asked. `since` is included, `until` is not."""

    actor: str | None = None
    object_type: str | None = None
    object_id: str | None = None
    action: str | None = None
    outcome: str | None = None
    workspace_id: int | None = None
    request_id: str | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None

    def __str__(self) -> str:
        """For the audit log: what an export was about."""
        given = {each.name: getattr(self, each.name) for each in fields(self)}
        return (
            ", ".join(f"{name} {value}" for name, value in given.items() if value is not None) or "all events"
        )


@dataclass(frozen=True)
class Row:
    """An event with its place in the signed log: None until it has one."""

    said: Entry
    workspace_id: int | None
    is_erased: bool
    index: int | None
    checkpoint: int | None


def events_found(actor: Actor, wanted: Wanted, *, before: int | None = None, limit: int) -> list[Row]:
    """The newest events that match, below the id `before`. Raises Unavailable when it takes too long."""
    with _bounded():
        found = list(_matching(actor, wanted, before)[:limit])
        keys = [event.pk for event in found]
        details = AuditDetail.objects.in_bulk(keys)
        places = {key: (index, size) for key, index, size in sql.rows(_PLACES, (keys,))}
    return [_row(event, details.get(event.pk), places.get(event.pk, (None, None))) for event in found]


def event_row(actor: Actor, uuid: UUID) -> tuple[Row, AuditEvent] | None:
    """One event that the actor may read, or None."""
    event = event_list(actor).select_related(None).filter(uuid=uuid).first()
    if event is None:
        return None
    detail = AuditDetail.objects.filter(pk=event.pk).first()
    places = {key: (index, size) for key, index, size in sql.rows(_PLACES, ([event.pk],))}
    return _row(event, detail, places.get(event.pk, (None, None))), event


def event_newest() -> int:
    """The id of the newest event; 0 where there is none."""
    found = sql.row("SELECT max(id) FROM audit_auditevent")
    return int(found[0] or 0) if found else 0


def _matching(actor: Actor, wanted: Wanted, before: int | None) -> QuerySet[AuditEvent]:
    exact = ("actor", "object_type", "object_id", "action", "outcome", "workspace_id", "request_id")
    given = {name: getattr(wanted, name) for name in exact if getattr(wanted, name) is not None}
    found = event_list(actor).select_related(None).defer("payload").filter(**given)
    top = _AT_MOST if before is None else before
    if wanted.since:
        found = found.filter(
            recorded_at__gte=wanted.since, id__gt=_edge(_LAST_BEFORE, wanted.since - CLOCK_SLACK, 0)
        )
    if wanted.until:
        top = min(top, _edge(_FIRST_AFTER, wanted.until + CLOCK_SLACK, _AT_MOST))
        found = found.filter(recorded_at__lt=wanted.until)
    return found if top == _AT_MOST else found.filter(id__lt=top)


def _edge(statement: str, at: dt.datetime, otherwise: int) -> int:
    """Ids and times rise together, but for a clock that was set back; so a time is an edge among the ids."""
    found = sql.row(statement, (at,))
    return int(found[0]) if found else otherwise


def _row(event: AuditEvent, detail: AuditDetail | None, place: tuple[int | None, int | None]) -> Row:
    if detail is not None:
        event.detail = detail
    else:
        event._state.fields_cache["detail"] = None  # an erased detail is not asked for again
    return Row(entry(event), event.workspace_id, detail is None, *place)


@contextmanager
def _bounded() -> Iterator[None]:
    """A short transaction with plans of its own."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('plan_cache_mode', 'force_custom_plan', true),"
                " set_config('statement_timeout', %s, true)",
                [str(LONGEST_QUERY_MS)],
            )
            yield
    except OperationalError as error:
        if "statement timeout" not in str(error):
            raise
        raise Unavailable(
            "That would look through too many events. Give a range of time, or one filter more.",
            code="search_too_wide",
        ) from error
