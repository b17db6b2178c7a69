"""Reads of reproductions."""

from uuid import UUID

from django.db.models import QuerySet

from portal.accounts.actor import Actor
from portal.kernel.errors import NotFound
from registry.models import ModelVersion
from training.models import Reproduction


def reproductions_of(version: ModelVersion) -> QuerySet[Reproduction]:
    """The reproductions of a version that the caller may see, newest first."""
    found = Reproduction.objects.filter(version=version).order_by("-id")
    return found.select_related("workspace", "version__model", "training__job", "requested_by")


def reproduction_get(actor: Actor, reproduction_id: UUID) -> Reproduction:
    """One reproduction. Raises NotFound when there is none, or the actor may not see it."""
    found = Reproduction.objects.select_related(
        "workspace", "version__model", "training__job", "requested_by"
    )
    if actor.workspace_ids is not None:
        found = found.filter(workspace_id__in=actor.workspace_ids)
    one = found.filter(pk=reproduction_id).first()
    if one is None:
        raise NotFound("No such reproduction, or you may not see it.")
    return one
