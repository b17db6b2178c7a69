"""Taking an approval back: it ends, and what was done under it is undone in the same commit."""

from contextlib import suppress

from compliance.models import Approval
from compliance.models.approvals import EFFECTIVE, REVOKED
from compliance.services.approvals import ended
from compliance.services.gate import act_get, lent
from compliance.services.requests import text_check
from compliance.services.telling import ended_tell
from portal.accounts.actor import Actor
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.operations import Changed, locked, operation

REVOKE = "compliance.approval.revoke"


@operation(REVOKE, on="approval", lock="own")
def approval_revoke(*, actor: Actor, approval: Approval, reason: str) -> Changed[Approval]:
    """Revoke an effective approval. If it was used, its target moves back in this transaction.

    Raises Conflict for one that has ended.
    """
    text_check(reason)
    if not reason.strip():
        raise InvalidInput("Say why the approval is revoked.", code="reason_missing")
    return revoked(actor, approval, reason)


def revoked(actor: Actor, approval: Approval, reason: str) -> Changed[Approval]:
    """End the approval and take back what was done under it, in the transaction that is open."""
    approval = approval_locked(approval)
    if approval.state != EFFECTIVE:
        raise Conflict(
            f"The {approval} is {approval.state} already.", code="invalid_state", state=approval.state
        )
    ended(approval, REVOKED, reason)
    if approval.used_at is not None:
        act = act_get(approval.act)
        act.revert(actor=lent(actor, act.name), approval=approval, reason=reason)
    ended_tell(actor, approval)
    return Changed(
        approval, before={"state": EFFECTIVE}, after={"state": REVOKED, "used": approval.used_at is not None},
        subject=approval,
    )  # fmt: skip


def approval_locked(approval: Approval) -> Approval:
    """The approval as it is now, locked after the rows of its subject (ADR 6)."""
    request = approval.request
    with suppress(NotFound):  # the subject is gone; what was done under the approval may still stand
        act_get(approval.act).propose(request.subject_id, request.params)
    found: Approval = locked(approval)
    return found
