"""Webhooks, what was told, and what became of each delivery."""

from typing import Any, ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from compliance.api.outbox_serializers import (
    DeliveryOutput,
    DeliveryQuery,
    NoticeOutput,
    NoticeQuery,
    TrialInput,
    TrialOutput,
    WebhookChange,
    WebhookInput,
    WebhookOutput,
    WebhookQuery,
)
from compliance.api.reasons import PossibleReasonInput
from compliance.deliveries.trials import webhook_try
from compliance.selectors.webhooks import (
    delivery_get,
    delivery_list,
    notice_get,
    notice_list,
    webhook_get,
    webhook_list,
)
from compliance.services.deliveries import delivery_replay
from compliance.services.webhooks import WebhookWish, webhook_create, webhook_delete, webhook_update
from portal.accounts.selectors import workspace_get
from portal.api.base import ApiView, Serializers


class WebhookList(ApiView):
    """The webhooks of a workspace, for its maintainers."""

    actions: ClassVar[dict[str, str]] = {
        "GET": "compliance.webhook.list",
        "POST": "compliance.webhook.create",
    }
    inputs: ClassVar[Serializers] = {"GET": WebhookQuery, "POST": WebhookInput}
    outputs: ClassVar[Serializers] = {"GET": WebhookOutput, "POST": WebhookOutput}
    is_paged = True

    def get(self, request: Request) -> Response:
        given = self.given
        return self.page(webhook_list(self.actor, workspace_get(self.actor, given["workspace"])), given)

    def post(self, request: Request) -> Response:
        given = self.given
        workspace = workspace_get(self.actor, given.pop("workspace"))
        made = webhook_create(actor=self.actor, workspace=workspace, wish=WebhookWish(**given))
        return self.answer(made, status=201)


class WebhookOne(ApiView):
    """One webhook. What a change leaves out stays as it is."""

    actions: ClassVar[dict[str, str]] = {
        "GET": "compliance.webhook.read",
        "PATCH": "compliance.webhook.update",
        "DELETE": "compliance.webhook.delete",
    }
    inputs: ClassVar[Serializers] = {"PATCH": WebhookChange}
    outputs: ClassVar[Serializers] = {"GET": WebhookOutput, "PATCH": WebhookOutput}

    def get(self, request: Request, webhook: UUID) -> Response:
        return self.answer(webhook_get(self.actor, webhook))

    def patch(self, request: Request, webhook: UUID) -> Response:
        found, wish = webhook_get(self.actor, webhook), WebhookWish(**self.given)
        return self.answer(webhook_update(actor=self.actor, webhook=found, wish=wish))

    def delete(self, request: Request, webhook: UUID) -> Response:
        webhook_delete(actor=self.actor, webhook=webhook_get(self.actor, webhook))
        return Response(status=204)


class WebhookTests(ApiView):
    """Post an example, signed like the real ones, and say what became of it."""

    actions: ClassVar[dict[str, str]] = {"POST": "compliance.webhook.test"}
    inputs: ClassVar[Serializers] = {"POST": TrialInput}
    outputs: ClassVar[Serializers] = {"POST": TrialOutput}

    def post(self, request: Request, webhook: UUID) -> Response:
        found = webhook_get(self.actor, webhook)
        return self.answer(
            webhook_try(actor=self.actor, webhook=found, topic=self.given["topic"]), status=201
        )


class NoticeList(ApiView):
    """What was told in the workspaces that you see, newest first."""

    actions: ClassVar[dict[str, str]] = {"GET": "compliance.notice.list"}
    inputs: ClassVar[Serializers] = {"GET": NoticeQuery}
    outputs: ClassVar[Serializers] = {"GET": NoticeOutput}
    is_paged = True

    def get(self, request: Request) -> Response:
        given, found = self.given, notice_list(self.actor)
        if "workspace" in given:
            found = found.filter(workspace=workspace_get(self.actor, given["workspace"]))
        if "topic" in given:
            found = found.filter(topic=given["topic"])
        return self.page(found, given)


class NoticeOne(ApiView):
    """One notice."""

    actions: ClassVar[dict[str, str]] = {"GET": "compliance.notice.read"}
    outputs: ClassVar[Serializers] = {"GET": NoticeOutput}

    def get(self, request: Request, notice: UUID) -> Response:
        return self.answer(notice_get(self.actor, notice))


class DeliveryList(ApiView):
    """The deliveries of the workspaces that you maintain, newest first."""

    actions: ClassVar[dict[str, str]] = {"GET": "compliance.delivery.list"}
    inputs: ClassVar[Serializers] = {"GET": DeliveryQuery}
    outputs: ClassVar[Serializers] = {"GET": DeliveryOutput}
    is_paged = True

    def get(self, request: Request) -> Response:
        given = self.given
        wanted: dict[str, Any] = {
            name: given[name] for name in ("state", "webhook", "notice") if name in given
        }
        return self.page(delivery_list(self.actor).filter(**wanted), given)


class DeliveryReplays(ApiView):
    """Send a notice to one receiver once more, under the same event id."""

    actions: ClassVar[dict[str, str]] = {"POST": "compliance.delivery.replay"}
    inputs: ClassVar[Serializers] = {"POST": PossibleReasonInput}
    outputs: ClassVar[Serializers] = {"POST": DeliveryOutput}

    def post(self, request: Request, delivery: UUID) -> Response:
        found = delivery_get(self.actor, delivery)
        replayed = delivery_replay(actor=self.actor, delivery=found, reason=self.given["reason"])
        return self.answer(replayed, status=201)
