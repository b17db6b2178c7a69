"""Reads of code."""

from uuid import UUID

from django.db.models import QuerySet

from portal.accounts.actor import Actor
from portal.kernel.errors import NotFound
from training.models import CodeSnapshot


def code_visible(actor: Actor) -> QuerySet[CodeSnapshot]:
    """The snapshots of code that the actor may see."""
    found = CodeSnapshot.objects.select_related("workspace", "created_by")
    return found if actor.workspace_ids is None else found.filter(workspace_id__in=actor.workspace_ids)


def code_get(actor: Actor, code_id: UUID) -> CodeSnapshot:
    """One snapshot. Raises NotFound when there is none, or the actor may not see it."""
    found = code_visible(actor).filter(pk=code_id).first()
    if found is None:
        raise NotFound("No such code, or you may not see it.")
    return found
