"""The audit log: the list with its filters, one event with its proof, and what leaves the console of them."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import orjson
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from portal import access
from portal.accounts.actor import Actor
from portal.accounts.selectors import workspaces_visible
from portal.answers import PageRequest, whole_or_fragment
from portal.audit.log import receipt_of
from portal.console.events import Row, Wanted, event_newest, event_row, events_found
from portal.console.exports import FORMATS, MOST_ROWS, Sheet, as_download, format_of, sheet_answer
from portal.console.forms import EventFilter
from portal.console.reads import noted
from portal.console.records import record_address
from portal.console.site import console_page
from portal.kernel.errors import InvalidInput, NotFound

PAGE_EVENTS = 50
_EXPORT_PAGE = 2_000
_COLUMNS = (
    "id", "at", "actor", "actor_name", "action", "outcome", "object_type", "object_id", "object_name", "workspace_id",
    "request_id", "detail", "reason", "changes", "index", "checkpoint", "uuid",
)  # fmt: skip
_ON_PAPER = (
    "at",
    "actor_name",
    "action",
    "outcome",
    "object_type",
    "object_name",
    "detail",
    "reason",
    "index",
    "uuid",
)


@console_page()
def audit(request: PageRequest) -> HttpResponse:
    """One page of events, newest first."""
    form = EventFilter(request.GET, actor=request.actor)
    before = _before(request)
    rows = (
        events_found(request.actor, form.wanted(), before=before, limit=PAGE_EVENTS + 1)
        if form.is_valid()
        else []
    )
    shown = rows[:PAGE_EVENTS]
    context = {
        "form": form, "rows": shown, "formats": FORMATS, "most": MOST_ROWS, "actions": sorted(access.ACTIONS),
        "workspaces": workspaces_visible(request.actor), "tab": "audit", "is_first": before is None,
        "next_token": str(shown[-1].said.id) if len(rows) > PAGE_EVENTS else None,
        "is_filtered": any(value for name, value in request.GET.items() if name in form.fields),
    }  # fmt: skip
    return whole_or_fragment(request, "console/audit.html", "console/_events.html", context)


@console_page("console.event.read")
def event(request: PageRequest, uuid: UUID) -> HttpResponse:
    """One event with all that it says, its payload as hashed, and its place in the signed log."""
    row, found = _found(request.actor, uuid)
    noted(request.actor, "console.event.read", found)
    context = {
        "row": row, "event": found, "payload": orjson.loads(bytes(found.payload)),
        "leaf_hash": bytes(found.leaf_hash).hex(),
        "record": record_address(found.object_type, found.object_id), "tab": "audit",
    }  # fmt: skip
    return render(request, "console/event.html", context)


@console_page("console.event.read")
def receipt(request: PageRequest, uuid: UUID) -> HttpResponseBase:
    """The event with its proof and checkpoint, as a file that is checked without the portal."""
    _, found = _found(request.actor, uuid)
    made = orjson.dumps(receipt_of(found), option=orjson.OPT_INDENT_2)
    noted(request.actor, "console.event.read", found, detail="receipt")
    return as_download(HttpResponse(made, content_type="application/json"), f"receipt-{uuid}.json")


@console_page("console.record.export")
def audit_export(request: PageRequest) -> HttpResponseBase:
    """The events that match, as CSV, JSON or PDF."""
    form, kind = EventFilter(request.GET, actor=request.actor), format_of(request.GET.get("format", ""))
    if not form.is_valid():
        raise InvalidInput(
            " ".join(f"{name}: {text}" for name, errors in form.errors.items() for text in errors)
        )
    wanted, top = form.wanted(), event_newest()
    noted(request.actor, "console.record.export", detail=f"audit events as {kind}: {wanted}")
    rows = (_cells(row) for row in _all(request.actor, wanted, top + 1, MOST_ROWS[kind] + 1))
    sheet = Sheet("audit-events", "Audit events", _COLUMNS, rows, {"filter": str(wanted)}, _ON_PAPER)
    return sheet_answer(sheet, kind)


def _found(actor: Actor, uuid: UUID) -> Any:
    found = event_row(actor, uuid)
    if found is None:
        raise NotFound("There is no such event, or you may not see it.")
    return found


def _all(actor: Actor, wanted: Wanted, before: int, limit: int) -> Iterator[Row]:
    """Page after page, so that no transaction is open while somebody downloads."""
    while limit > 0:
        rows = events_found(actor, wanted, before=before, limit=min(limit, _EXPORT_PAGE))
        yield from rows
        if len(rows) < min(limit, _EXPORT_PAGE):
            return
        before, limit = rows[-1].said.id, limit - len(rows)


def _cells(row: Row) -> tuple[Any, ...]:
    said = row.said
    return (
        said.id, said.at, said.actor, said.actor_name, said.action, said.outcome, said.object_type, said.object_id,
        said.object_name, row.workspace_id, said.request_id, said.detail, said.reason, said.changes or "", row.index,
        row.checkpoint, said.uuid,
    )  # fmt: skip


def _before(request: PageRequest) -> int | None:
    token = request.GET.get("page_token", "")
    if token and not (token.isascii() and token.isdecimal() and len(token) < 19):
        raise InvalidInput("The page token is not one of this list. Start again from the first page.")
    return int(token) if token else None
