"""Re-certifications: what is due, and looking again at one approval in force."""

from typing import cast
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from compliance.selectors.recertifications import (
    excluded_of,
    recertification_get,
    recertification_list,
)
from compliance.services.recertifications import recertification_complete, recertify_purpose
from compliance.web.forms import CompletionForm
from compliance.web.input import cleaned
from compliance.web.keys import page_before
from portal import access
from portal.accounts.models import User
from portal.accounts.signin.proof import proof_way, prove
from portal.answers import PageRequest, act, whole_or_fragment
from portal.kernel.clock import now
from portal.routing import page

READ, LIST = "compliance.recertification.read", "compliance.recertification.list"
VIEWS = ("due", "overdue", "open", "completed")
ROWS = 50


@page(LIST)
@require_GET
def recertifications(request: PageRequest) -> HttpResponse:
    """The re-certifications that the reader sees, by how near they are."""
    view, token = request.GET.get("view", "due"), request.GET.get("page_token", "")
    found = recertification_list(request.actor, view=view if view in VIEWS else "due")
    before = page_before(token)
    rows = list((found.filter(pk__lt=before) if before else found)[: ROWS + 1])
    context = {
        "rows": rows[:ROWS], "next_token": rows[ROWS - 1].pk.hex if len(rows) > ROWS else None, "view": view,
        "views": VIEWS, "now": now(), "is_first": not token,
    }  # fmt: skip
    return whole_or_fragment(
        request, "compliance/recertifications.html", "compliance/_recertifications_list.html", context
    )


@page(READ)
@require_GET
def recertification(request: PageRequest, key: UUID) -> HttpResponse:
    """One re-certification, and the form to complete it for whoever may."""
    found = recertification_get(request.actor, key)
    is_excluded = request.actor.user_id in excluded_of(found)
    may = access.allows(request.actor, "compliance.recertification.complete", found)
    context = {
        "found": found, "now": now(), "may_complete": may and not is_excluded and found.completed_at is None,
        "is_excluded": may and is_excluded, "proof_way": proof_way(cast(User, request.user)),
    }  # fmt: skip
    return render(request, "compliance/recertification.html", context)


@page("compliance.recertification.complete")
@require_POST
def recertification_end(request: PageRequest, key: UUID) -> HttpResponse:
    """Renew the approval, or revoke it."""
    found, said = recertification_get(request.actor, key), cleaned(CompletionForm(request.POST))

    def change() -> None:
        proof = prove(request, said["secret"], purpose=recertify_purpose(found))
        recertification_complete(
            actor=request.actor, recertification=found, outcome=said["outcome"], statement=said["statement"],
            proof=proof,
        )  # fmt: skip

    return act(
        request,
        change,
        said=f"The approval is {said['outcome']}.",
        then=reverse("recertification", args=[found.pk]),
    )
