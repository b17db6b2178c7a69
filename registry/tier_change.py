"""What follows when the risk tier of a model changes, which policies see: it may not lead out of one unapproved."""

from compliance.gates import Proposal
from compliance.services.gate import policies_applying
from portal.accounts.actor import Actor
from portal.kernel.errors import PolicyViolation
from registry.models import ModelVersion, RegisteredModel
from registry.proposals import interval_proposal
from registry.protection import PROTECTED, subjects_invalidate


def tier_changed(actor: Actor, model: RegisteredModel, before: str, after: str, what: str) -> None:
    """Refuse a change with which a policy would not protect any more what is live; else end what was asked before it.

    The caller holds the model. Raises PolicyViolation.
    """
    for interval in model.assignments.filter(valid_to=None).select_related("version", "approval"):
        proposal = interval_proposal(model, interval)
        lost = _approving(_with_tier(proposal, before)) - _approving(_with_tier(proposal, after))
        if lost:
            raise PolicyViolation(
                f"{what} is refused: {interval.kind} {interval.name} of {model.name} is protected by "
                f"{', '.join(sorted(lost))}, which would not apply to a model of tier '{after or 'none'}' any more. "
                "Let an approver revoke what it means first.",
                code=PROTECTED,
            )
    versions = ModelVersion.objects.filter(model=model, deleted_at=None).values_list("pk", flat=True)
    subjects_invalidate(actor, [pk.hex for pk in versions], f"{what}: the risk tier is another.")


def _with_tier(proposal: Proposal, tier: str) -> Proposal:
    return Proposal(
        **{**vars(proposal), "risk_tier": tier, "selectors": {**proposal.selectors, "risk_tier": tier}}
    )


def _approving(proposal: Proposal) -> set[str]:
    """The names of the policies that ask for approvals of this."""
    return {each.policy.name for each in policies_applying(proposal) if each.document.get("approvals")}
