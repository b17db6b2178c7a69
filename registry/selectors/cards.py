"""Reads of model cards: the newest state of a version's card, and all that went before."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from portal.accounts.actor import Actor
from portal.kernel.errors import NotFound
from portal.operations import permit
from registry.cards.prefill import card_prefill
from registry.cards.sections import sections_filled
from registry.models import ModelCard, ModelVersion

READ = "registry.card.read"


@dataclass(frozen=True)
class CardState:
    """The card as it stands. Number 0 is what the portal would begin it with: nobody has saved it yet."""

    number: int
    content: dict[str, Any]
    row: ModelCard | None

    @property
    def sections(self) -> dict[str, bool]:
        return sections_filled(self.content)


def card_current(actor: Actor, version: ModelVersion) -> CardState:
    """The newest card of a version, or what it would begin with."""
    permit(actor=actor, action=READ, target=version)
    row = card_newest(version)
    return CardState(row.number, row.content, row) if row else CardState(0, card_prefill(version), None)


def card_newest(version: ModelVersion) -> ModelCard | None:
    """The newest card of a version; its caller has asked permission."""
    return ModelCard.objects.filter(version=version).select_related("created_by").order_by("-number").first()


def card_list(actor: Actor, version: ModelVersion) -> QuerySet[ModelCard]:
    """All states of a version's card, the newest first."""
    permit(actor=actor, action=READ, target=version)
    return ModelCard.objects.filter(version=version).select_related("created_by").order_by("-number")


def card_numbered(actor: Actor, version: ModelVersion, number: int) -> ModelCard:
    """One state of the card. Raises NotFound."""
    found = card_list(actor, version).filter(number=number).first()
    if found is None:
        raise NotFound(f"The card of {version} has no number {number}.")
    return found
