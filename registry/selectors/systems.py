"""Which AI systems use a model, and how grave the gravest of them is."""

from django.db.models import Q, QuerySet

from compliance.models import AISystem
from registry.models import RegisteredModel, SystemModel
from registry.selectors.web_models import tier_highest


def links_current(model: RegisteredModel) -> QuerySet[SystemModel]:
    """The links by which AI systems in use name the model now."""
    links = SystemModel.objects.filter(model=model, valid_to=None, system__retired_at=None)
    return links.select_related("system", "version").order_by("system__name", "id")


def risk_tier_of(model: RegisteredModel) -> str:
    """The gravest risk tier of the AI systems that use the model; empty when none does.

    It asks no permission: facts of a gate are gathered whoever asks for the move.
    """
    tiers = SystemModel.objects.filter(model=model, valid_to=None, system__retired_at=None)
    return tier_highest(list(tiers.values_list("system__risk_tier", flat=True).distinct()))


def models_at(system: AISystem, *, at: object | None = None) -> QuerySet[SystemModel]:
    """The links of a system now, or those that held at a moment."""
    links = SystemModel.objects.filter(system=system).select_related("model", "version")
    if at is None:
        return links.filter(valid_to=None).order_by("model__name", "id")
    held = Q(valid_to=None) | Q(valid_to__gt=at)
    return links.filter(held, valid_from__lte=at).order_by("model__name", "id")
