"""Approval requests: opened, submitted, withdrawn. A draft waits for rules to hold, an open one for persons."""

from collections.abc import Mapping
from typing import Any

from compliance.gates import Proposal
from compliance.models import ApprovalRequest
from compliance.models.approvals import CHANGES_REQUESTED, DRAFT, OPEN, PENDING_STATES, WITHDRAWN
from compliance.services.gate import Assessment, act_get, assess
from compliance.services.invalidation import request_invalidate_now
from compliance.services.stating import request_state
from compliance.services.telling import opened_tell, outcome_tell
from portal import access
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, PolicyViolation
from portal.kernel.versions import version_check
from portal.operations import Changed, locked, operation

REASON_LENGTH = 2000
_PARAMS_LENGTH = 20


@operation("compliance.request.create", on="workspace", lock="share")
def approval_request_open(
    *, actor: Actor, workspace: Workspace, act: str, subject_id: str, params: Mapping[str, Any],
    reason: str = "", apply_on_approval: bool = True,
) -> ApprovalRequest:  # fmt: skip
    """Ask for the approval of an act: a draft while rules fail, open when only persons are missing.

    Asking again gives the request that is pending, brought up to date. Raises PolicyViolation when rules fail
    that no person could approve, and Conflict (`not_needed`) when nobody need approve.
    """
    account_of(actor)
    text_check(reason)
    proposal = act_get(act).propose(subject_id, params)
    if proposal.subject.workspace_id != workspace.pk:
        raise NotFound(f"No such {proposal.subject.type} in {workspace}, or you may not see it.")
    access.require(actor, act, proposal.subject)
    found = assess(proposal)
    needed_check(found)
    pending = _pending(proposal)
    if pending is None:
        return _create(actor, found, reason, apply_on_approval)
    return _again(actor, pending, found, reason, apply_on_approval)


@operation("compliance.request.submit", on="request", lock="own")
def approval_request_submit(
    *, actor: Actor, request: ApprovalRequest, reason: str = "", expected_version: str | None = None
) -> Changed[ApprovalRequest]:
    """Put a draft, or what was changed as asked, before the approvers. Raises PolicyViolation while rules fail."""
    text_check(reason)
    proposal = act_get(request.act).propose(request.subject_id, request.params)
    request = locked(request)
    version_check(request, expected_version)
    own_check(actor, request)
    if request.state not in (DRAFT, CHANGES_REQUESTED):
        raise state_conflict(request, "be submitted")
    found = assess(proposal)
    needed_check(found)
    if not found.evaluated.passed:
        raise rules_violation(request, found)
    before = told(request)
    _open(actor, request, found)
    return Changed(request, before=before, after=told(request))


@operation("compliance.request.withdraw", on="request")
def approval_request_withdraw(
    *, actor: Actor, request: ApprovalRequest, reason: str = "", expected_version: str | None = None
) -> Changed[ApprovalRequest]:
    """Take a pending request back."""
    text_check(reason)
    version_check(request, expected_version)
    own_check(actor, request)
    before = told(request)
    request_close(request, WITHDRAWN, reason or f"Withdrawn by {actor.name}.")
    outcome_tell(actor, request)
    return Changed(request, before=before, after=told(request))


def request_close(request: ApprovalRequest, state: str, reason: str) -> None:
    """Give a locked, pending request its last state. Raises Conflict for one that has ended."""
    if not request.is_pending:
        raise state_conflict(request, f"become {state}")
    request.state, request.close_reason = state, reason[:REASON_LENGTH]
    request.closed_at = max(now(), request.created_at)
    request.save(update_fields=["state", "close_reason", "closed_at"])


def told(request: ApprovalRequest) -> dict[str, Any]:
    """What the audit log says about a request before and after."""
    return {
        "state": request.state, "round": request.round, "evidence_digest": request.evidence_digest,
        "subject_digest": request.subject_digest, "close_reason": request.close_reason,
    }  # fmt: skip


def state_conflict(request: ApprovalRequest, what: str) -> Conflict:
    return Conflict(
        f"The request for {request} cannot {what}: it is {request.state.replace('_', ' ')}.",
        code="invalid_state", state=request.state,
    )  # fmt: skip


def rules_violation(what: Any, found: Assessment) -> PolicyViolation:
    """Rules that fail, by name."""
    failing = found.evaluated.failing
    named = "; ".join(f"{check['policy']}/{check['rule']}: {check['message']}" for check in failing[:5])
    return PolicyViolation(
        f"{what} is refused: {len(failing)} of {len(found.evaluated.checks)} rules do not hold. {named}. "
        "Put right what they name, or ask for a waiver where a rule can be waived.",
        code="rules_fail", failing=[dict(check) for check in failing],
    )  # fmt: skip


def needed_check(found: Assessment) -> None:
    """Raise unless persons are needed: without them there is nothing to ask for."""
    if found.evaluated.needed:
        return
    subject, target = found.proposal.subject.label, found.proposal.target.label
    if not found.evaluated.passed:
        raise rules_violation(f"{target} to {subject}", found)
    raise Conflict(f"{target} to {subject} needs no approval. Do it at once.", code="not_needed")


def account_of(actor: Actor) -> int:
    """The account behind an actor. Raises PermissionDenied for the portal's own jobs."""
    if actor.user_id is None:
        raise PermissionDenied(f"{actor.name} is no account, and a request has somebody who answers for it.")
    return actor.user_id


def own_check(actor: Actor, request: ApprovalRequest) -> None:
    """The requester, or a maintainer of the workspace, has the request in hand."""
    if actor.kind == "system" or actor.user_id == request.requested_by_id:
        return
    if "maintainer" not in actor.roles.get(request.workspace_id, ()):
        raise PermissionDenied(
            f"The request for {request} is not yours. Its requester or a maintainer of the workspace can do this."
        )


def text_check(text: str) -> None:
    if len(text) > REASON_LENGTH or "\x00" in text:
        raise InvalidInput(f"A reason has at most {REASON_LENGTH} characters, none of them NUL.")


def _pending(proposal: Proposal) -> ApprovalRequest | None:
    return (
        ApprovalRequest.objects.select_for_update(no_key=True)
        .filter(
            act=proposal.act, target_key=proposal.target.key, subject_type=proposal.subject.type,
            subject_id=proposal.subject.id, state__in=PENDING_STATES,
        )
        .first()
    )  # fmt: skip


def _create(actor: Actor, found: Assessment, reason: str, apply_on_approval: bool) -> ApprovalRequest:
    request = ApprovalRequest(
        workspace_id=found.proposal.subject.workspace_id, act=found.proposal.act,
        params=dict(found.proposal.params), requested_by_id=account_of(actor), reason=reason,
        apply_on_approval=apply_on_approval, created_at=now(),
    )  # fmt: skip
    if found.evaluated.passed:
        _open(actor, request, found)
    else:
        request_state(actor, request, found)
    return request


def _again(
    actor: Actor, pending: ApprovalRequest, found: Assessment, reason: str, apply_on_approval: bool
) -> ApprovalRequest:
    """The pending request: a draft is opened when its rules hold now, a stale open one is replaced."""
    is_due = pending.expires_at is not None and pending.expires_at <= found.at
    if is_due or (pending.state == OPEN and pending.evidence_digest != found.evidence_digest):
        why = "It had expired." if is_due else "The evidence or the policies changed, and it was asked anew."
        request_invalidate_now(actor=actor, request=pending, reason=why)
        return _create(actor, found, reason, apply_on_approval)
    if pending.state == DRAFT:
        (_open if found.evaluated.passed else request_state)(actor, pending, found)
    return pending


def _open(actor: Actor, request: ApprovalRequest, found: Assessment) -> None:
    if request.state == CHANGES_REQUESTED:
        request.round += 1
    request.state, request.opened_at = OPEN, max(now(), request.created_at)
    request_state(actor, request, found)
    opened_tell(actor, request)
