"""Reads of checks of data."""

from uuid import UUID

from django.db.models import QuerySet

from portal.accounts.actor import Actor
from portal.kernel.errors import NotFound
from training.models import DataCheck


def checks_visible(actor: Actor) -> QuerySet[DataCheck]:
    """The checks that the actor may see, newest first."""
    found = DataCheck.objects.select_related(
        "workspace", "version__asset", "reference__asset", "job", "requested_by"
    )
    found = found.defer("version__manifest", "reference__manifest").order_by("-id")
    return found if actor.workspace_ids is None else found.filter(workspace_id__in=actor.workspace_ids)


def check_get(actor: Actor, check_id: UUID) -> DataCheck:
    """One check. Raises NotFound when there is none, or the actor may not see it."""
    found = checks_visible(actor).filter(pk=check_id).first()
    if found is None:
        raise NotFound("No such check, or you may not see it.")
    return found
