"""What ends requests and approvals by itself: changed evidence, changed or deleted subjects, changed policies.

A request on which nobody has decided goes on with the evidence that came, while its rules hold. It happens in the
transaction of the change, under the gate's own name: nobody decides it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from compliance.gates import GATED_ACTS
from compliance.models import Approval, ApprovalRequest, Decision
from compliance.models.approvals import EFFECTIVE, INVALIDATED, OPEN, PENDING_STATES
from compliance.policies.evaluation import applies
from compliance.services.approvals import LAPSE, approval_lapse
from compliance.services.gate import Assessment, assess, consequence, evidence_digest_of
from compliance.services.stating import request_state_again
from compliance.services.telling import outcome_tell
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.kernel.errors import DomainError
from portal.operations import Changed, effect, operation

INVALIDATE, RESTATE = "compliance.request.invalidate", "compliance.request.restate"


def requests_invalidate(*, actor: Actor, subject_type: str, subject_id: str, reason: str) -> None:
    """End every pending request and unused approval of a subject that is gone or has other files now.

    A step of a larger operation, whose transaction it needs. The caller holds the subject's model (ADR 6).
    """
    for request in _pending(subject_type, subject_id, PENDING_STATES):
        request_invalidate_now(actor=actor, request=request, reason=reason)
    for approval in _unused(subject_type, subject_id):
        approval_lapse(actor=consequence(actor, LAPSE), approval=approval, reason=reason)


def evidence_changed(*, actor: Actor, subject_type: str, subject_id: str, reason: str) -> None:
    """End the open requests and unused approvals of a subject whose evidence digest no longer holds.

    Whoever records evidence, a card or anything else that approvers look at calls it as the last step of the
    same transaction. An open request on which nobody has decided yet names the new evidence from here on, if its
    rules hold: nobody's decision is about anything else. Drafts and requests that await changes go on: they are
    evaluated again when submitted.
    """
    for request in _pending(subject_type, subject_id, [OPEN]):
        if not _is_stale(request, request.evidence_digest):
            continue
        found = None if _is_decided_on(request) else _assessed(request)
        if found is not None and found.evaluated.passed and found.evaluated.needed:
            _restate(actor=consequence(actor, RESTATE), request=request, found=found)
        else:
            request_invalidate_now(actor=actor, request=request, reason=reason)
    for approval in _unused(subject_type, subject_id):
        if _is_stale(approval.request, approval.evidence_digest):
            approval_lapse(actor=consequence(actor, LAPSE), approval=approval, reason=reason)


def policies_changed(
    *, actor: Actor, workspace_id: int | None, documents: Iterable[Mapping[str, Any]], reason: str
) -> None:
    """End the open requests and unused approvals to which a policy that came, went or changed applies."""
    texts = list(documents)
    requests = ApprovalRequest.objects.filter(state=OPEN)
    approvals = Approval.objects.filter(state=EFFECTIVE, used_at=None).select_related("request__evaluation")
    if workspace_id is not None:
        requests, approvals = (
            requests.filter(workspace=workspace_id),
            approvals.filter(workspace=workspace_id),
        )
    # In the order in which everybody locks models, as far as ids tell.
    for request in requests.select_related("evaluation").order_by("subject_id", "id"):
        if _is_about(request, texts) and _is_stale(request, request.evidence_digest):
            request_invalidate_now(actor=actor, request=request, reason=reason)
    for approval in approvals.order_by("subject_id", "id"):
        if _is_about(approval.request, texts) and _is_stale(approval.request, approval.evidence_digest):
            approval_lapse(actor=consequence(actor, LAPSE), approval=approval, reason=reason)


def _is_about(request: ApprovalRequest, documents: list[Mapping[str, Any]]) -> bool:
    selectors = request.evaluation.facts.get("selectors", {})
    return any(applies(document, request.act, selectors) for document in documents)


def request_invalidate_now(*, actor: Actor, request: ApprovalRequest, reason: str) -> None:
    """Invalidate one request, in the transaction that is open."""
    _invalidate(actor=consequence(actor, INVALIDATE), request=request, reason=reason)


@operation(INVALIDATE, on="request")
def _invalidate_alone(*, actor: Actor, request: ApprovalRequest, reason: str) -> ApprovalRequest:
    return _invalidated(actor, request, reason)


def request_invalidate(*, request: ApprovalRequest, actor_request_id: str, reason: str) -> None:
    """Invalidate one request in a transaction of its own, after a decision that found it stale was undone."""
    gate = Actor.system("compliance.gate", actions=[INVALIDATE], request_id=actor_request_id)
    _invalidate_alone(actor=gate, request=request, reason=reason)


@effect(INVALIDATE, on="request")
def _invalidate(*, actor: Actor, request: ApprovalRequest, reason: str) -> ApprovalRequest:
    return _invalidated(actor, request, reason)


@effect(RESTATE, on="request")
def _restate(*, actor: Actor, request: ApprovalRequest, found: Assessment) -> Changed[ApprovalRequest]:
    before = {"evidence_digest": request.evidence_digest}
    request_state_again(actor, request, found)
    return Changed(request, before=before, after={"evidence_digest": request.evidence_digest})


def _invalidated(actor: Actor, request: ApprovalRequest, reason: str) -> ApprovalRequest:
    if request.is_pending:
        request.state, request.close_reason = INVALIDATED, reason[:2000]
        request.closed_at = max(now(), request.created_at)
        request.save(update_fields=["state", "close_reason", "closed_at"])
        outcome_tell(actor, request)
    return request


def _is_decided_on(request: ApprovalRequest) -> bool:
    return Decision.objects.filter(request=request, round=request.round).exists()


def _assessed(request: ApprovalRequest) -> Assessment | None:
    """The act as it would be done now; None when it cannot be proposed."""
    try:
        return assess(GATED_ACTS[request.act].propose(request.subject_id, request.params))
    except (DomainError, LookupError):
        return None


def _is_stale(request: ApprovalRequest, digest: str) -> bool:
    """Whether the act, proposed again now, has another digest or cannot be proposed at all."""
    try:
        proposal = GATED_ACTS[request.act].propose(request.subject_id, request.params)
        return evidence_digest_of(proposal) != digest
    except (DomainError, LookupError):
        return True


def _pending(subject_type: str, subject_id: str, states: Iterable[str]) -> list[ApprovalRequest]:
    rows = ApprovalRequest.objects.filter(
        subject_type=subject_type, subject_id=subject_id, state__in=list(states)
    )
    return list(rows.order_by("id"))


def _unused(subject_type: str, subject_id: str) -> list[Approval]:
    rows = Approval.objects.filter(
        subject_type=subject_type, subject_id=subject_id, state=EFFECTIVE, used_at=None
    )
    return list(rows.select_related("request").order_by("id"))
