"""Reads for the API, with all that one answer shows."""

from django.db.models import QuerySet

from portal.accounts.actor import Actor
from portal.kernel.errors import NotFound
from registry.models import Assignment, ModelVersion, RegisteredModel
from registry.models.assignments import ALIAS
from registry.selectors.models import models_visible


def models_shown(actor: Actor, workspace_id: int | None, *, is_prompt: bool) -> QuerySet[RegisteredModel]:
    """The models of one workspace, or of all that the actor sees."""
    models = models_visible(actor).filter(is_prompt=is_prompt)
    if workspace_id is not None:
        models = models.filter(workspace_id=workspace_id)
    return models.select_related("workspace").prefetch_related("tags")


def versions_shown(model: RegisteredModel) -> QuerySet[ModelVersion]:
    """The versions of a model, without their manifests."""
    versions = ModelVersion.objects.filter(model=model, deleted_at=None)
    return versions.select_related("workspace", "model").prefetch_related("tags").defer("manifest")


def version_shown(version: ModelVersion) -> ModelVersion:
    """A version with all of its row, from which its ETag is made."""
    return (
        ModelVersion.objects.select_related("workspace", "model").prefetch_related("tags").get(pk=version.pk)
    )


def alias_intervals(model: RegisteredModel) -> QuerySet[Assignment]:
    """What the aliases of a model mean now."""
    return Assignment.objects.filter(model=model, kind=ALIAS, valid_to=None).select_related("version")


def alias_history(model: RegisteredModel, alias: str) -> QuerySet[Assignment]:
    """Every interval of one alias."""
    return Assignment.objects.filter(model=model, kind=ALIAS, name=alias).select_related("version")


def interval_shown(model: RegisteredModel, alias: str) -> Assignment:
    """What an alias means now. Raises NotFound when it means nothing."""
    found = alias_intervals(model).filter(name=alias).first()
    if found is None:
        raise NotFound(f"{model.name} has no alias {alias[:255]}.")
    return found
