"""Reads of evaluations."""

from uuid import UUID

from django.db.models import QuerySet

from portal.accounts.actor import Actor
from portal.kernel.errors import NotFound
from training.models import Evaluation


def evaluations_visible(actor: Actor) -> QuerySet[Evaluation]:
    """The evaluations that the actor may see, newest first, without their reports."""
    found = Evaluation.objects.select_related(
        "workspace", "version__model__workspace", "dataset__asset", "champion__model", "training__job", "training__run",
        "requested_by",
    ).defer("report", "version__manifest", "dataset__manifest")  # fmt: skip
    found = found.order_by("-id")
    return found if actor.workspace_ids is None else found.filter(workspace_id__in=actor.workspace_ids)


def evaluation_get(actor: Actor, evaluation_id: UUID) -> Evaluation:
    """One evaluation. Raises NotFound when there is none, or the actor may not see it."""
    found = evaluations_visible(actor).filter(pk=evaluation_id).first()
    if found is None:
        raise NotFound("No such evaluation, or you may not see it.")
    return found
