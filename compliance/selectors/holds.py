"""Reads of legal holds."""

from uuid import UUID

from django.db.models import QuerySet

from compliance.models import LegalHold
from portal.accounts.actor import Actor
from portal.kernel.errors import NotFound


def hold_list(actor: Actor, *, released: bool | None = None) -> QuerySet[LegalHold]:
    """The holds of the actor's workspaces, newest first."""
    found = LegalHold.objects.select_related("workspace", "placed_by", "released_by").order_by("-id")
    if actor.workspace_ids is not None:
        found = found.filter(workspace_id__in=actor.workspace_ids)
    return found if released is None else found.filter(released_at__isnull=not released)


def hold_get(actor: Actor, hold_id: UUID) -> LegalHold:
    """One hold. Raises NotFound, too, when the actor may not see it."""
    found = hold_list(actor).filter(pk=hold_id).first()
    if found is None:
        raise NotFound("No such hold, or you may not see it.")
    return found
