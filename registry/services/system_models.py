"""Which models an AI system uses, from when to when: the version that an alias names, or a fixed one.

Locks: the system before the model, the model before all that hangs on it.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from compliance.models import AISystem
from compliance.system_watchers import tier_watcher_declare
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.operations import Changed, locked, operation
from registry.models import ModelVersion, RegisteredModel, SystemModel
from registry.selectors.systems import risk_tier_of
from registry.services.models import live_check
from registry.tier_change import tier_changed
from registry.validation.names import alias_check


@operation("registry.system_model.link", on="system")
def system_model_link(
    *,
    actor: Actor,
    system: AISystem,
    model: RegisteredModel,
    alias: str = "",
    version: ModelVersion | None = None,
) -> SystemModel:
    """From now on the system uses the model: what `alias` names, or always `version`. Raises Conflict when it does."""
    if system.retired_at is not None:
        raise Conflict(f"{system} was retired and uses nothing any more.", code="retired")
    if bool(alias) == (version is not None):
        raise InvalidInput("Give the alias, or the version that the system uses: one of the two.")
    row: RegisteredModel = locked(model)
    live_check(row)
    if row.workspace_id != system.workspace_id:
        raise NotFound(f"There is no registered model {model.name} in the workspace of {system}.")
    if alias:
        alias_check(alias)
    if version is not None and (version.model_id != row.pk or version.deleted_at is not None):
        raise NotFound(f"There is no such version of {model.name}.")
    if SystemModel.objects.filter(
        system=system, model=row, alias=alias, version=version, valid_to=None
    ).exists():
        raise Conflict(f"{system} uses {alias or version} of {row.name} already.", code="already_exists")
    with _tiers_watched(actor, [row], f"Linking {row.name} to {system}"):
        return SystemModel.objects.create(
            workspace_id=system.workspace_id, system=system, model=row, alias=alias, version=version,
            linked_by_id=actor.user_id, valid_from=_after_last(system, row),
        )  # fmt: skip


@operation("registry.system_model.unlink", on="system")
def system_model_unlink(
    *, actor: Actor, system: AISystem, link: SystemModel, reason: str = ""
) -> Changed[SystemModel]:
    """From now on the system does not use the model that way any more; that it did stays known."""
    row: SystemModel = locked(link)
    if row.system_id != system.pk or row.valid_to is not None:
        raise NotFound(f"{system} does not use the model that way any more.")
    model: RegisteredModel = locked(row.model)
    before = {"used": f"{model.name} {row.alias or row.version}"}
    with _tiers_watched(actor, [model], f"Unlinking {model.name} from {system}"):
        row.valid_to = max(now(), row.valid_from)
        row.save(update_fields=["valid_to"])
    return Changed(row, before=before, after={"used": None}, subject=row)


@contextmanager
def _tiers_watched(actor: Actor, models: list[RegisteredModel], what: str) -> Iterator[None]:
    """Compare the tier that policies see for each model before and after; a change may be refused."""
    before = {model.pk: risk_tier_of(model) for model in models}
    yield
    for model in models:
        after = risk_tier_of(model)
        if after != before[model.pk]:
            tier_changed(actor, model, before[model.pk], after, what)


@contextmanager
def _system_watched(actor: Actor, system: AISystem, what: str) -> Iterator[None]:
    ids = SystemModel.objects.filter(system=system, valid_to=None, model__deleted_at=None).values("model")
    models = list(RegisteredModel.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True))
    with _tiers_watched(actor, models, what):
        yield


def _after_last(system: AISystem, model: RegisteredModel) -> dt.datetime:
    """The present, but never before what is known already, whatever the clock does."""
    last = SystemModel.objects.filter(system=system, model=model).order_by("-valid_from").first()
    ends = [last.valid_from, last.valid_to or last.valid_from] if last else []
    return max([now(), *ends])


tier_watcher_declare(_system_watched)
