"""Decisions about requests. The last one that is needed makes the approval and the move, in one transaction."""

import datetime as dt

from compliance.models import Approval, ApprovalRequest, Decision
from compliance.models.approvals import (
    APPROVE,
    APPROVED,
    ASK_CHANGES,
    CHANGES_REQUESTED,
    OPEN,
    REJECT,
    REJECTED,
    VERDICTS,
)
from compliance.policies.document import DEFAULT_APPROVAL_VALIDITY, duration
from compliance.services.approvals import GRANT, USE, approval_grant, approval_use
from compliance.services.gate import Assessment, act_get, assess, evaluation_store, lent
from compliance.services.invalidation import request_invalidate
from compliance.services.persons import Voice, given, missing, requester_check, voice_of
from compliance.services.requests import request_close, rules_violation, state_conflict, text_check, told
from compliance.services.telling import outcome_tell
from portal.accounts.actor import Actor
from portal.accounts.models import User
from portal.accounts.signin.proof import Proof
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.operations import Changed, locked, operation

STALE = "evidence_changed"


class Stale(Conflict):
    """What the request asks about is not what it was; it ends."""

    code = STALE


def purpose_of(request: ApprovalRequest) -> str:
    """What a proof for a decision about this request is for."""
    return f"decide:{request.pk.hex}"


def approval_decide(
    *, actor: Actor, request: ApprovalRequest, verdict: str, proof: Proof, reason: str = "",
    on_behalf_of: User | None = None, seen_digest: str | None = None,
) -> Decision:  # fmt: skip
    """Decide, and invalidate a request whose evidence turned out to have changed: that is refused and ends it."""
    try:
        return decision_make(
            actor=actor, request=request, verdict=verdict, proof=proof, reason=reason, on_behalf_of=on_behalf_of,
            seen_digest=seen_digest,
        )  # fmt: skip
    except Stale as stale:
        request_invalidate(request=request, actor_request_id=actor.request_id, reason=stale.detail)
        raise


@operation("compliance.decision.make", on="request", lock="own")
def decision_make(
    *, actor: Actor, request: ApprovalRequest, verdict: str, proof: Proof, reason: str,
    on_behalf_of: User | None, seen_digest: str | None,
) -> Changed[Decision]:  # fmt: skip
    """Record what a person says about a request, and act on it.

    `proof` is spent; `seen_digest` is the evidence digest that the person had before them. Facts are gathered and
    rules evaluated again at this moment. Raises Stale when they no longer are what was asked about,
    PolicyViolation when rules do not hold any more, PermissionDenied for whoever may not decide.
    """
    proved_at = proof.spend(user_id=actor.user_id, purpose=purpose_of(request))
    _words_check(verdict, reason)
    found = _assessed(request)
    request = locked(request)
    _decidable_check(request, found)
    voice = voice_of(actor, request, found, on_behalf_of)
    _fresh_check(request, found, seen_digest)
    if verdict == APPROVE and not found.evaluated.passed:
        raise rules_violation(request, found)
    before = told(request)
    decision = _decision(request, voice, verdict, reason, proved_at)
    _act(actor, request, found, voice, decision)
    said = {
        "verdict": verdict, "role": voice.role, "decision": decision.pk.hex,
        "on_behalf_of": f"user:{voice.principal.pk}" if voice.on_behalf_of else None,
        "reauthenticated_at": proved_at.isoformat(),
    }  # fmt: skip
    return Changed(decision, before=before, after={**told(request), **said}, subject=request)


def _words_check(verdict: str, reason: str) -> None:
    text_check(reason)
    if verdict not in VERDICTS:
        raise InvalidInput(f"A verdict is one of {', '.join(VERDICTS)}.")
    if verdict in (REJECT, ASK_CHANGES) and not reason.strip():
        raise InvalidInput("Say why: the requester has to know what to do about it.", code="reason_missing")


def _assessed(request: ApprovalRequest) -> Assessment:
    """The act as it would be done now; its rows are locked first (ADR 6)."""
    try:
        return assess(act_get(request.act).propose(request.subject_id, request.params))
    except NotFound as gone:
        raise Stale(f"What {request} is about is not there any more: {gone.detail}") from gone


def _decidable_check(request: ApprovalRequest, found: Assessment) -> None:
    if request.state != OPEN:
        raise state_conflict(request, "be decided")
    if request.expires_at is not None and request.expires_at <= found.at:
        raise Conflict(f"The request for {request} has expired. Ask anew.", code="expired")


def _fresh_check(request: ApprovalRequest, found: Assessment, seen_digest: str | None) -> None:
    asked = (request.subject_digest, request.evidence_digest)
    if asked != (found.proposal.subject.digest, found.evidence_digest):
        raise Stale(
            f"The files, the evidence or the policies behind {request} changed since it was asked. The request ends; "
            "ask anew."
        )
    if seen_digest is not None and seen_digest != request.evidence_digest:
        raise Conflict(
            f"You decided on other evidence than {request} is about now. Load it again and decide on what is there.",
            code="stale",
        )


def _decision(
    request: ApprovalRequest, voice: Voice, verdict: str, reason: str, proved_at: dt.datetime
) -> Decision:
    return Decision.objects.create(
        request=request, workspace_id=request.workspace_id, round=request.round, person=voice.person,
        on_behalf_of=voice.on_behalf_of, role=voice.role, verdict=verdict, reason=reason,
        subject_digest=request.subject_digest, evidence_digest=request.evidence_digest,
        reauthenticated_at=proved_at, decided_at=max(now(), request.opened_at or request.created_at),
    )  # fmt: skip


def _act(actor: Actor, request: ApprovalRequest, found: Assessment, voice: Voice, decision: Decision) -> None:
    """What follows from a decision."""
    if decision.verdict == REJECT:
        request_close(request, REJECTED, decision.reason)
    elif decision.verdict == ASK_CHANGES:
        request.state = CHANGES_REQUESTED
        request.save(update_fields=["state"])
    else:
        _approve(actor, request, found, voice)
    if request.state != OPEN:
        outcome_tell(actor, request)


def _approve(actor: Actor, request: ApprovalRequest, found: Assessment, voice: Voice) -> None:
    request.approvals_needed = [dict(each) for each in found.evaluated.needed]
    request.evaluation = evaluation_store(found, actor=actor)
    request.save(update_fields=["approvals_needed", "evaluation"])
    if missing(found.evaluated.needed, given(request)):
        return
    requester_check(request, found)
    request_close(request, APPROVED, "")
    approval = approval_grant(actor=lent(actor, GRANT), request=request, expires_at=valid_until(found))
    if request.apply_on_approval:
        approval_apply(actor, request, found, approval)


def approval_apply(actor: Actor, request: ApprovalRequest, found: Assessment, approval: Approval) -> None:
    """Make the move that was approved, in the transaction that approves it, and use the approval up."""
    why = request.reason or f"Approved request {request.pk}."
    act = act_get(request.act)
    act.apply(actor=lent(actor, act.name, USE), proposal=found.proposal, approval=approval, reason=why)
    approval.refresh_from_db()
    if approval.used_at is None:
        approval_use(actor=lent(actor, USE), approval=approval)


def valid_until(found: Assessment) -> dt.datetime:
    """How long an unused approval holds: the shortest that a policy says."""
    texts = [document.get("approval_valid_for", DEFAULT_APPROVAL_VALIDITY) for document in found.documents]
    return now() + min(duration(text) for text in texts)
