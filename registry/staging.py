"""How versions change stages: the interval, and its copy in the version's row for old clients."""

from typing import TypeVar

from compliance.models import Approval
from portal.accounts.actor import Actor
from portal.kernel.clock import now_ms
from portal.operations import Changed
from registry.intervals import interval_end, interval_move, stage_current
from registry.models import ModelVersion, RegisteredModel
from registry.models.assignments import STAGE
from registry.models.registered_model import NO_STAGE

R = TypeVar("R")
ARCHIVED = "Archived"
ACTIVE_STAGES = ("Staging", "Production")


def stage_enter(
    actor: Actor, model: RegisteredModel, version: ModelVersion, stage: str, *, archive_existing: bool,
    approval: Approval | None = None, reason: str = "",
) -> list[ModelVersion]:  # fmt: skip
    """Put a held version into a stage; those that were archived for it."""
    archived = []
    if archive_existing:
        others = ModelVersion.objects.filter(model=model, current_stage=stage, deleted_at=None)
        for other in others.exclude(pk=version.pk).order_by("version").select_for_update(no_key=True):
            stage_put(actor, other, ARCHIVED, reason=f"Replaced by version {version.version}.")
            archived.append(other)
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


def stage_moves(*moves: tuple[ModelVersion, str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Before and after of versions, as an event says it so that a verifier can follow every one of them."""
    return (
        {f"modelversion:{version.pk.hex}": old for version, old, _ in moves},
        {f"modelversion:{version.pk.hex}": new for version, _, new in moves},
    )


def stage_changed(
    result: R, version: ModelVersion, was: str, archived: list[ModelVersion], **more: str
) -> Changed[R]:
    """What the event of a move says: of the version, of those archived for it, and of all of them by their ids."""
    stage = version.current_stage
    gone, there = stage_moves((version, was, stage), *((each, stage, ARCHIVED) for each in archived))
    return Changed(
        result, before={"stage": was, "archived": [], "stages": gone},
        after={"stage": stage, "archived": [each.version for each in archived], "stages": there, **more},
        subject=version,
    )  # fmt: skip
