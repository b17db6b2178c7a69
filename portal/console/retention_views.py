"""Retention: what is kept for how long, and what may not go because somebody holds it; placing and releasing holds."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from compliance.models import LegalHold
from compliance.retention import retention_classes
from compliance.selectors.holds import hold_get, hold_list
from compliance.services.holds import hold_place, hold_release
from portal import access as permissions
from portal.answers import PageRequest, act
from portal.console.exports import Sheet, format_of, sheet_answer
from portal.console.forms import HoldForm
from portal.console.holding import held_thing
from portal.console.paging import key_before, paged
from portal.console.reads import noted
from portal.console.site import console_page
from portal.kernel.errors import InvalidInput, NotFound

PLACE, RELEASE = "compliance.hold.place", "compliance.hold.release"
STATES = ("holds", "released")
_COLUMNS = ("subject", "type", "workspace", "reason", "placed by", "placed at", "released by", "released at")


@console_page()
def retention(request: PageRequest) -> HttpResponse:
    """The classes, and the holds, the newest first."""
    return render(request, "console/retention.html", _context(request, HoldForm(initial=request.GET.dict())))


@console_page(PLACE, posts=True)
def hold_new(request: PageRequest) -> HttpResponse:
    """Hold something, for a reason. The operation decides who may."""
    if request.method != "POST":
        raise NotFound("Holds are placed with the form of the retention page.")
    form = HoldForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        try:
            thing = held_thing(request.actor, said["kind"], said["key"])
            return act(
                request, lambda: hold_place(actor=request.actor, thing=thing, reason=said["reason"]),
                said=f"{thing} is on hold.", then="console-retention",
            )  # fmt: skip
        except InvalidInput as no:
            form.add_error("key", no.detail)
    permissions.require(request.actor, PLACE)
    return render(request, "console/retention.html", _context(request, form), status=400)


@console_page(RELEASE, posts=True)
def hold_end(request: PageRequest, key: UUID) -> HttpResponse:
    """Let go of what is held, for a reason."""
    found = hold_get(request.actor, key)
    if request.method != "POST":
        raise NotFound("Holds are released with the button beside them.")
    return act(
        request,
        lambda: hold_release(actor=request.actor, hold=found, reason=request.POST.get("reason", "")),
        said=f"{found.subject_label} is not on hold any more.",
        then="console-retention",
    )


@console_page("console.record.export")
def holds_export(request: PageRequest) -> HttpResponseBase:
    """All holds as a file."""
    kind = format_of(request.GET.get("format", ""))
    noted(request.actor, "console.record.export", detail=f"legal holds as {kind}")
    rows = map(_cells, hold_list(request.actor))
    return sheet_answer(Sheet("legal-holds", "Legal holds", _COLUMNS, rows), kind)


def _cells(row: LegalHold) -> tuple[object, ...]:
    return (
        row.subject_label, row.subject_type, row.workspace.name, row.reason, row.placed_by.username, row.placed_at,
        row.released_by.username if row.released_by else "", row.released_at,
    )  # fmt: skip


def _context(request: PageRequest, form: HoldForm) -> dict[str, Any]:
    state = request.GET.get("state", "")
    found = hold_list(request.actor, released={"holds": False, "released": True}.get(state))
    rows, next_token = paged(found, key_before(request))
    return {
        "classes": retention_classes(), "rows": rows, "next_token": next_token, "tab": "retention", "form": form,
        "is_first": not request.GET.get("page_token"), "state": state, "states": STATES,
        "may_place": permissions.allows(request.actor, PLACE),
    }  # fmt: skip
