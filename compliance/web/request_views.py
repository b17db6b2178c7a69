"""Approval requests: the list, and the page on which approvers decide."""

from functools import partial
from typing import Any, cast
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from compliance.models import ApprovalRequest
from compliance.policies.document import DEFAULT_BREAK_GLASS_HOURS
from compliance.selectors import web_requests
from compliance.selectors.web_checks import check_rows
from compliance.selectors.web_deciding import seat_of
from compliance.web.keys import page_before
from compliance.web.tables import REQUESTS
from portal import access
from portal.accounts.models import User
from portal.accounts.signin.proof import proof_way
from portal.answers import PageRequest, whole_or_fragment
from portal.audit.selectors import object_trail
from portal.exports import all_pages, download_asked, table_answer
from portal.operations import read_logged
from portal.routing import page

READ = "compliance.request.read"
TRAIL_ENTRIES = 50


@page(READ)
@require_GET
def requests(request: PageRequest) -> HttpResponse | StreamingHttpResponse:
    """The requests that the reader sees."""
    view, text = request.GET.get("view", "pending"), request.GET.get("q", "").strip()
    state, token = request.GET.get("state", ""), request.GET.get("page_token", "")
    fetch = partial(web_requests.request_rows, request.actor, view=view, state=state, text=text)
    if form := download_asked(request.GET):
        found = all_pages(lambda at: fetch(before=page_before(at), limit=500))
        return table_answer(request, "approval-requests", form, REQUESTS, found)
    rows, next_token = fetch(before=page_before(token))
    context = {
        "requests": rows, "next_token": next_token, "text": text, "view": view, "views": web_requests.VIEWS,
        "is_first": not token, "exports": True,
    }  # fmt: skip
    return whole_or_fragment(request, "compliance/requests.html", "compliance/_requests_list.html", context)


@page(READ)
@require_GET
def approval_request(request: PageRequest, key: UUID) -> HttpResponse:
    """One request with all that an approver needs, and the form to decide."""
    found = web_requests.request_shown(request.actor, key)
    read_logged(actor=request.actor, action=READ, target=found)
    return render(request, "compliance/request.html", request_context(request, found))


def request_context(request: PageRequest, found: ApprovalRequest) -> dict[str, Any]:
    """All that the page of a request shows."""
    seen, decisions = found.evaluation, web_requests.decisions_of(found)
    facts = seen.facts
    return {
        "asked": found, "facts": facts, "checks": check_rows(seen.checks, facts, seen.policy_versions.all()),
        "evaluation": seen, "seat": seat_of(request.actor, found, decisions),
        "may_waive": found.is_pending and access.allows(request.actor, "compliance.waiver.request", found),
        "break_glass": _break_glass_hours(request, found),
        "proof_way": proof_way(cast(User, request.user)), "metrics": web_requests.deltas_of(facts),
        "decisions": decisions, "needed": web_requests.needed_of(found, decisions),
        "excluded": web_requests.excluded_of(found), "approval": web_requests.approval_of(found),
        "entries": object_trail(
            request.actor, object_type="approvalrequest", object_id=found.pk.hex, before_id=None, limit=TRAIL_ENTRIES
        ),
    }  # fmt: skip


def _break_glass_hours(request: PageRequest, found: ApprovalRequest) -> int:
    """For how long the reader could move it alone; 0 where a policy allows none, or not to them."""
    documents = [each.document for each in found.evaluation.policy_versions.all()]
    asking = [each.get("break_glass") or {} for each in documents if each.get("approvals")]
    is_excluded = request.actor.user_id in set(found.excluded) - {found.requested_by_id}
    if is_excluded or not asking or not all(each.get("allowed") for each in asking):
        return 0
    if not access.allows(request.actor, "compliance.request.break_glass", found):
        return 0
    return min(int(each.get("hours", DEFAULT_BREAK_GLASS_HOURS)) for each in asking)
