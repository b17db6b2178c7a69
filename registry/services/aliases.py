"""Moves and removals of aliases, through the gate."""

from compliance.services.approvals import USE, approval_use, target_leave
from compliance.services.gate import lent
from portal.accounts.actor import Actor
from portal.operations import Changed, operation
from registry.intervals import alias_current, interval_move
from registry.models import Assignment, ModelVersion, RegisteredModel
from registry.models.assignments import ALIAS
from registry.proposals import ALIAS_MOVE, alias_key, alias_proposal
from registry.protection import intervals_leave, ruled
from registry.services.models import live_check
from registry.services.versions import version_held
from registry.telling import alias_told
from registry.validation.names import alias_check


@operation(ALIAS_MOVE, on="model")
def alias_move(
    *, actor: Actor, model: RegisteredModel, version: ModelVersion, alias: str, reason: str = ""
) -> Changed[Assignment]:
    """Let an alias mean a version: promotion, rollback. What it meant before ends at the same moment.

    Raises PolicyViolation (`approval_required`, `policy_failed`) where published policies do not let it, and uses up
    the approval that does. Setting it to what it means already changes nothing.
    """
    live_check(model)
    alias_check(alias)
    row = version_held(model, version)
    old = alias_current(model, alias)
    if old is not None and old.version_id == row.pk:
        return Changed(old, before={}, after={})
    approval = ruled(actor, alias_proposal(model, row, alias))
    moved = interval_move(actor, old, row, kind=ALIAS, name=alias, approval=approval, reason=reason)
    if approval is not None:
        approval_use(actor=lent(actor, USE), approval=approval)
    else:
        target_leave(actor=actor, target_key=alias_key(model, alias), reason="The alias moved on.")
    alias_told(actor, model, alias, row.version)
    before = {f"alias.{alias}": old.version.version if old else None}
    after = {f"alias.{alias}": row.version, "approval": approval.pk.hex if approval else None}
    return Changed(moved, before=before, after=after)


@operation("registry.alias.remove", on="model")
def alias_remove(*, actor: Actor, model: RegisteredModel, alias: str, reason: str = "") -> Changed[None]:
    """Let an alias mean nothing any more; one that is not there is no error, as in MLflow.

    Raises PolicyViolation (`protected`) for one that a policy protects.
    """
    live_check(model)
    alias_check(alias, reserved=False)
    old = alias_current(model, alias)
    if old is not None:
        intervals_leave(actor, model, [old], f"Removing alias {alias} of {model.name}")
        alias_told(actor, model, alias, None)
    before = {f"alias.{alias}": old.version.version if old else None}
    return Changed(None, before=before, after={f"alias.{alias}": None})
