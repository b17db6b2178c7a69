"""Reads of webhooks, notices and deliveries."""

from uuid import UUID

from django.db.models import QuerySet

from compliance.models import Delivery, Notice, Webhook
from portal import access
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.errors import NotFound


def webhook_list(actor: Actor, workspace: Workspace) -> QuerySet[Webhook]:
    """The webhooks of a workspace, newest first. Raises PermissionDenied for who does not maintain it."""
    access.require(actor, "compliance.webhook.list", workspace)
    return _live().filter(workspace=workspace)


def webhooks_visible(actor: Actor) -> QuerySet[Webhook]:
    """The webhooks of the workspaces that the actor maintains or audits."""
    ids = access.workspaces_allowing(actor, "compliance.webhook.list")
    return _live() if ids is None else _live().filter(workspace_id__in=ids)


def webhook_get(actor: Actor, webhook_id: UUID) -> Webhook:
    """One webhook. Raises NotFound, too, when the actor may not read it."""
    found = _live().filter(pk=webhook_id).first()
    if found is None or not access.allows(actor, "compliance.webhook.read", found):
        raise NotFound("No such webhook, or you may not see it.")
    return found


def notice_list(actor: Actor) -> QuerySet[Notice]:
    """What was told in the actor's workspaces, newest first."""
    found = Notice.objects.select_related("workspace").order_by("-id")
    return found if actor.workspace_ids is None else found.filter(workspace_id__in=actor.workspace_ids)


def notice_get(actor: Actor, notice_id: UUID) -> Notice:
    """One notice. Raises NotFound, too, when the actor may not see it."""
    found = notice_list(actor).filter(pk=notice_id).first()
    if found is None:
        raise NotFound("No such notice, or you may not see it.")
    return found


def delivery_list(actor: Actor) -> QuerySet[Delivery]:
    """The deliveries of the workspaces that the actor maintains, newest first."""
    found = Delivery.objects.select_related("notice__workspace", "webhook", "user").order_by("-id")
    ids = access.workspaces_allowing(actor, "compliance.delivery.read")
    return found if ids is None else found.filter(notice__workspace_id__in=ids)


def delivery_get(actor: Actor, delivery_id: UUID) -> Delivery:
    """One delivery. Raises NotFound, too, when the actor may not see it."""
    found = delivery_list(actor).filter(pk=delivery_id).first()
    if found is None:
        raise NotFound("No such delivery, or you may not see it.")
    return found


def _live() -> QuerySet[Webhook]:
    return Webhook.objects.filter(deleted_at=None).select_related("workspace").order_by("-id")
