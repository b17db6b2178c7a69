"""Reads of trainings."""

from uuid import UUID

from django.db.models import QuerySet

from portal.accounts.actor import Actor
from portal.kernel.errors import NotFound
from training.models import TrainingJob


def training_visible(actor: Actor) -> QuerySet[TrainingJob]:
    """The trainings that the actor may see, newest first."""
    found = TrainingJob.objects.select_related("workspace", "experiment", "job", "run", "code", "environment")
    found = found.select_related("requested_by").order_by("-id")
    return found if actor.workspace_ids is None else found.filter(workspace_id__in=actor.workspace_ids)


def training_get(actor: Actor, training_id: UUID) -> TrainingJob:
    """One training. Raises NotFound when there is none, or the actor may not see it."""
    found = training_visible(actor).filter(pk=training_id).first()
    if found is None:
        raise NotFound("No such training, or you may not see it.")
    return found
