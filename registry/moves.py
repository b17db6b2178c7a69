"""The one way in which a client, the API and a page move an alias or a stage."""

from portal.accounts.actor import Actor
from registry.models import Assignment, ModelVersion
from registry.services.aliases import alias_move
from registry.services.stages import stage_move


def alias_set_or_request(*, actor: Actor, version: ModelVersion, alias: str, reason: str = "") -> Assignment:
    """Let an alias mean a version."""
    return alias_move(actor=actor, model=version.model, version=version, alias=alias, reason=reason)


def stage_move_or_request(
    *, actor: Actor, version: ModelVersion, stage: str, archive_existing: bool = False, reason: str = ""
) -> ModelVersion:
    """Put a version into a stage."""
    return stage_move(
        actor=actor, model=version.model, version=version, stage=stage, archive_existing=archive_existing,
        reason=reason,
    )  # fmt: skip
