"""Access reviews: looking at every grant of a workspace, keeping it or taking it away, and stating what was found."""

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from compliance.models import AccessReview
from compliance.reviewing import grant_decide
from compliance.selectors.access_reviews import access_review_get, access_review_list
from compliance.selectors.grants import grants_of
from compliance.services.access_reviews import (
    KEEP,
    REMOVE,
    access_review_complete,
    access_review_start,
)
from compliance.web.forms import GrantDecisionForm, StatementForm
from compliance.web.input import cleaned
from compliance.web.keys import page_before
from portal import access
from portal.accounts.selectors import member_candidate, workspace_get, workspaces_visible
from portal.answers import PageRequest, act, act_and_go
from portal.operations import permit
from portal.routing import page

START, READ, LIST = (f"compliance.access_review.{each}" for each in ("start", "read", "list"))
ROWS = 50


@dataclass(frozen=True)
class Seen:
    """A grant as the review has it. `is_new` came after it was started; `is_held` is held now."""

    entry: dict[str, Any]
    is_new: bool
    is_held: bool
    is_own: bool


@page(LIST)
@require_http_methods(["GET", "POST"])
def access_reviews(request: PageRequest) -> HttpResponse:
    """The reviews that the reader sees, and starting one."""
    if request.method == "POST":
        return _start(request)
    before = page_before(request.GET.get("page_token", ""))
    found = access_review_list(request.actor)
    rows = list((found.filter(pk__lt=before) if before else found)[: ROWS + 1])
    allowed = access.workspaces_allowing(request.actor, START)
    places = workspaces_visible(request.actor).order_by("name")
    is_of_all = access.allows(request.actor, START)
    context = {
        "rows": rows[:ROWS], "next_token": rows[ROWS - 1].pk.hex if len(rows) > ROWS else None, "is_first": not before,
        "places": list(places if is_of_all else places.filter(pk__in=allowed or [])),
        "open": {each.workspace_id for each in found.filter(completed_at=None)},
    }  # fmt: skip
    return render(request, "compliance/access_reviews.html", context)


@page(READ)
@require_http_methods(["GET"])
def access_review(request: PageRequest, key: UUID) -> HttpResponse:
    """One review with every grant, and what is left to decide."""
    found = access_review_get(request.actor, key)
    seen = _seen(request, found)
    is_open = found.completed_at is None
    may = is_open and access.allows(request.actor, "compliance.access_review.decide", found)
    context = {
        "review": found, "seen": seen, "may_decide": may, "keep": KEEP, "remove": REMOVE,
        "left": sum(1 for each in seen if each.is_held and not each.entry["decision"]) if is_open else 0,
        "flagged": sum(1 for each in seen if each.entry["flags"]),
        "may_complete": is_open and access.allows(request.actor, "compliance.access_review.complete", found),
    }  # fmt: skip
    return render(request, "compliance/access_review.html", context)


@page("compliance.access_review.decide")
@require_POST
def access_review_decision(request: PageRequest, key: UUID) -> HttpResponse:
    """Keep a grant, or take it away at once."""
    found, said = access_review_get(request.actor, key), cleaned(GrantDecisionForm(request.POST))
    permit(actor=request.actor, action="compliance.access_review.decide", target=found)
    user = member_candidate(request.actor, found.workspace, said.pop("username"))
    return act(
        request, lambda: grant_decide(actor=request.actor, review=found, user=user, **said),
        said=f"{user.username} stays {said['role']}." if said["decision"] == KEEP
        else f"{user.username} is not {said['role']} any more.",
        then=reverse("access-review", args=[found.pk]),
    )  # fmt: skip


@page("compliance.access_review.complete")
@require_POST
def access_review_end(request: PageRequest, key: UUID) -> HttpResponse:
    """State what the review found."""
    found, said = access_review_get(request.actor, key), cleaned(StatementForm(request.POST))
    return act(
        request, lambda: access_review_complete(actor=request.actor, review=found, statement=said["statement"]),
        said="The review is completed, and stands as evidence.", then=reverse("access-review", args=[found.pk]),
    )  # fmt: skip


def _start(request: PageRequest) -> HttpResponse:
    workspace = workspace_get(request.actor, request.POST.get("workspace", ""))

    def start() -> str:
        return reverse(
            "access-review", args=[access_review_start(actor=request.actor, workspace=workspace).pk]
        )

    return act_and_go(
        request, start, said="Every grant of now is written down. Decide about each.",
        otherwise=reverse("access-reviews"),
    )  # fmt: skip


def _seen(request: PageRequest, review: AccessReview) -> list[Seen]:
    """The grants that were written down, and while it is open those that came since."""
    own, entries = request.actor.user_id, review.entries
    held = [] if review.completed_at else grants_of(review.workspace)
    now_held = {each.key for each in held}
    known = {(each["user_id"], each["role"]) for each in entries}
    found = [
        Seen(each, False, (each["user_id"], each["role"]) in now_held, each["user_id"] == own)
        for each in entries
    ]
    new = [{**asdict(each), "decision": ""} for each in held if each.key not in known]
    return [*found, *(Seen(each, True, True, each["user_id"] == own) for each in new)]
