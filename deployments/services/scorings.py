"""Scoring a dataset version: asked for through the gate, and what its job writes."""

from collections.abc import Mapping
from typing import Any

from compliance.gates import GatedAct, Proposal, gated_act_declare
from compliance.models import Approval
from compliance.models.approvals import EFFECTIVE
from compliance.services.approvals import USE, approval_use
from compliance.services.gate import lent
from deployments.models import BatchScoring, Revision
from deployments.scoring.asking import Asked, asked_again, dataset_check
from deployments.scoring.making import scoring_make, scorings_end
from deployments.scoring.proposals import (
    SCORE,
    approval_standing,
    dataset_held,
    score_proposal,
    score_propose,
)
from deployments.validation import environment_check
from experiments.models import DatasetVersion
from experiments.services.dataset_versions import NewVersion, dataset_make
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput, PolicyViolation
from portal.operations import Changed, effect, operation
from registry.models import ModelVersion, RegisteredModel
from registry.proposals import version_hold
from registry.protection import APPROVAL_REQUIRED, ruled
from registry.services.models import live_check
from registry.services.versions import version_held

NOTE, RECORD, END = "deployments.scoring.note", "deployments.scoring.record", "deployments.scoring.end"
SCORING_ACTIONS = (NOTE, RECORD, END)


@operation(SCORE, on="model")
def scoring_begin(
    *, actor: Actor, model: RegisteredModel, version: ModelVersion, dataset: DatasetVersion, environment: str,
    asked: Asked, revision: Revision | None = None, reason: str = "",
) -> Changed[BatchScoring]:  # fmt: skip
    """Score a dataset version with a version of a model, in the name of the caller.

    `revision` is the one of an endpoint by which the version was named. Raises PolicyViolation (`approval_required`,
    `policy_failed`) where published policies protect the environment and no effective approval for exactly these files
    stands; Conflict (`not_ready`) for a version without digest; InvalidInput for data that cannot be scored.
    """
    live_check(model)
    environment_check(environment)
    row = version_held(model, version)
    if dataset.workspace_id != row.workspace_id:
        raise InvalidInput(f"{dataset} and {row} are in different workspaces.", code="other_workspace")
    if revision is not None and revision.digest != row.digest:
        raise Conflict(f"The files of {row} are not those of {revision} any more.", code="cannot_serve")
    dataset_check(dataset)
    facts = asked.facts(dataset)
    approval = _allowed(actor, score_proposal(model, row, dataset, environment, facts), row, dataset)
    made = scoring_make(
        actor, row, dataset, environment, facts, approval=approval, revision=revision,
        endpoint=revision.endpoint if revision else None, reason=reason,
    )  # fmt: skip
    return _told(made)


def _allowed(
    actor: Actor, proposal: Proposal, version: ModelVersion, dataset: DatasetVersion
) -> Approval | None:
    """The approval that the scoring stands under, None where none is needed. Raises PolicyViolation."""
    try:
        approval = ruled(actor, proposal)
    except PolicyViolation as no:
        standing = approval_standing(version, dataset, proposal.target.name)
        if no.code != APPROVAL_REQUIRED or standing is None or no.extra.get("failing"):
            raise
        return standing
    if approval is not None:
        approval_use(actor=lent(actor, USE), approval=approval)
    return approval


def score_apply(*, actor: Actor, proposal: Proposal, approval: Approval, reason: str = "") -> None:
    """Begin the approved scoring in the name of who asked for it, and use the approval up."""
    model, version = version_hold(proposal.subject.id)
    dataset = dataset_held(proposal.params["dataset"], version)
    _begun(
        actor=actor, model=model, version=version, dataset=dataset, environment=proposal.params["environment"],
        asked=proposal.params["asked"], approval=approval, reason=reason,
    )  # fmt: skip
    approval_use(actor=lent(actor, USE), approval=approval)


def score_revert(*, actor: Actor, approval: Approval, reason: str = "") -> None:
    """End what goes on under a revoked approval."""
    scorings_end(actor, approval, reason)


@effect(SCORE, on="model")
def _begun(
    *, actor: Actor, model: RegisteredModel, version: ModelVersion, dataset: DatasetVersion, environment: str,
    asked: Mapping[str, Any], approval: Approval, reason: str,
) -> Changed[BatchScoring]:  # fmt: skip
    dataset_check(dataset)
    made = scoring_make(
        actor, version, dataset, environment, asked_again(asked).facts(dataset), approval=approval,
        requested_by=approval.request.requested_by, reason=reason,
    )  # fmt: skip
    return _told(made)


@operation(NOTE, on="scoring")
def scoring_note(*, actor: Actor, scoring: BatchScoring, problem: Mapping[str, Any]) -> Changed[BatchScoring]:
    """Keep why an attempt scored nothing."""
    scoring.problem = dict(problem)
    scoring.save(update_fields=["problem"])
    return Changed(scoring, before={}, after={"problem": scoring.problem})


@effect(RECORD, on="scoring")
def scoring_record(
    *, actor: Actor, scoring: BatchScoring, requester: Actor, new: NewVersion, seen: Mapping[str, Any]
) -> Changed[dict[str, Any]]:
    """Make the dataset version of the result, and end the scoring with it. Raises where its approval does not stand."""
    standing_check(scoring)
    workspace = scoring.workspace
    made = dataset_make(actor=requester, workspace=workspace, name=scoring.asked["output"], new=new)
    scoring.result, scoring.seen, scoring.problem, scoring.ended_at = made, dict(seen), None, now()
    scoring.save(update_fields=["result", "seen", "problem", "ended_at"])
    told = {"result": str(made), "digest": made.digest, "rows": seen["rows"]}
    return Changed(told, before={}, after={**told, **seen})


@effect(END, on="scoring")
def scoring_end(*, actor: Actor, scoring: BatchScoring, state: str) -> Changed[None]:
    """End a scoring whose job ended without a result."""
    scoring.ended_at = scoring.ended_at or now()
    scoring.save(update_fields=["ended_at"])
    return Changed(None, before={}, after={"state": state})


def standing_check(scoring: BatchScoring) -> None:
    """Raise Conflict where the version, its files or its approval are not what they were when it was asked for."""
    version = ModelVersion.objects.select_related("model").get(pk=scoring.version_id)
    if version.deleted_at is not None or version.digest != scoring.digest:
        raise Conflict(f"{version} was deleted or its files are other ones.", code="cannot_serve")
    approval = scoring.approval_id and Approval.objects.get(pk=scoring.approval_id)
    if approval and approval.state != EFFECTIVE:
        raise Conflict(
            f"{version} must not score in {scoring.environment} any more: its approval was {approval.state}.",
            code="approval_ended",
        )


def _told(made: BatchScoring) -> Changed[BatchScoring]:
    after = {
        "version": str(made.version), "digest": made.digest, "dataset": str(made.dataset), "data": made.dataset.digest,
        "environment": made.environment, "endpoint": made.endpoint.name if made.endpoint else None,
        "approval": made.approval_id.hex if made.approval_id else None, **made.asked,
    }  # fmt: skip
    return Changed(made, before={}, after=after, subject=made)


gated_act_declare(GatedAct(SCORE, score_propose, score_apply, score_revert))
