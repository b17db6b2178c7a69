"""Moves between MLflow's stages, which it calls deprecated and people still make: through the gate, like aliases."""

from compliance.services.approvals import USE, approval_use, target_leave
from compliance.services.gate import lent
from portal.accounts.actor import Actor
from portal.kernel.mlflow_errors import invalid_parameter
from portal.operations import Changed, operation
from registry.intervals import stage_current
from registry.models import ModelVersion, RegisteredModel
from registry.models.registered_model import NO_STAGE
from registry.proposals import STAGE_MOVE, stage_key, stage_proposal
from registry.protection import ending_check, ruled
from registry.services.models import live_check
from registry.services.versions import version_held
from registry.staging import ACTIVE_STAGES, stage_changed, stage_enter
from registry.validation.names import stage_parse


@operation(STAGE_MOVE, on="model")
def stage_move(
    *, actor: Actor, model: RegisteredModel, version: ModelVersion, stage: str, archive_existing: bool = False,
    reason: str = "",
) -> Changed[ModelVersion]:  # fmt: skip
    """Put a version into a stage, and archive the others that are in it where the caller wishes.

    Raises PolicyViolation as moves of aliases do, and (`protected`) where the version would leave a protected stage.
    """
    live_check(model)
    wanted = stage_parse(stage)
    archive_check(stage, archive_existing)
    row = version_held(model, version)
    old = stage_current(row)
    was = row.current_stage
    approval = None
    if wanted not in (NO_STAGE, row.current_stage) or archive_existing:
        approval = ruled(actor, stage_proposal(model, row, wanted, archive_existing=archive_existing))
    if old is not None and old.name != wanted:
        if approval is None:
            ending_check(model, old, f"Moving {row} to {wanted}")
        target_leave(actor=actor, target_key=stage_key(row, old.name), reason="The version left the stage.")
    archived = stage_enter(
        actor, model, row, wanted, archive_existing=archive_existing, approval=approval, reason=reason
    )
    if approval is not None:
        approval_use(actor=lent(actor, USE), approval=approval)
    return stage_changed(row, row, was, archived)


def archive_check(stage: str, archive_existing: bool) -> None:
    """Only what is in an active stage can be replaced in it."""
    if archive_existing and stage_parse(stage) not in ACTIVE_STAGES:
        raise invalid_parameter(
            "Model version transition cannot archive existing model versions because "
            f"'{stage[:100]}' is not an Active stage. Valid stages are {list(ACTIVE_STAGES)}"
        )
