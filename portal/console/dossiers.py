"""The dossier of a decision: who asked, what the rules saw and said, who decided what, and what came of it.

Everything is read from what was recorded then, nothing from how things stand now, but for the checks that a reader
would make: the evaluation is run again over the stored facts, and digests are taken anew.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from compliance.models import (
    Approval,
    ApprovalRequest,
    Decision,
    Evidence,
    GateEvaluation,
    PolicyVersion,
    Waiver,
)
from compliance.policies.evaluation import digest_of
from compliance.selectors.replay import evaluation_replay
from compliance.selectors.web_requests import excluded_of, requests_visible
from portal.accounts.actor import Actor
from portal.audit.models import AuditEvent
from portal.console.events import Row, Wanted, events_found
from portal.kernel.errors import DomainError
from registry.models import Assignment

EVENTS_AT_MOST = 100
FORMAT = "portal-decision-dossier/1"


def requests_listed(actor: Actor, *, state: str = "", text: str = "") -> QuerySet[ApprovalRequest]:
    """The requests that the actor may look into, newest first."""
    found = requests_visible(actor)
    if state:
        found = found.filter(state=state)
    return found.filter(target_label__icontains=text) if text else found


def dossier_of(actor: Actor, asked: ApprovalRequest) -> dict[str, Any]:
    """All that is known of one decision, ready for JSON but for times."""
    seen, approval = asked.evaluation, Approval.objects.filter(request=asked).first()
    versions = list(
        seen.policy_versions.select_related("policy", "proposed_by", "decided_by").order_by("policy__name")
    )
    decisions = list(asked.decisions.select_related("person", "on_behalf_of").order_by("decided_at"))
    moves = list(_moves(approval)) if approval else []
    return {
        "format": FORMAT,
        "request": _request(asked),
        "evaluation": _evaluation(seen),
        "policies": [_policy(version) for version in versions],
        "evidence": [_evidence(row, seen.facts) for row in _evidence_rows(asked)],
        "waivers": [
            _waiver(row) for row in Waiver.objects.filter(pk__in=seen.waivers).select_related("decided_by")
        ],
        "decisions": [_decision(row, asked) for row in decisions],
        "approval": _approval(approval) if approval else None,
        "moves": [_move(row) for row in moves],
        "replay": replay(seen),
        "events": [_event(row) for row in dossier_events(actor, asked, approval, moves, decisions)],
    }


def replay(seen: GateEvaluation) -> dict[str, Any]:
    """Ask the same policies about the same facts again, and say whether the answer is the same."""
    try:
        again = evaluation_replay(seen)
    except DomainError as error:
        return {"is_same": False, "problems": [f"It cannot be run again: {error.detail}"]}
    problems = (
        [] if again.facts_hold else ["The stored facts do not have the digest that was recorded with them."]
    )
    problems += (
        []
        if again.policies_hold
        else ["The text of a policy does not have the digest that was recorded with it."]
    )
    problems += _differences(seen.checks, again.checks)
    if again.approvals_needed != seen.approvals_needed:
        problems.append("Other approvals are asked for.")
    return {"is_same": again.is_equal, "problems": problems}


def _differences(before: Sequence[Any], after: Iterable[Any]) -> list[str]:
    then = {(check.get("policy"), check.get("rule")): check for check in before}
    now_ = {(check["policy"], check["rule"]): check for check in after}
    return [
        f"{policy} / {rule}: {_outcome(then.get((policy, rule)))} then, {_outcome(now_.get((policy, rule)))} now."
        for policy, rule in sorted(then.keys() | now_.keys(), key=str)
        if then.get((policy, rule)) != now_.get((policy, rule))
    ]


def _outcome(check: Any) -> str:
    return f"{check.get('outcome')} ({check.get('message') or 'no message'})" if check else "not asked"


def dossier_events(
    actor: Actor,
    asked: ApprovalRequest,
    approval: Approval | None,
    moves: Sequence[Assignment],
    decisions: Sequence[Decision],
) -> list[Row]:
    """What the audit log holds about the request and what came of it, oldest first."""
    about: list[tuple[str, UUID]] = [
        ("approvalrequest", asked.pk),
        *(("decision", row.pk) for row in decisions),
    ]
    about += [("approval", approval.pk)] if approval else []
    about += [("assignment", row.pk) for row in moves]
    found: dict[int, Row] = {}
    for kind, key in about:
        wanted = Wanted(object_type=kind, object_id=key.hex)
        found |= {row.said.id: row for row in events_found(actor, wanted, limit=EVENTS_AT_MOST)}
    # The move is an event of the model, made in the same call as the approval that it used.
    for call in sorted({row.said.request_id for row in found.values()} - {""}):
        wanted = Wanted(action=asked.act, request_id=call, workspace_id=asked.workspace_id)
        found |= {row.said.id: row for row in events_found(actor, wanted, limit=EVENTS_AT_MOST)}
    reads = {"console.dossier.read"}
    return [found[key] for key in sorted(found) if found[key].said.action not in reads]


def events_of(dossier: dict[str, Any]) -> QuerySet[AuditEvent]:
    """The events of a dossier, for their receipts."""
    return AuditEvent.objects.filter(
        uuid__in=[row["uuid"] for row in dossier["events"] if row["index"] is not None]
    )


def _request(asked: ApprovalRequest) -> dict[str, Any]:
    return {
        "id": asked.pk.hex, "workspace": asked.workspace.name, "act": asked.act, "target": asked.target_label,
        "subject": asked.subject_label, "subject_digest": asked.subject_digest,
        "evidence_digest": asked.evidence_digest, "params": asked.params,
        "risk_tier": asked.risk_tier, "state": asked.state, "round": asked.round,
        "is_break_glass": asked.is_break_glass, "reason": asked.reason, "requested_by": asked.requested_by.username,
        "excluded": [f"{each.name} ({each.why})" for each in excluded_of(asked)],
        "approvals_needed": asked.approvals_needed, "created_at": asked.created_at, "opened_at": asked.opened_at,
        "expires_at": asked.expires_at, "closed_at": asked.closed_at, "close_reason": asked.close_reason,
    }  # fmt: skip


def _evaluation(seen: GateEvaluation) -> dict[str, Any]:
    return {
        "id": seen.pk.hex, "evaluated_at": seen.evaluated_at, "actor": seen.actor, "passed": seen.passed,
        "facts_digest": seen.facts_digest, "checks": seen.checks, "facts": seen.facts,
    }  # fmt: skip


def _policy(version: PolicyVersion) -> dict[str, Any]:
    return {
        "policy": version.policy.name, "version": version.number, "digest": version.digest, "source": version.source,
        "proposed_by": version.proposed_by.username if version.proposed_by else None,
        "published_by": version.decided_by.username if version.decided_by else None, "published_at": version.decided_at,
    }  # fmt: skip


def _evidence_rows(asked: ApprovalRequest) -> QuerySet[Evidence]:
    about = Evidence.objects.filter(subject_type=asked.subject_type, subject_id=asked.subject_id)
    until = asked.closed_at or asked.expires_at
    return (about.filter(recorded_at__lte=until) if until else about).order_by("kind", "-recorded_at")


def _evidence(row: Evidence, facts: Any) -> dict[str, Any]:
    named = (facts.get("evidence") or {}).get(row.kind) or {}
    own = {"kind": row.kind, "outcome": row.outcome, "summary": row.summary, "body": row.body}
    return {
        "kind": row.kind, "outcome": row.outcome, "summary": row.summary, "digest": row.digest,
        "digest_holds": digest_of(own) == row.digest, "was_seen": bool(named) and named.get("digest") == row.digest,
        "subject_digest": row.subject_digest, "source": row.source, "actor": row.actor, "recorded_at": row.recorded_at,
        "body": row.body,
    }  # fmt: skip


def _waiver(row: Waiver) -> dict[str, Any]:
    return {
        "policy": row.policy_name, "rule": row.rule, "reason": row.reason, "control": row.compensating_control,
        "granted_by": row.decided_by.username if row.decided_by else None, "expires_at": row.expires_at,
    }  # fmt: skip


def _decision(row: Decision, asked: ApprovalRequest) -> dict[str, Any]:
    same = (row.subject_digest, row.evidence_digest) == (asked.subject_digest, asked.evidence_digest)
    return {
        "person": row.person.username, "role": row.role, "verdict": row.verdict, "round": row.round,
        "reason": row.reason,
        "on_behalf_of": row.on_behalf_of.username if row.on_behalf_of else None, "decided_at": row.decided_at,
        "reauthenticated_at": row.reauthenticated_at, "subject_digest": row.subject_digest,
        "evidence_digest": row.evidence_digest, "is_about_these_digests": same,
    }  # fmt: skip


def _approval(row: Approval) -> dict[str, Any]:
    return {
        "id": row.pk.hex, "state": row.state, "effective_at": row.effective_at, "expires_at": row.expires_at,
        "used_at": row.used_at, "confirm_by": row.confirm_by, "confirmed_at": row.confirmed_at,
        "ended_at": row.ended_at, "end_reason": row.end_reason,
    }  # fmt: skip


def _moves(approval: Approval) -> QuerySet[Assignment]:
    return approval.assignments.select_related("model", "version__model").order_by("valid_from")


def _move(row: Assignment) -> dict[str, Any]:
    return {
        "what": f"{row.kind} {row.name} of {row.model.name}", "version": str(row.version), "digest": row.version.digest,
        "from": row.valid_from, "until": row.valid_to, "moved_by": row.moved_by_name or row.moved_by,
        "ended_by": row.ended_by,
    }  # fmt: skip


def _event(row: Row) -> dict[str, Any]:
    said = row.said
    return {
        "uuid": str(said.uuid), "at": said.at, "actor": said.actor, "actor_name": said.actor_name,
        "action": said.action, "outcome": said.outcome, "object": f"{said.object_type}:{said.object_id}",
        "reason": said.reason,
        "detail": said.detail, "index": row.index, "checkpoint": row.checkpoint,
    }  # fmt: skip
