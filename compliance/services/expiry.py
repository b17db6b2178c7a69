"""What ends by the clock. Each is an operation that looks again under its lock, so that doing it twice does no harm."""

from compliance.models import Approval, ApprovalRequest
from compliance.models.approvals import EXPIRED, LAPSED
from compliance.services.approvals import LAPSE, ended
from compliance.services.requests import request_close, told
from compliance.services.telling import ended_tell, outcome_tell
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.operations import Changed, operation


@operation("compliance.request.expire", on="request")
def request_expire(*, actor: Actor, request: ApprovalRequest) -> Changed[ApprovalRequest]:
    """End a pending request that nobody decided in time."""
    before = told(request)
    if request.is_pending and request.expires_at is not None and request.expires_at <= now():
        request_close(request, EXPIRED, f"Not decided until {request.expires_at:%Y-%m-%d %H:%M} UTC.")
        outcome_tell(actor, request)
    return Changed(request, before=before, after=told(request), subject=request)


@operation(LAPSE, on="approval")
def approval_expire(*, actor: Actor, approval: Approval) -> Changed[Approval]:
    """End an approval that was not used in time."""
    before = approval.state
    if approval.used_at is None and approval.expires_at is not None and approval.expires_at <= now():
        ended(approval, LAPSED, f"Not used until {approval.expires_at:%Y-%m-%d %H:%M} UTC.")
        ended_tell(actor, approval)
    return Changed(approval, before={"state": before}, after={"state": approval.state}, subject=approval)
