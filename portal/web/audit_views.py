"""The audit log: the newest events that the reader may see, and the history of one object."""

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from portal.answers import PageRequest
from portal.audit.selectors import Entry, entry, event_list, object_trail
from portal.exports import CHUNK, download_asked, table_answer
from portal.kernel.errors import InvalidInput
from portal.operations import read_logged
from portal.routing import page
from portal.web.objects import page_address
from portal.web.tables import EVENTS

LIST = "audit.event.list"
PAGE_ENTRIES = 50
OUTCOMES = ("done", "denied", "refused")


@page(LIST)
@require_GET
def audit(request: PageRequest) -> HttpResponse | StreamingHttpResponse:
    """The newest events, perhaps of one outcome or one actor."""
    before, outcome, actor_name = (
        _before(request),
        request.GET.get("outcome", ""),
        request.GET.get("actor", ""),
    )
    events = event_list(request.actor)
    if outcome in OUTCOMES:
        events = events.filter(outcome=outcome)
    if actor_name.startswith(("user:", "system:")):
        events = events.filter(actor=actor_name)
    if before:
        events = events.filter(id__lt=before)
    read_logged(
        actor=request.actor, action=LIST, detail=f"page; outcome={outcome[:20]}, actor={actor_name[:60]}"
    )
    if form := download_asked(request.GET):
        return table_answer(
            request, "audit-events", form, EVENTS, map(entry, events.iterator(chunk_size=CHUNK))
        )
    entries = [entry(event) for event in events[: PAGE_ENTRIES + 1]]
    return render(
        request,
        "audit/log.html",
        _context(request, entries) | {"outcome": outcome, "outcomes": OUTCOMES, "exports": True},
    )


@page(LIST)
@require_GET
def audit_trail(request: PageRequest, object_type: str, object_id: str) -> HttpResponse:
    """All that happened to one object."""
    entries = object_trail(
        request.actor,
        object_type=object_type,
        object_id=object_id,
        before_id=_before(request),
        limit=PAGE_ENTRIES + 1,
    )
    read_logged(actor=request.actor, action=LIST, detail=f"trail of {object_type[:40]}:{object_id[:80]}")
    context = {
        "object_type": object_type,
        "object_id": object_id,
        "object_url": page_address(object_type, object_id),
    }
    return render(request, "audit/trail.html", context | _context(request, entries))


def _before(request: PageRequest) -> int | None:
    token = request.GET.get("page_token", "")
    if token and not (token.isdecimal() and len(token) < 19):
        raise InvalidInput("The page token is not one of this list. Start again from the first page.")
    return int(token) if token else None


def _context(request: PageRequest, entries: list[Entry]) -> dict[str, object]:
    shown = entries[:PAGE_ENTRIES]
    more = len(entries) > PAGE_ENTRIES
    return {
        "entries": shown,
        "next_token": str(shown[-1].id) if more else None,
        "is_first": not request.GET.get("page_token"),
    }
