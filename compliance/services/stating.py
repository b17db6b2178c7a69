"""What a request asks for, written down as it stands at one moment."""

import datetime as dt

from compliance.models import ApprovalRequest
from compliance.policies.document import DEFAULT_REQUEST_EXPIRY, duration
from compliance.services.gate import Assessment, evaluation_store
from compliance.services.persons import persons_excluded
from portal.accounts.actor import Actor
from portal.kernel.clock import now


def request_state(by: Actor, request: ApprovalRequest, found: Assessment) -> None:
    """Write what is asked for as it stands now; its time begins anew."""
    request.expires_at = max(now(), request.created_at) + _expiry(found)
    request_state_again(by, request, found)


def request_state_again(by: Actor, request: ApprovalRequest, found: Assessment) -> None:
    """Write what is asked for as it stands now; it expires when it would have."""
    subject, target = found.proposal.subject, found.proposal.target
    request.subject_type, request.subject_id = subject.type, subject.id
    request.subject_label, request.subject_digest = subject.label[:400], subject.digest
    request.target_key, request.target_label = target.key, target.label[:400]
    request.evidence_digest = found.evidence_digest
    request.approvals_needed = [dict(each) for each in found.evaluated.needed]
    request.risk_tier = found.proposal.risk_tier
    request.excluded = sorted(persons_excluded(found, requested_by_id=request.requested_by_id))
    request.evaluation = evaluation_store(found, actor=by)
    request.save()


def _expiry(found: Assessment) -> dt.timedelta:
    texts = [document.get("request_expires_after", DEFAULT_REQUEST_EXPIRY) for document in found.documents]
    return min(duration(text) for text in texts)
