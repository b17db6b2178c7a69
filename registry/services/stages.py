"""Moves between MLflow's stages, which it calls deprecated and people still make."""

from portal.accounts.actor import Actor
from portal.kernel.clock import now_ms
from portal.kernel.mlflow_errors import invalid_parameter
from portal.operations import Changed, locked, operation
from registry.intervals import interval_end, interval_move, stage_current
from registry.models import ModelVersion, RegisteredModel
from registry.models.assignments import STAGE
from registry.models.registered_model import NO_STAGE
from registry.selectors.models import version_missing
from registry.services.models import live_check
from registry.validation.names import stage_parse

ARCHIVED = "Archived"
ACTIVE_STAGES = ("Staging", "Production")


@operation("registry.stage.move", on="model")
def stage_move(
    *, actor: Actor, model: RegisteredModel, version: ModelVersion, stage: str, archive_existing: bool = False,
    reason: str = "",
) -> Changed[ModelVersion]:  # fmt: skip
    """Put a version into a stage, and archive the others that are in it where the caller wishes."""
    live_check(model)
    wanted = stage_parse(stage)
    archive_check(stage, archive_existing)
    row: ModelVersion = locked(version)
    if row.model_id != model.pk or row.deleted_at is not None:
        raise version_missing(model.name, version.version)
    before = {"stage": row.current_stage, "archived": []}
    moved_at = now_ms()
    archived = _archive(actor, row, wanted, moved_at) if archive_existing else []
    _put(actor, row, wanted, moved_at, reason)
    model.last_updated_timestamp = moved_at
    model.save(update_fields=["last_updated_timestamp"])
    return Changed(row, before=before, after={"stage": wanted, "archived": archived}, subject=row)


def archive_check(stage: str, archive_existing: bool) -> None:
    """Only what is in an active stage can be replaced in it."""
    if archive_existing and stage_parse(stage) not in ACTIVE_STAGES:
        raise invalid_parameter(
            "Model version transition cannot archive existing model versions because "
            f"'{stage[:100]}' is not an Active stage. Valid stages are {list(ACTIVE_STAGES)}"
        )


def _archive(actor: Actor, keep: ModelVersion, stage: str, moved_at: int) -> list[int]:
    others = ModelVersion.objects.filter(model_id=keep.model_id, current_stage=stage, deleted_at=None)
    found = list(others.exclude(pk=keep.pk).order_by("version").select_for_update(no_key=True))
    for other in found:
        _put(actor, other, ARCHIVED, moved_at, f"Replaced by version {keep.version}.")
    return [other.version for other in found]


def _put(actor: Actor, version: ModelVersion, stage: str, moved_at: int, reason: str) -> None:
    old = stage_current(version)
    if stage == NO_STAGE and old is not None:
        interval_end(actor, old)
    elif stage != NO_STAGE and (old is None or old.name != stage):
        interval_move(actor, old, version, kind=STAGE, name=stage, reason=reason)
    version.current_stage, version.last_updated_timestamp = stage, moved_at
    version.save(update_fields=["current_stage", "last_updated_timestamp"])
