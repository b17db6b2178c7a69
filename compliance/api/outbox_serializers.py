"""The JSON of webhooks, notices and deliveries. A secret goes in and never comes out."""

from typing import Any

from rest_framework import serializers

from compliance.services.webhooks import STATUSES, STYLES, shown_url
from compliance.topics import MLFLOW_EVENTS
from portal import access
from portal.api.paging import PageQuery


class EventField(serializers.Serializer[Any]):
    entity = serializers.ChoiceField(choices=sorted(MLFLOW_EVENTS))
    action = serializers.CharField(max_length=20)


class WebhookChange(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=200, required=False)
    url = serializers.CharField(max_length=2000, required=False)
    events = EventField(many=True, required=False, help_text="events of MLflow, in its words")
    topics = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, max_length=100,
        help_text="topics of the portal: finding.opened, finding.* or *",
    )  # fmt: skip
    description = serializers.CharField(max_length=1000, allow_blank=True, required=False)
    style = serializers.ChoiceField(choices=STYLES, required=False)  # type: ignore[assignment] # a field's own
    status = serializers.ChoiceField(choices=STATUSES, required=False)
    secret = serializers.CharField(
        max_length=500, allow_blank=True, required=False, write_only=True,
        help_text="signs what is sent; empty takes it away",
    )  # fmt: skip


class WebhookQuery(PageQuery):
    workspace = serializers.CharField(max_length=63)


class WebhookInput(WebhookChange):
    workspace = serializers.CharField(max_length=63)
    name = serializers.CharField(max_length=200)
    url = serializers.CharField(max_length=2000)


class WebhookOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    workspace = serializers.CharField(source="workspace.name")
    name = serializers.CharField()
    url = serializers.SerializerMethodField(help_text="in full for those who may change it")
    events = EventField(many=True)
    topics = serializers.ListField(child=serializers.CharField())
    description = serializers.CharField(allow_blank=True)
    style = serializers.ChoiceField(choices=STYLES)  # type: ignore[assignment] # a field's own
    status = serializers.ChoiceField(choices=STATUSES)
    has_secret = serializers.SerializerMethodField()

    def get_url(self, webhook: Any) -> str:
        actor = self.context["actor"]
        return (
            webhook.url if access.allows(actor, "compliance.webhook.update", webhook) else shown_url(webhook)
        )

    def get_has_secret(self, webhook: Any) -> bool:
        return bool(webhook.secret)


class TrialInput(serializers.Serializer[Any]):
    topic = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")


class TrialOutput(serializers.Serializer[Any]):
    success = serializers.BooleanField(source="is_taken")
    response_status = serializers.IntegerField(source="status", allow_null=True)
    answer = serializers.CharField(
        source="words", help_text="what became of it, without the body of the answer"
    )


class NoticeQuery(PageQuery):
    workspace = serializers.CharField(max_length=63, required=False)
    topic = serializers.CharField(max_length=60, required=False)


class NoticeOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="the event id that receivers get")
    workspace = serializers.CharField(source="workspace.name", default=None, allow_null=True)
    topic = serializers.CharField()
    title = serializers.CharField()
    url = serializers.CharField(allow_blank=True)
    data = serializers.DictField(child=serializers.JSONField(allow_null=True))  # type: ignore[assignment]
    created_at = serializers.DateTimeField()


class DeliveryQuery(PageQuery):
    state = serializers.ChoiceField(choices=["waiting", "sent", "failed"], required=False)
    webhook = serializers.UUIDField(required=False)
    notice = serializers.UUIDField(required=False)


class DeliveryOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    notice = serializers.UUIDField(source="notice_id")
    topic = serializers.CharField(source="notice.topic")
    title = serializers.CharField(source="notice.title")
    webhook = serializers.CharField(source="webhook.name", default=None, allow_null=True)
    user = serializers.CharField(source="user.username", default=None, allow_null=True)
    state = serializers.CharField()
    attempts = serializers.IntegerField()
    next_try_at = serializers.DateTimeField()
    sent_at = serializers.DateTimeField(allow_null=True)
    answer = serializers.CharField(allow_blank=True)
