"""Break-glass: one person acts at once, with a reason, for some hours; then a second one has confirmed it or it ends.

It stands in for the missing persons only. Rules hold as ever, and who is excluded stays excluded.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from compliance.models import Approval, ApprovalRequest, Decision
from compliance.models.approvals import APPROVE, APPROVED, EFFECTIVE, PENDING_STATES, REJECT
from compliance.policies.document import DEFAULT_BREAK_GLASS_HOURS
from compliance.services.approvals import GRANT, approval_grant
from compliance.services.decisions import approval_apply
from compliance.services.gate import Assessment, act_get, assess, evaluation_store, lent
from compliance.services.invalidation import request_invalidate_now
from compliance.services.persons import person_of, persons_excluded, roles_held, voice_of
from compliance.services.requests import needed_check, rules_violation, text_check
from compliance.services.revocations import approval_locked, revoked
from compliance.services.telling import break_glass_tell
from portal.accounts.actor import Actor
from portal.accounts.models import Role, User, Workspace
from portal.accounts.signin.proof import Proof
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, PolicyViolation
from portal.operations import Changed, operation

SHORTEST_REASON = 10
DECIDERS = frozenset({Role.APPROVER, Role.MAINTAINER})


def break_purpose(subject_id: str) -> str:
    """What a proof for breaking the glass is for."""
    return f"break-glass:{subject_id}"


def confirm_purpose(approval: Approval) -> str:
    """What a proof for confirming, or refusing to confirm, is for."""
    return f"confirm:{approval.pk.hex}"


@operation("compliance.request.break_glass", on="workspace", lock="share")
def break_glass(
    *, actor: Actor, workspace: Workspace, act: str, subject_id: str, params: Mapping[str, Any], reason: str,
    proof: Proof,
) -> ApprovalRequest:  # fmt: skip
    """Do a gated act alone. Every policy that asks for approvals must allow it; auditors are told at once."""
    proved_at = proof.spend(user_id=actor.user_id, purpose=break_purpose(subject_id))
    text_check(reason)
    if len(reason.strip()) < SHORTEST_REASON:
        raise InvalidInput(
            f"Say in {SHORTEST_REASON} characters or more why it cannot wait.", code="reason_missing"
        )
    proposal = act_get(act).propose(subject_id, params)
    if proposal.subject.workspace_id != workspace.pk:
        raise NotFound(f"No such {proposal.subject.type} in {workspace}, or you may not see it.")
    found = assess(proposal)
    needed_check(found)
    if not found.evaluated.passed:
        raise rules_violation(f"{proposal.target.label} to {proposal.subject.label}", found)
    person = _breaker(actor, found)
    hours = _hours(found)
    _overtake(actor, found)
    request = _request(actor, person, found, reason)
    _said(request, person, APPROVE, reason, proved_at, found=found)
    until = now() + dt.timedelta(hours=hours)
    approval = approval_grant(actor=lent(actor, GRANT), request=request, expires_at=until, confirm_by=until)
    approval_apply(actor, request, found, approval)
    break_glass_tell(actor, approval)
    return request


@operation("compliance.approval.confirm", on="approval", lock="own")
def break_glass_confirm(
    *, actor: Actor, approval: Approval, verdict: str, proof: Proof, reason: str = "",
    on_behalf_of: User | None = None,
) -> Changed[Approval]:  # fmt: skip
    """The second approval afterwards: it confirms, or it revokes and moves the target back at once.

    It is about what is there now: rules that fail meanwhile can be rejected and not confirmed, and the decision names
    the evidence of this moment.
    """
    proved_at = proof.spend(user_id=actor.user_id, purpose=confirm_purpose(approval))
    text_check(reason)
    if verdict not in (APPROVE, REJECT) or (verdict == REJECT and not reason.strip()):
        raise InvalidInput("Approve it, or reject it and say why.", code="bad_verdict")
    approval = approval_locked(approval)
    if approval.state != EFFECTIVE or approval.confirm_by is None or approval.confirmed_at is not None:
        raise Conflict(f"The {approval} does not wait for a confirmation.", code="invalid_state")
    request = approval.request
    found = assess(act_get(request.act).propose(request.subject_id, request.params))
    voice = voice_of(actor, request, found, on_behalf_of)
    if verdict == APPROVE and not found.evaluated.passed:
        raise rules_violation(f"Confirming {request}", found)
    _said(
        request, voice.person, verdict, reason, proved_at, role=voice.role, on_behalf_of=voice.on_behalf_of,
        found=found,
    )  # fmt: skip
    if verdict == REJECT:
        return revoked(actor, approval, reason)
    approval.confirmed_by, approval.confirmed_at = voice.person, max(now(), approval.effective_at)
    approval.save(update_fields=["confirmed_by", "confirmed_at"])
    return Changed(
        approval,
        before={"confirmed_by": None},
        after={"confirmed_by": f"user:{voice.person.pk}"},
        subject=approval,
    )


@operation("compliance.approval.revoke", on="approval", lock="own")
def break_glass_end(*, actor: Actor, approval: Approval) -> Changed[Approval]:
    """Revoke what nobody confirmed in time. Confirmed or ended meanwhile, it is left as it is."""
    fresh = approval_locked(approval)
    is_due = (
        fresh.state == EFFECTIVE
        and fresh.confirmed_at is None
        and fresh.confirm_by
        and fresh.confirm_by <= now()
    )
    if not is_due:
        return Changed(fresh, before={}, after={}, subject=fresh)
    return revoked(actor, fresh, f"Nobody confirmed it until {fresh.confirm_by:%Y-%m-%d %H:%M} UTC.")


def _breaker(actor: Actor, found: Assessment) -> User:
    """The one person, who must hold a role that may and must not be excluded. Raises PermissionDenied."""
    person = person_of(actor)
    subject = found.proposal.subject
    if person.pk in persons_excluded(found, requested_by_id=0):
        raise PermissionDenied(
            f"{person.username} cannot break the glass for {subject.label}: it is their work, or a policy excludes "
            "them. Another approver or maintainer can.", code="excluded",
        )  # fmt: skip
    if not roles_held(person, subject.workspace_id) & DECIDERS:
        raise PermissionDenied(f"{person.username} is neither approver nor maintainer here.")
    return person


def _hours(found: Assessment) -> int:
    """The shortest time that a policy allows. Raises PolicyViolation when one allows none."""
    asking = [version for version in found.versions if version.document.get("approvals")]
    for version in asking:
        if not version.document.get("break_glass", {}).get("allowed"):
            raise PolicyViolation(
                f"The policy {version.policy} does not allow break-glass. Ask for approval.",
                code="no_break_glass",
            )
    # needed_check has seen that there is one
    hours = [version.document["break_glass"].get("hours", DEFAULT_BREAK_GLASS_HOURS) for version in asking]
    return int(min(hours))


def _overtake(actor: Actor, found: Assessment) -> None:
    """A pending request for the same ends: one target and subject have one question at a time."""
    proposal = found.proposal
    pending = ApprovalRequest.objects.filter(
        act=proposal.act, target_key=proposal.target.key, subject_type=proposal.subject.type,
        subject_id=proposal.subject.id, state__in=PENDING_STATES,
    )  # fmt: skip
    for request in pending:
        request_invalidate_now(actor=actor, request=request, reason="Overtaken by break-glass.")


def _request(actor: Actor, person: User, found: Assessment, reason: str) -> ApprovalRequest:
    proposal, at = found.proposal, now()
    return ApprovalRequest.objects.create(
        workspace_id=proposal.subject.workspace_id, act=proposal.act, params=dict(proposal.params),
        subject_type=proposal.subject.type, subject_id=proposal.subject.id,
        subject_label=proposal.subject.label[:400], subject_digest=proposal.subject.digest,
        target_key=proposal.target.key, target_label=proposal.target.label[:400],
        evaluation=evaluation_store(found, actor=actor), evidence_digest=found.evidence_digest,
        approvals_needed=[dict(each) for each in found.evaluated.needed],
        excluded=sorted(persons_excluded(found, requested_by_id=person.pk)), risk_tier=proposal.risk_tier,
        state=APPROVED, is_break_glass=True, reason=reason, requested_by=person, opened_at=at,
        closed_at=at, close_reason="Break-glass.",
    )  # fmt: skip


def _said(
    request: ApprovalRequest, person: User, verdict: str, reason: str, proved_at: dt.datetime, *, found: Assessment,
    role: str = "", on_behalf_of: User | None = None,
) -> None:  # fmt: skip
    held = roles_held(person, request.workspace_id) & DECIDERS
    Decision.objects.create(
        request=request, workspace_id=request.workspace_id, round=request.round, person=person,
        on_behalf_of=on_behalf_of, role=role or min(held), verdict=verdict, reason=reason,
        subject_digest=found.proposal.subject.digest, evidence_digest=found.evidence_digest,
        reauthenticated_at=proved_at, decided_at=max(now(), request.created_at),
    )  # fmt: skip
