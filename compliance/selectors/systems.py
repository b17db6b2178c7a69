"""Reads of AI systems."""

from uuid import UUID

from django.db.models import QuerySet

from compliance.models import AISystem
from portal.accounts.actor import Actor
from portal.kernel.errors import NotFound


def systems_visible(actor: Actor) -> QuerySet[AISystem]:
    """The AI systems of the actor's workspaces, newest first."""
    found = AISystem.objects.select_related("workspace", "owner").order_by("-id")
    return found if actor.workspace_ids is None else found.filter(workspace_id__in=actor.workspace_ids)


def system_get(actor: Actor, system_id: UUID) -> AISystem:
    """One AI system. Raises NotFound, too, when the actor may not see it."""
    found = systems_visible(actor).filter(pk=system_id).first()
    if found is None:
        raise NotFound("There is no such AI system, or you may not see it.")
    return found
