"""What is rarer than a decision: breaking the glass, confirming that, revoking an approval, asking for a waiver."""

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from compliance.models import Approval, ApprovalRequest
from compliance.selectors.web_requests import approval_of, request_shown
from compliance.services.break_glass import break_glass, break_glass_confirm, break_purpose, confirm_purpose
from compliance.services.revocations import approval_revoke
from compliance.services.waivers import waiver_request
from compliance.web.forms import ConfirmForm, ProvenForm, ReasonForm, WaiverForm
from compliance.web.input import cleaned, moment_of
from portal.accounts.signin.proof import prove
from portal.answers import PageRequest, act, act_and_go
from portal.kernel.errors import NotFound
from portal.routing import page


@page("compliance.request.break_glass")
@require_POST
def request_break(request: PageRequest, key: UUID) -> HttpResponse:
    """Do what a pending request asks for at once and alone; it is overtaken by that."""
    found, said = request_shown(request.actor, key), cleaned(ProvenForm(request.POST))

    def change() -> str:
        proof = prove(request, said["secret"], purpose=break_purpose(found.subject_id))
        made = break_glass(
            actor=request.actor, workspace=found.workspace, act=found.act, subject_id=found.subject_id,
            params=found.params, reason=said["reason"], proof=proof,
        )  # fmt: skip
        return reverse("request", args=[made.pk])

    told = "Done. Until another person confirms it, it stands for some hours only; auditors are told."
    return act_and_go(request, change, said=told, otherwise=_address(found))


@page("compliance.approval.confirm")
@require_POST
def approval_second(request: PageRequest, key: UUID) -> HttpResponse:
    """The second person's word about what was done by breaking the glass."""
    found, said = request_shown(request.actor, key), cleaned(ConfirmForm(request.POST))
    approval = _approval(found)

    def change() -> None:
        proof = prove(request, said["secret"], purpose=confirm_purpose(approval))
        break_glass_confirm(
            actor=request.actor,
            approval=approval,
            verdict=said["verdict"],
            proof=proof,
            reason=said["reason"],
        )

    is_yes = said["verdict"] == "approve"
    told = "It is confirmed and stands." if is_yes else "It is revoked, and its target has moved back."
    return act(request, change, said=told, then=_address(found))


@page("compliance.approval.revoke")
@require_POST
def approval_end(request: PageRequest, key: UUID) -> HttpResponse:
    """Revoke an approval; what was done under it is taken back in the same moment."""
    found, reason = request_shown(request.actor, key), cleaned(ReasonForm(request.POST))["reason"]
    approval = _approval(found)
    change = lambda: approval_revoke(actor=request.actor, approval=approval, reason=reason)  # noqa: E731
    return act(request, change, said="The approval is revoked.", then=_address(found))


@page("compliance.waiver.request")
@require_POST
def waiver_ask(request: PageRequest, key: UUID) -> HttpResponse:
    """Ask for an exception from a rule that stands against a request."""
    found, said = request_shown(request.actor, key), cleaned(WaiverForm(request.POST))
    said["expires_at"] = moment_of(said["expires_at"])

    def change() -> str:
        made = waiver_request(
            actor=request.actor, workspace=found.workspace, act=found.act, subject_id=found.subject_id,
            params=found.params, **said,
        )  # fmt: skip
        return reverse("waiver", args=[made.pk])

    return act_and_go(
        request, change, said="The waiver is asked for. An approver decides.", otherwise=_address(found)
    )


def _approval(found: ApprovalRequest) -> Approval:
    approval = approval_of(found)
    if approval is None:
        raise NotFound("Nothing was approved here.")
    return approval


def _address(found: ApprovalRequest) -> str:
    return reverse("request", args=[found.pk])
