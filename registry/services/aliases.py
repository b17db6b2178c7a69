"""Moves and removals of aliases."""

from portal.accounts.actor import Actor
from portal.operations import Changed, locked, operation
from registry.intervals import alias_current, interval_end, interval_move
from registry.models import Assignment, ModelVersion, RegisteredModel
from registry.models.assignments import ALIAS
from registry.selectors.models import version_missing
from registry.services.models import live_check
from registry.validation.names import alias_check


@operation("registry.alias.move", on="model")
def alias_move(
    *, actor: Actor, model: RegisteredModel, version: ModelVersion, alias: str, reason: str = ""
) -> Changed[Assignment]:
    """Let an alias mean a version: promotion, rollback. What it meant before ends at the same moment."""
    live_check(model)
    alias_check(alias)
    row: ModelVersion = locked(version)
    if row.model_id != model.pk or row.deleted_at is not None:
        raise version_missing(model.name, version.version)
    old = alias_current(model, alias)
    if old is not None and old.version_id == row.pk:
        return Changed(old, before={}, after={})
    moved = interval_move(actor, old, row, kind=ALIAS, name=alias, reason=reason)
    before = {f"alias.{alias}": old.version.version if old else None}
    return Changed(moved, before=before, after={f"alias.{alias}": row.version})


@operation("registry.alias.remove", on="model")
def alias_remove(*, actor: Actor, model: RegisteredModel, alias: str, reason: str = "") -> Changed[None]:
    """Let an alias mean nothing any more; one that is not there is no error, as in MLflow."""
    live_check(model)
    alias_check(alias, reserved=False)
    old = alias_current(model, alias)
    if old is not None:
        interval_end(actor, old)
    before = {f"alias.{alias}": old.version.version if old else None}
    return Changed(None, before=before, after={f"alias.{alias}": None})
