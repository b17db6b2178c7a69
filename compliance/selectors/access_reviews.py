"""Reads of access reviews."""

from uuid import UUID

from django.db.models import QuerySet

from compliance.models import AccessReview
from portal import access
from portal.accounts.actor import Actor
from portal.kernel.errors import NotFound


def access_review_list(actor: Actor) -> QuerySet[AccessReview]:
    """The reviews of workspaces whose roles the actor may change or audit, newest first."""
    found = AccessReview.objects.select_related("workspace", "started_by", "completed_by").order_by("-id")
    ids = access.workspaces_allowing(actor, "compliance.access_review.read")
    return found if ids is None else found.filter(workspace_id__in=ids)


def access_review_get(actor: Actor, review_id: UUID) -> AccessReview:
    """One review. Raises NotFound, too, when the actor may not see it."""
    found = access_review_list(actor).filter(pk=review_id).first()
    if found is None:
        raise NotFound("No such access review, or you may not see it.")
    return found
