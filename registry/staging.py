"""How versions change stages: the interval, and its copy in the version's row for old clients."""

from compliance.models import Approval
from portal.accounts.actor import Actor
from portal.kernel.clock import now_ms
from registry.intervals import interval_end, interval_move, stage_current
from registry.models import ModelVersion, RegisteredModel
from registry.models.assignments import STAGE
from registry.models.registered_model import NO_STAGE

ARCHIVED = "Archived"
ACTIVE_STAGES = ("Staging", "Production")


def stage_enter(
    actor: Actor, model: RegisteredModel, version: ModelVersion, stage: str, *, archive_existing: bool,
    approval: Approval | None = None, reason: str = "",
) -> list[int]:  # fmt: skip
    """Put a held version into a stage; the numbers of those that were archived for it."""
    archived = []
    if archive_existing:
        others = ModelVersion.objects.filter(model=model, current_stage=stage, deleted_at=None)
        for other in others.exclude(pk=version.pk).order_by("version").select_for_update(no_key=True):
            stage_put(actor, other, ARCHIVED, reason=f"Replaced by version {version.version}.")
            archived.append(other.version)
    stage_put(actor, version, stage, approval=approval, reason=reason)
    model.last_updated_timestamp = version.last_updated_timestamp
    model.save(update_fields=["last_updated_timestamp"])
    return archived


def stage_put(
    actor: Actor, version: ModelVersion, stage: str, *, approval: Approval | None = None, reason: str = ""
) -> None:
    """One version changes its stage."""
    old = stage_current(version)
    if stage == NO_STAGE and old is not None:
        interval_end(actor, old)
    elif stage != NO_STAGE and (old is None or old.name != stage or approval is not None):
        interval_move(actor, old, version, kind=STAGE, name=stage, approval=approval, reason=reason)
    version.current_stage, version.last_updated_timestamp = stage, now_ms()
    version.save(update_fields=["current_stage", "last_updated_timestamp"])
