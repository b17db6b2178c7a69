"""The gate: what published policies say about an act as it would be done now (ADR 7).

The operation that acts asks `rule` while it holds the locks of its proposal. Nothing here skips a check.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q

from compliance.gates import GATED_ACTS, GatedAct, Proposal, Ruling
from compliance.models import Approval, GateEvaluation, Policy, PolicyVersion, Waiver
from compliance.models.approvals import EFFECTIVE
from compliance.policies.evaluation import (
    Evaluated,
    PolicyText,
    WaiverFact,
    applies,
    digest_of,
    evaluate,
    normal,
)
from portal import access
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput


@dataclass(frozen=True)
class Assessment:
    """What the policies say about a proposal at one moment, and what that stands on."""

    proposal: Proposal
    versions: tuple[PolicyVersion, ...]
    facts: dict[str, Any]
    evaluated: Evaluated
    evidence_digest: str
    at: dt.datetime

    @property
    def documents(self) -> list[Mapping[str, Any]]:
        return [version.document for version in self.versions]


def act_get(name: str) -> GatedAct:
    """A gated act by its name. Raises InvalidInput."""
    if name not in GATED_ACTS:
        known = ", ".join(sorted(GATED_ACTS)) or "none"
        raise InvalidInput(f"'{name[:80]}' is no act that policies gate. Known: {known}.", code="unknown_act")
    return GATED_ACTS[name]


def rule(*, actor: Actor, proposal: Proposal) -> Ruling:
    """Ask the gate about a proposal, inside the transaction that would act and with its rows locked.

    An approval that is answered is locked, too, and the caller uses it up with `approval_use` in the same
    transaction. What was seen is stored with it.
    """
    found = assess(proposal)
    if found.versions:
        evaluation_store(found, actor=actor)
    answer = found.evaluated
    approval = _approval_find(found) if answer.passed and answer.needed else None
    return Ruling(
        is_free=answer.passed and not answer.needed,
        approval=approval,
        failing=answer.failing,
        needed=answer.needed,
        evidence_digest=found.evidence_digest,
        checks=answer.checks,
        policy_version_ids=tuple(str(version.pk) for version in found.versions),
    )


def assess(proposal: Proposal) -> Assessment:
    """Evaluate the policies that apply, with the waivers that hold; nothing is written.

    Raises Conflict (`not_ready`) where policies apply to a subject whose files nobody has read: an approval names
    their digest, and without one it would stand for whatever they turn out to be.
    """
    at = now()
    versions = policies_applying(proposal)
    if versions and not proposal.subject.digest:
        raise Conflict(
            f"{proposal.target.label} cannot move to {proposal.subject.label}: its files have no digest, and policies "
            "apply. Wait until it is READY, or register it anew where that failed.", code="not_ready",
        )  # fmt: skip
    facts = facts_of(proposal)
    evaluated = evaluate(
        facts=facts,
        risk_tier=proposal.risk_tier,
        policies=[PolicyText(version.policy.name, version.digest, version.document) for version in versions],
        waivers=_waivers_holding(proposal, at),
    )
    return Assessment(proposal, versions, facts, evaluated, _digest(proposal, versions, facts), at)


def policies_applying(proposal: Proposal) -> tuple[PolicyVersion, ...]:
    """The versions in force, portal-wide and of the workspace, that are about this act on this subject."""
    inside = Q(policy__workspace=None) | Q(policy__workspace=proposal.subject.workspace_id)
    current = Policy.objects.filter(current__isnull=False).values("current")
    versions = PolicyVersion.objects.filter(inside, pk__in=current).select_related("policy").order_by("id")
    return tuple(
        version
        for version in versions
        if applies(version.document, proposal.act, {**proposal.selectors, "risk_tier": proposal.risk_tier})
    )


def facts_of(proposal: Proposal) -> dict[str, Any]:
    """The facts as rules see and PostgreSQL keeps them, with what decided which policies apply."""
    selectors = {**proposal.selectors, "risk_tier": proposal.risk_tier}
    facts: dict[str, Any] = normal({**proposal.facts, "selectors": selectors})
    return facts


def evidence_digest_of(proposal: Proposal) -> str:
    """The digest that stands for all that approvers look at (ADR 7)."""
    return _digest(proposal, policies_applying(proposal), facts_of(proposal))


def _digest(proposal: Proposal, versions: tuple[PolicyVersion, ...], facts: Mapping[str, Any]) -> str:
    evidence = facts.get("evidence") or {}
    return digest_of(
        {
            "subject": proposal.subject.digest,
            "evidence": {kind: (found or {}).get("digest", "") for kind, found in evidence.items()},
            "card": facts.get("card"),
            "policies": sorted(version.digest for version in versions),
        }
    )


def evaluation_store(found: Assessment, *, actor: Actor) -> GateEvaluation:
    """Keep an assessment with the facts that it saw, so that it can be replayed."""
    subject = found.proposal.subject
    made = GateEvaluation.objects.create(
        workspace_id=subject.workspace_id, act=found.proposal.act, subject_type=subject.type,
        subject_id=subject.id, subject_label=subject.label[:400], facts=found.facts,
        facts_digest=digest_of(found.facts), waivers=list(found.evaluated.waivers),
        checks=list(found.evaluated.checks), approvals_needed=list(found.evaluated.needed),
        passed=found.evaluated.passed, actor=actor.reference, evaluated_at=found.at,
    )  # fmt: skip
    made.policy_versions.set(found.versions)
    return made


def lent(actor: Actor, *actions: str) -> Actor:
    """The same person or job, with exactly these actions: what the gate itself does because of their decision."""
    return actor.limited_to(*actions)


def consequence(actor: Actor, *actions: str) -> Actor:
    """The gate itself, for what follows from an act of somebody who did not ask for it."""
    return Actor.system("compliance.gate", actions=actions, request_id=actor.request_id)


def _waivers_holding(proposal: Proposal, at: dt.datetime) -> list[WaiverFact]:
    """Granted exceptions for exactly this subject with these files, today."""
    subject = proposal.subject
    held = Waiver.objects.filter(
        workspace=subject.workspace_id, subject_type=subject.type, subject_id=subject.id,
        subject_digest=subject.digest, state="granted", expires_at__gt=at,
    ).order_by("id")  # fmt: skip
    return [WaiverFact(str(waiver.pk), waiver.policy_name, waiver.rule) for waiver in held]


def _approval_find(found: Assessment) -> Approval | None:
    """The effective, unused approval for exactly this act, target, subject and evidence; locked."""
    proposal = found.proposal
    unused = Approval.objects.select_for_update(no_key=True).filter(
        act=proposal.act, target_key=proposal.target.key, subject_type=proposal.subject.type,
        subject_id=proposal.subject.id, subject_digest=proposal.subject.digest,
        evidence_digest=found.evidence_digest, state=EFFECTIVE, used_at=None, expires_at__gt=found.at,
    )  # fmt: skip
    return unused.first()


def gate_preview(*, actor: Actor, act: str, subject_id: str, params: Mapping[str, Any]) -> Assessment:
    """What the gate would say now; nothing is stored. Raises NotFound for a subject that the actor does not see."""
    with transaction.atomic():
        proposal = act_get(act).propose(subject_id, params)
        access.require(actor, "compliance.evaluation.read", proposal.subject)
        return assess(proposal)
