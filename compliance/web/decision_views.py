"""What people do to a request: decide, submit, withdraw."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from compliance.models import ApprovalRequest, Decision
from compliance.selectors.web_people import member_named
from compliance.selectors.web_requests import request_shown
from compliance.services.decisions import approval_decide, purpose_of
from compliance.services.requests import approval_request_submit, approval_request_withdraw
from compliance.web.forms import DecisionForm, ReasonForm
from compliance.web.input import cleaned
from compliance.web.request_views import request_context
from portal.accounts.signin.proof import prove
from portal.answers import PageRequest, act
from portal.kernel.errors import DomainError, InvalidInput, NotFound
from portal.kernel.mlflow_errors import status_of
from portal.routing import page


@page("compliance.decision.make")
@require_POST
def decide(request: PageRequest, key: UUID) -> HttpResponse:
    """Decide about a request; what is refused is told beside the form, with what was typed."""
    found, form = request_shown(request.actor, key), DecisionForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("Choose a verdict; a reason has at most 2,000 characters.")
    try:
        made = _decide(request, found, form.cleaned_data)
    except NotFound:
        raise
    except DomainError as no:
        context = request_context(request, request_shown(request.actor, key))
        said = {"said": form.cleaned_data, "refusal": no.detail}
        return render(request, "compliance/request.html", context | said, status=status_of(no))
    messages.success(request, _told(request_shown(request.actor, key), made))
    return redirect("request", key)


@page("compliance.request.submit")
@require_POST
def request_submit(request: PageRequest, key: UUID) -> HttpResponse:
    """Put a draft, or what was changed as asked, before the approvers."""
    found = request_shown(request.actor, key)
    change = lambda: approval_request_submit(actor=request.actor, request=found)  # noqa: E731
    return act(request, change, said="The approvers are asked.", then=reverse("request", args=[key]))


@page("compliance.request.withdraw")
@require_POST
def request_withdraw(request: PageRequest, key: UUID) -> HttpResponse:
    """Take a request back."""
    found, reason = request_shown(request.actor, key), cleaned(ReasonForm(request.POST))["reason"]
    change = lambda: approval_request_withdraw(actor=request.actor, request=found, reason=reason)  # noqa: E731
    return act(request, change, said="The request is withdrawn.", then=reverse("request", args=[key]))


def _decide(request: PageRequest, found: ApprovalRequest, said: dict[str, Any]) -> Decision:
    name = said["on_behalf_of"]
    principal = member_named(found.workspace_id, name) if name and name != request.actor.name else None
    proof = prove(request, said["secret"], purpose=purpose_of(found))
    return approval_decide(
        actor=request.actor, request=found, verdict=said["verdict"], proof=proof, reason=said["reason"],
        on_behalf_of=principal, seen_digest=said["seen_digest"],
    )  # fmt: skip


def _told(found: ApprovalRequest, made: Decision) -> str:
    if found.state == "approved":
        moved = (
            f" {found.target_label} points to {found.subject_label} now." if found.apply_on_approval else ""
        )
        return f"Approved. Your decision was the last that was needed.{moved}"
    return {
        "approve": "Your approval is recorded. Others still have to decide.",
        "reject": "The request is rejected.",
        "ask_changes": "The requester is asked for changes.",
    }[made.verdict]
