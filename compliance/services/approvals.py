"""Approvals: granted by the gate, used once, ended for a reason."""

import datetime as dt

from django.db.models import QuerySet

from compliance.models import Approval, ApprovalRequest
from compliance.models.approvals import EFFECTIVE, LAPSED, SUPERSEDED
from compliance.services.gate import consequence
from compliance.services.telling import ended_tell
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.kernel.errors import Conflict
from portal.operations import effect

USE, GRANT, LAPSE = "compliance.approval.use", "compliance.approval.grant", "compliance.approval.lapse"
SUPERSEDE, REINSTATE = "compliance.approval.supersede", "compliance.approval.reinstate"
WHY_LENGTH = 2000


@effect(GRANT, on="request")
def approval_grant(
    *, actor: Actor, request: ApprovalRequest, expires_at: dt.datetime, confirm_by: dt.datetime | None = None
) -> Approval:
    """Make the approval that a complete quorum, or break-glass, amounts to; one for the same is superseded."""
    _supersede(actor, _same(request).filter(state=EFFECTIVE), "Approved anew.")
    return Approval.objects.create(
        workspace_id=request.workspace_id, request=request, act=request.act, target_key=request.target_key,
        subject_type=request.subject_type, subject_id=request.subject_id, subject_digest=request.subject_digest,
        evidence_digest=request.evidence_digest, effective_at=max(now(), request.created_at),
        expires_at=expires_at, confirm_by=confirm_by,
    )  # fmt: skip


def _same(request: ApprovalRequest) -> QuerySet[Approval]:
    return Approval.objects.filter(
        act=request.act, target_key=request.target_key, subject_type=request.subject_type,
        subject_id=request.subject_id,
    )  # fmt: skip


@effect(USE, on="approval")
def approval_use(*, actor: Actor, approval: Approval) -> Approval:
    """Mark an approval as used by the move that it allows; what the target stood under before is superseded.

    Using it again changes nothing. Raises Conflict for one that has ended.
    """
    if approval.state != EFFECTIVE:
        raise Conflict(
            f"The {approval} is {approval.state}; it allows nothing any more.", code="approval_ended"
        )
    if approval.used_at is None:
        target_leave(actor=actor, target_key=approval.target_key, by=approval, reason="The target moved on.")
        approval.used_at = max(now(), approval.effective_at)
        approval.save(update_fields=["used_at"])
    return approval


def target_leave(*, actor: Actor, target_key: str, reason: str, by: Approval | None = None) -> None:
    """The target moves on or goes away: the used approvals that it stood under are superseded.

    Who moves a target without an approval, or removes it, calls this in the same transaction.
    """
    stood = Approval.objects.filter(target_key=target_key, state=EFFECTIVE, used_at__isnull=False)
    _supersede(actor, stood.exclude(pk=by.pk) if by else stood, reason)


def _supersede(actor: Actor, approvals: QuerySet[Approval], reason: str) -> None:
    for approval in approvals.order_by("id"):
        approval_supersede(actor=consequence(actor, SUPERSEDE), approval=approval, reason=reason)


@effect(SUPERSEDE, on="approval")
def approval_supersede(*, actor: Actor, approval: Approval, reason: str) -> Approval:
    """Supersede an effective approval."""
    return ended(approval, SUPERSEDED, reason)


@effect(LAPSE, on="approval")
def approval_lapse(*, actor: Actor, approval: Approval, reason: str) -> Approval:
    """End an unused approval: too old, or what it named is not so any more. One that was used stands."""
    if approval.used_at is None and approval.state == EFFECTIVE:
        ended(approval, LAPSED, reason)
        ended_tell(actor, approval)
    return approval


@effect(REINSTATE, on="approval")
def approval_reinstate(*, actor: Actor, approval: Approval, reason: str) -> Approval:
    """A superseded approval covers its target again, which a revocation moved back to what it had approved."""
    if approval.state != SUPERSEDED:
        return approval
    approval.state, approval.ended_at, approval.end_reason = EFFECTIVE, None, reason[:WHY_LENGTH]
    approval.save(update_fields=["state", "ended_at", "end_reason"])
    return approval


def ended(approval: Approval, state: str, reason: str) -> Approval:
    """Give a locked, effective approval its last state; another one is left as it is."""
    if approval.state == EFFECTIVE:
        approval.state, approval.ended_at = state, max(now(), approval.effective_at)
        approval.end_reason = reason[:WHY_LENGTH]
        approval.save(update_fields=["state", "ended_at", "end_reason"])
    return approval
