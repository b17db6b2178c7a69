"""What policies protect, for acts that would go round the gate: removing, deleting, renaming, tagging.

What is protected moves only by an approved request and goes away only by the revocation of its approval, or when the
policy is changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from compliance.gates import Proposal
from compliance.models import Approval, ApprovalRequest, Policy, PolicyVersion
from compliance.models.approvals import EFFECTIVE, PENDING_STATES
from compliance.policies.evaluation import applies
from compliance.services.approvals import target_leave
from compliance.services.gate import policies_applying, rule
from compliance.services.invalidation import requests_invalidate
from portal.accounts.actor import Actor
from portal.kernel.errors import PolicyViolation
from registry.gate.subjects import VERSION_TYPE
from registry.intervals import interval_end
from registry.models import Assignment, RegisteredModel
from registry.models.assignments import ALIAS, STAGE
from registry.proposals import interval_key, interval_proposal
from registry.selectors.facts import model_tags
from registry.selectors.systems import risk_tier_of

APPROVAL_REQUIRED, POLICY_FAILED, PROTECTED = "approval_required", "policy_failed", "protected"


def ruled(actor: Actor, proposal: Proposal) -> Approval | None:
    """Ask the gate. The approval to use up with the move, or None where none is needed.

    Raises PolicyViolation (`approval_required`, `policy_failed`) with what a request for the same needs.
    """
    ruling = rule(actor=actor, proposal=proposal)
    if ruling.allows:
        return ruling.approval
    subject, target = proposal.subject, proposal.target
    named = "; ".join(
        f"{check['policy']}/{check['rule']}: {check['message']}" for check in ruling.failing[:5]
    )
    roles = " and ".join(f"{each['quorum']} of role {each['role']}" for each in ruling.needed)
    missing = [f"{len(ruling.failing)} rules do not hold ({named})"] if ruling.failing else []
    missing += [f"it needs an effective approval for exactly these files ({roles})"] if ruling.needed else []
    raise PolicyViolation(
        f"{target.label} cannot move to {subject.label}: {' and '.join(missing)}.",
        code=APPROVAL_REQUIRED if ruling.needed else POLICY_FAILED,
        act=proposal.act, subject_id=subject.id, params=dict(proposal.params), is_requestable=bool(ruling.needed),
        failing=len(ruling.failing),
    )  # fmt: skip


def is_protected(proposal: Proposal) -> bool:
    """Whether a published policy with approvals applies to what is proposed."""
    return any(version.document.get("approvals") for version in policies_applying(proposal))


def ending_check(model: RegisteredModel, interval: Assignment, what: str) -> None:
    """Refuse to end what is protected by another way than the gate's."""
    if is_protected(interval_proposal(model, interval)):
        raise PolicyViolation(
            f"{what} is refused: {interval.kind} {interval.name} of {model.name} means version "
            f"{interval.version.version} and is protected by a policy. Move it to another version by an approved "
            "request, or let an approver revoke its approval.",
            code=PROTECTED,
        )


@dataclass(frozen=True)
class Ended:
    """What a deletion took away: in words, and each fact in full for whoever verifies the log."""

    names: list[str]
    facts: list[list[str]]


def intervals_leave(actor: Actor, model: RegisteredModel, intervals: list[Assignment], what: str) -> Ended:
    """End what a deletion ends, unless a policy protects it."""
    for interval in intervals:
        ending_check(model, interval, what)
    for interval in intervals:
        interval_end(actor, interval)
        target_leave(actor=actor, target_key=interval_key(interval), reason=f"{what}.")
    return Ended([f"{each.kind} {each.name}" for each in intervals], [_fact(each) for each in intervals])


def _fact(interval: Assignment) -> list[str]:
    """As the state of a bundle has it."""
    if interval.kind == STAGE:
        return [STAGE, f"modelversion:{interval.version_id.hex}", interval.name]
    return [ALIAS, f"registeredmodel:{interval.model_id.hex}", interval.name, str(interval.version.version)]


def subjects_invalidate(actor: Actor, version_ids: list[str], reason: str) -> None:
    """End the pending requests and unused approvals of versions that go away."""
    about: dict[str, Any] = {"subject_type": VERSION_TYPE, "subject_id__in": version_ids}
    pending = ApprovalRequest.objects.filter(**about, state__in=PENDING_STATES)
    unused = Approval.objects.filter(**about, state=EFFECTIVE, used_at=None)
    found = {*pending.values_list("subject_id", flat=True), *unused.values_list("subject_id", flat=True)}
    for subject_id in sorted(found):
        requests_invalidate(actor=actor, subject_type=VERSION_TYPE, subject_id=subject_id, reason=reason)


def leaving_check(model: RegisteredModel, what: str, *, name: str, tags: Mapping[str, str]) -> None:
    """Refuse a name or tags with which a policy would not apply to the model any more."""
    before = {"model": model.name, "tags": model_tags(model), "risk_tier": risk_tier_of(model)}
    after = {**before, "model": name, "tags": tags}
    for version in _in_force(model.workspace_id):
        wanted = version.document.get("applies_to") or {}
        about_model = {
            "applies_to": {key: wanted[key] for key in ("models", "tags", "risk_tiers") if key in wanted}
        }
        if applies(about_model, "", before) and not applies(about_model, "", after):
            raise PolicyViolation(
                f"{what} is refused: the policy {version.policy.name} applies to {model.name} and would not any more. "
                "Whoever publishes policies can change what it applies to.",
                code=PROTECTED,
            )


def entering_check(model: RegisteredModel, name: str) -> None:
    """Refuse a name with which a policy would protect an alias or a stage that nobody has approved."""
    old = model.name
    for interval in _current(model):
        model.name = name
        try:
            enters = is_protected(interval_proposal(model, interval))
        finally:
            model.name = old
        approval = interval.approval
        if enters and (approval is None or approval.state != EFFECTIVE):
            raise PolicyViolation(
                f"Renaming {old} to {name} is refused: a policy protects {interval.kind} {interval.name} under that "
                f"name, and nobody has approved version {interval.version.version}. Remove it first, and ask for its "
                "approval under the new name.",
                code=PROTECTED,
            )


def _current(model: RegisteredModel) -> list[Assignment]:
    return list(model.assignments.filter(valid_to=None).select_related("version", "approval"))


def _in_force(workspace_id: int) -> list[PolicyVersion]:
    inside = Q(policy__workspace=None) | Q(policy__workspace=workspace_id)
    current = Policy.objects.filter(current__isnull=False).values("current")
    return list(PolicyVersion.objects.filter(inside, pk__in=current).select_related("policy").order_by("id"))
