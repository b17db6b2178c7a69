"""Which AI systems use a model, and how grave the gravest of them is; which models a system uses."""

from uuid import UUID

from django.db.models import QuerySet

from compliance.models import AISystem
from portal.kernel.errors import NotFound
from registry.models import Assignment, ModelVersion, RegisteredModel, SystemModel
from registry.models.assignments import ALIAS
from registry.selectors.web_models import tier_highest


def risk_tier_of(model: RegisteredModel) -> str:
    """The gravest risk tier of the AI systems that use the model; empty when none does.

    It asks no permission: facts of a gate are gathered whoever asks for the move.
    """
    tiers = SystemModel.objects.filter(model=model, valid_to=None, system__retired_at=None)
    return tier_highest(list(tiers.values_list("system__risk_tier", flat=True).distinct()))


def links_of_system(system: AISystem) -> QuerySet[SystemModel]:
    """All that a system uses or used; whoever sees the system sees them."""
    return SystemModel.objects.filter(system=system).select_related("model", "version")


def link_get(system: AISystem, link_id: UUID) -> SystemModel:
    """One link of a system. Raises NotFound."""
    found = links_of_system(system).filter(pk=link_id).first()
    if found is None:
        raise NotFound(f"{system} has no such link to a model.")
    return found


def model_in(workspace_id: int, name: str) -> RegisteredModel:
    """A model of a workspace that the caller sees. Raises NotFound."""
    found = RegisteredModel.objects.filter(workspace_id=workspace_id, name=name, deleted_at=None).first()
    if found is None:
        raise NotFound(f"There is no registered model {name} in the workspace of the system.")
    return found


def version_in(model: RegisteredModel, number: int) -> ModelVersion:
    """A version of a model by its number. Raises NotFound."""
    found = ModelVersion.objects.filter(model=model, version=number, deleted_at=None).first()
    if found is None:
        raise NotFound(f"There is no version {number} of {model.name}.")
    return found


def versions_used(system: AISystem) -> list[ModelVersion]:
    """The versions that a system means now: what its aliases point to, and the fixed ones."""
    versions: dict[UUID, ModelVersion] = {}
    for link in links_of_system(system).filter(valid_to=None).order_by("model__name", "id"):
        found = link.version or pointed_to(link)
        if found is not None:
            versions.setdefault(found.pk, found)
    return list(versions.values())


def pointed_to(link: SystemModel) -> ModelVersion | None:
    """What the alias of a link means now."""
    held = Assignment.objects.filter(model_id=link.model_id, kind=ALIAS, name=link.alias, valid_to=None)
    found = held.select_related("version__model").first()
    return found.version if found else None
