"""What the gate itself does to aliases and stages: apply an approved move, and take back what stood under an approval.

Both run in the transaction of the decision or the revocation.
"""

from dataclasses import replace

from compliance.gates import GatedAct, Proposal, gated_act_declare
from compliance.models import Approval
from compliance.models.approvals import EFFECTIVE, SUPERSEDED
from compliance.services.approvals import REINSTATE, USE, approval_reinstate, approval_use
from compliance.services.gate import consequence, lent
from portal.accounts.actor import Actor
from portal.operations import Changed, effect
from registry.intervals import alias_current, interval_end, interval_move
from registry.models import Assignment, ModelVersion, RegisteredModel
from registry.models.assignments import ALIAS
from registry.models.registered_model import NO_STAGE
from registry.proposals import ALIAS_MOVE, STAGE_MOVE, alias_propose, stage_propose, version_hold
from registry.staging import stage_changed, stage_enter, stage_moves, stage_put
from registry.telling import alias_told


def alias_apply(*, actor: Actor, proposal: Proposal, approval: Approval, reason: str = "") -> None:
    """Make the approved move of an alias, and use the approval up."""
    model, version = version_hold(proposal.subject.id)
    alias = str(proposal.params["alias"])
    _alias_moved(actor=actor, model=model, version=version, alias=alias, approval=approval, reason=reason)
    approval_use(actor=lent(actor, USE), approval=approval)


def stage_apply(*, actor: Actor, proposal: Proposal, approval: Approval, reason: str = "") -> None:
    """Make the approved move to a stage, and use the approval up."""
    model, version = version_hold(proposal.subject.id)
    _stage_moved(
        actor=actor, model=model, version=version, stage=str(proposal.params["stage"]),
        archive_existing=bool(proposal.params["archive_existing"]), approval=approval, reason=reason,
    )  # fmt: skip
    approval_use(actor=lent(actor, USE), approval=approval)


def alias_revert(*, actor: Actor, approval: Approval, reason: str = "") -> None:
    """Take an alias back that stands under an approval: to the last version whose approval still stands, or to none."""
    for interval in _standing(approval):
        _alias_reverted(actor=actor, model=interval.model, interval=interval, reason=reason)


def stage_revert(*, actor: Actor, approval: Approval, reason: str = "") -> None:
    """Take a version out of the stage in which it stands under an approval, and put the one before back into it."""
    for interval in _standing(approval):
        _stage_reverted(actor=actor, model=interval.model, interval=interval, reason=reason)


@effect(ALIAS_MOVE, on="model")
def _alias_moved(
    *,
    actor: Actor,
    model: RegisteredModel,
    version: ModelVersion,
    alias: str,
    approval: Approval,
    reason: str,
) -> Changed[None]:
    old = alias_current(model, alias)
    interval_move(actor, old, version, kind=ALIAS, name=alias, approval=approval, reason=reason)
    alias_told(actor, model, alias, version.version)
    before = {f"alias.{alias}": old.version.version if old else None}
    return Changed(
        None, before=before, after={f"alias.{alias}": version.version, "approval": approval.pk.hex}
    )


@effect(STAGE_MOVE, on="model")
def _stage_moved(
    *, actor: Actor, model: RegisteredModel, version: ModelVersion, stage: str, archive_existing: bool,
    approval: Approval, reason: str,
) -> Changed[None]:  # fmt: skip
    was = version.current_stage
    archived = stage_enter(
        actor, model, version, stage, archive_existing=archive_existing, approval=approval, reason=reason
    )
    return stage_changed(None, version, was, archived, approval=approval.pk.hex)


@effect(ALIAS_MOVE, on="model")
def _alias_reverted(
    *, actor: Actor, model: RegisteredModel, interval: Assignment, reason: str
) -> Changed[None]:
    stood = _stood_before(interval)
    if stood is None:
        interval_end(actor, interval)
    else:
        interval_move(
            actor,
            interval,
            stood.version,
            kind=ALIAS,
            name=interval.name,
            approval=stood.approval,
            reason=reason,
        )
    alias_told(actor, model, interval.name, stood.version.version if stood else None)
    return _taken_back(actor, interval, stood, reason)


@effect(STAGE_MOVE, on="model")
def _stage_reverted(
    *, actor: Actor, model: RegisteredModel, interval: Assignment, reason: str
) -> Changed[None]:
    stood = _stood_before(interval)
    moves = [(interval.version, interval.name, NO_STAGE)]
    stage_put(actor, interval.version, NO_STAGE, reason=reason)
    if stood is not None:
        moves.append((stood.version, stood.version.current_stage, interval.name))
        stage_put(actor, stood.version, interval.name, approval=stood.approval, reason=reason)
    told, (gone, there) = _taken_back(actor, interval, stood, reason), stage_moves(*moves)
    return replace(told, before={**told.before, "stages": gone}, after={**told.after, "stages": there})


def _taken_back(actor: Actor, interval: Assignment, stood: Assignment | None, reason: str) -> Changed[None]:
    if stood is not None and stood.approval is not None:
        approval_reinstate(actor=consequence(actor, REINSTATE), approval=stood.approval, reason=reason)
    key = f"{interval.kind}.{interval.name}"
    after = {key: stood.version.version if stood else None}
    return Changed(None, before={key: interval.version.version}, after=after)


def _standing(approval: Approval) -> list[Assignment]:
    current = Assignment.objects.filter(approval=approval, valid_to=None)
    return list(current.select_related("model", "version", "version__model"))


def _stood_before(interval: Assignment) -> Assignment | None:
    """The last interval of this name whose approval still stands for the files that its version has."""
    earlier = Assignment.objects.filter(
        model_id=interval.model_id, kind=interval.kind, name=interval.name, version__deleted_at=None,
        approval__state__in=[EFFECTIVE, SUPERSEDED], approval__used_at__isnull=False, valid_to__isnull=False,
    ).exclude(approval=interval.approval).exclude(version_id=interval.version_id)  # fmt: skip
    found = earlier.select_related("version", "approval").order_by("-valid_from", "-id")
    return next(
        (
            each
            for each in found[:50]
            if each.approval and each.approval.subject_digest == each.version.digest
        ),
        None,
    )


gated_act_declare(GatedAct(ALIAS_MOVE, alias_propose, alias_apply, alias_revert))
gated_act_declare(GatedAct(STAGE_MOVE, stage_propose, stage_apply, stage_revert))
