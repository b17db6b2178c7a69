"""Deploying, and going back."""

from collections.abc import Mapping
from typing import Any

from compliance.models.approvals import EFFECTIVE
from compliance.services.approvals import USE, approval_use
from compliance.services.gate import lent, rule
from deployments.facts import BLUE_GREEN, FAILED, LIVE, READY, RUNNING
from deployments.making import revision_make, rollout_begin, rollouts_abort
from deployments.models import Endpoint, Revision
from deployments.proposals import DEPLOY, deploy_proposal, endpoint_hold
from deployments.routes import reconcile_ask
from deployments.services.gated import deployed_tell
from deployments.split import split_move, split_now
from deployments.validation import rollout_read
from portal.accounts.actor import Actor
from portal.kernel.errors import Conflict, PolicyViolation
from portal.operations import Changed, operation
from registry.models import ModelVersion, RegisteredModel
from registry.protection import APPROVAL_REQUIRED, ruled
from registry.services.models import live_check
from registry.services.versions import version_held

ROLLBACK = "deployments.revision.rollback"


@operation(DEPLOY, on="model")
def revision_deploy(
    *, actor: Actor, model: RegisteredModel, version: ModelVersion, endpoint: Endpoint, rollout: Mapping[str, Any],
    reason: str = "",
) -> Changed[Revision]:  # fmt: skip
    """Serve a version at an endpoint of its workspace, brought into use as `rollout` says (`deployments.validation`).

    Raises PolicyViolation (`approval_required`, `policy_failed`) where published policies do not let it, and uses up
    the approval that does; Conflict (`not_ready`) for a version without digest; InvalidInput for a bad roll-out.
    """
    live_check(model)
    wanted = rollout_read(rollout)
    row = version_held(model, version)
    held = endpoint_hold(endpoint.pk, row)
    approval = ruled(actor, deploy_proposal(model, row, held, wanted))
    made = revision_make(actor, held, row, wanted, approval=approval, reason=reason)
    if approval is not None:
        approval_use(actor=lent(actor, USE), approval=approval)
    return deployed_tell(made, wanted)


@operation(ROLLBACK, on="model")
def revision_rollback(
    *, actor: Actor, model: RegisteredModel, endpoint: Endpoint, revision: Revision, reason: str
) -> Changed[Revision]:
    """Give all traffic to an earlier revision: at once where it runs, else as soon as it does.

    `model` is that of the revision. Raises PolicyViolation where its approval no longer stands, or a policy that was
    published since asks for one; Conflict for one that never served, or that has the traffic already.
    """
    live_check(model)
    row = version_held(model, revision.version)
    held = endpoint_hold(endpoint.pk, row)
    target = Revision.objects.select_for_update(no_key=True).get(pk=revision.pk, endpoint=held)
    _back_check(actor, model, row, held, target)
    before = split_now(held)
    if target.observed_state == READY and target.desired_state == RUNNING:
        rollouts_abort(held, f"Rolled back to revision {target.number}: {reason}")
        split_move(actor, held, {target.number: 100}, shadow={}, reason=reason)
        reconcile_ask(actor, held)
    else:
        rollout_begin(
            actor, held, target, rollout_read({"strategy": BLUE_GREEN}), reason=f"Rolled back: {reason}"
        )
    after = {"to": target.number, "version": str(row)}
    return Changed(
        target,
        before={"split": {str(key): value for key, value in before.items()}},
        after=after,
        subject=held,
    )


def _back_check(
    actor: Actor, model: RegisteredModel, version: ModelVersion, endpoint: Endpoint, target: Revision
) -> None:
    if version.digest != target.digest or target.observed_state == FAILED:
        raise Conflict(
            f"{target} cannot serve again: its files or its state are not what they were. Deploy the version anew.",
            code="cannot_serve",
        )
    if not target.traffic.filter(role=LIVE).exists():
        raise Conflict(
            f"{target} never served, so there is no way back to it. Deploy it instead.", code="never_served"
        )
    if split_now(endpoint) == {target.number: 100}:
        raise Conflict(f"{target} has all traffic already.", code="invalid_state")
    if target.approval is not None:
        target.approval.refresh_from_db()
        if target.approval.state == EFFECTIVE:
            return
        raise PolicyViolation(
            f"{target} cannot serve again: its approval was {target.approval.state}. Deploy {version} anew and have it "
            "approved.", code=APPROVAL_REQUIRED,
        )  # fmt: skip
    ruling = rule(actor=actor, proposal=deploy_proposal(model, version, endpoint, rollout_read({})))
    if not ruling.is_free:
        raise PolicyViolation(
            f"{target} was deployed without an approval, and a policy asks for one by now. Deploy {version} anew.",
            code=APPROVAL_REQUIRED,
        )
