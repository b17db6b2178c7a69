"""What the gate itself does to deployments: make an approved one, and take back what serves under an approval.

Both run in the transaction of the decision or the revocation.
"""

from typing import Any

from compliance.gates import GatedAct, Proposal, gated_act_declare
from compliance.models import Approval
from compliance.models.approvals import EFFECTIVE
from compliance.services.approvals import USE, approval_use
from compliance.services.gate import lent
from deployments.facts import LIVE, RUNNING, STOPPED
from deployments.making import revision_make, rollouts_abort
from deployments.models import Endpoint, Revision
from deployments.proposals import DEPLOY, deploy_propose, endpoint_hold
from deployments.routes import reconcile_ask
from deployments.scoring.making import scorings_end
from deployments.split import split_move, split_now
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.operations import Changed, effect, locked
from registry.models import ModelVersion, RegisteredModel
from registry.proposals import version_hold


def deploy_apply(*, actor: Actor, proposal: Proposal, approval: Approval, reason: str = "") -> None:
    """Make the approved deployment, and use the approval up."""
    model, version = version_hold(proposal.subject.id)
    endpoint = endpoint_hold(proposal.params["endpoint"], version)
    _deployed(
        actor=actor, model=model, version=version, endpoint=endpoint, rollout=proposal.params["rollout"],
        approval=approval, reason=reason,
    )  # fmt: skip
    approval_use(actor=lent(actor, USE), approval=approval)


def deploy_revert(*, actor: Actor, approval: Approval, reason: str = "") -> None:
    """Take traffic from what was deployed under an approval: to the last revision whose approval stands, or to none."""
    under = Revision.objects.filter(approval=approval).select_related("version__model")
    for endpoint_id in sorted(set(under.values_list("endpoint_id", flat=True))):
        first = under.filter(endpoint_id=endpoint_id)[0]
        _withdrawn(
            actor=actor,
            model=first.version.model,
            endpoint=Endpoint(pk=endpoint_id),
            approval=approval,
            reason=reason,
        )
    scorings_end(actor, approval, reason)


@effect(DEPLOY, on="model")
def _deployed(
    *, actor: Actor, model: RegisteredModel, version: ModelVersion, endpoint: Endpoint, rollout: dict[str, Any],
    approval: Approval, reason: str,
) -> Changed[Revision]:  # fmt: skip
    made = revision_make(actor, endpoint, version, rollout, approval=approval, reason=reason)
    return deployed_tell(made, rollout)


@effect(DEPLOY, on="model")
def _withdrawn(
    *, actor: Actor, model: RegisteredModel, endpoint: Endpoint, approval: Approval, reason: str
) -> Changed[None]:
    held: Endpoint = locked(endpoint)
    before = split_now(held)
    gone = Revision.objects.filter(endpoint=held, approval=approval)
    numbers = set(gone.values_list("number", flat=True))
    rollouts_abort(held, "The approval was revoked.")
    left = {number: percent for number, percent in before.items() if number not in numbers}
    after = _filled(held, left, approval)
    split_move(actor, held, after, shadow={}, reason=reason)
    gone.filter(desired_state=RUNNING).update(desired_state=STOPPED, stopped_at=now())
    reconcile_ask(actor, held)
    return Changed(
        None,
        before={"split": _named(before)},
        after={"split": _named(after), "approval": approval.pk.hex},
        subject=held,
    )


def _filled(endpoint: Endpoint, left: dict[int, int], revoked: Approval) -> dict[int, int]:
    """What is left takes all; else the last revision that served and whose approval stands; else nobody."""
    if left:
        first, total = min(left), sum(left.values())
        shared = {number: 100 * percent // total for number, percent in left.items()}
        shared[first] += 100 - sum(shared.values())
        return shared
    earlier = Revision.objects.filter(
        endpoint=endpoint, approval__state=EFFECTIVE, traffic__role=LIVE, version__deleted_at=None
    ).exclude(approval=revoked)  # fmt: skip
    found = earlier.order_by("-traffic__valid_from", "-number").select_related("version").first()
    if found is None or found.version.digest != found.digest:
        return {}
    Revision.objects.filter(pk=found.pk).update(desired_state=RUNNING, stopped_at=None)
    return {found.number: 100}


def deployed_tell(made: Revision, rollout: dict[str, Any]) -> Changed[Revision]:
    """What the audit log keeps of a deployment."""
    after = {
        "endpoint": made.endpoint.name, "environment": made.endpoint.environment, "number": made.number,
        "version": str(made.version), "digest": made.digest, "strategy": rollout["strategy"],
        "approval": made.approval_id.hex if made.approval_id else None,
    }  # fmt: skip
    return Changed(made, before={}, after=after, subject=made)


def _named(split: dict[int, int]) -> dict[str, int]:
    return {str(number): percent for number, percent in split.items()}


gated_act_declare(GatedAct(DEPLOY, deploy_propose, deploy_apply, deploy_revert))
