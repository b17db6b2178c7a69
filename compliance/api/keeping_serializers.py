"""The JSON of legal holds, retention classes, access reviews and the inbox."""

from typing import Any

from rest_framework import serializers

from compliance.services.holds import HELD
from portal.api.paging import PageQuery


class HoldQuery(PageQuery):
    workspace = serializers.CharField(max_length=63, required=False)
    is_released = serializers.BooleanField(required=False)


class HoldInput(serializers.Serializer[Any]):
    workspace = serializers.CharField(max_length=63)
    subject_type = serializers.ChoiceField(choices=HELD)
    subject_id = serializers.CharField(max_length=80, help_text="as the audit log names it")
    subject_label = serializers.CharField(max_length=400)
    reason = serializers.CharField(max_length=2000)


class HoldOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    workspace = serializers.CharField(source="workspace.name")
    subject_type = serializers.CharField()
    subject_id = serializers.CharField()
    subject_label = serializers.CharField()
    reason = serializers.CharField()
    placed_by = serializers.CharField(source="placed_by.username")
    placed_at = serializers.DateTimeField()
    released_by = serializers.CharField(source="released_by.username", default=None, allow_null=True)
    released_at = serializers.DateTimeField(allow_null=True)


class RetentionOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    title = serializers.CharField()
    holds = serializers.CharField(help_text="what is kept")
    days = serializers.IntegerField(allow_null=True, help_text="at least; null: for good")
    basis = serializers.CharField()
    ends_by = serializers.CharField(help_text="who or what ends it")


class RetentionListOutput(serializers.Serializer[Any]):
    items = RetentionOutput(many=True)


class ReviewQuery(PageQuery):
    workspace = serializers.CharField(max_length=63, required=False)


class ReviewInput(serializers.Serializer[Any]):
    workspace = serializers.CharField(max_length=63)


class ReviewDecisionInput(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150)
    role = serializers.CharField(max_length=20)
    decision = serializers.ChoiceField(
        choices=["keep", "remove"], help_text="remove takes the role away at once"
    )
    reason = serializers.CharField(max_length=500, allow_blank=True, default="")


class ReviewCompletionInput(serializers.Serializer[Any]):
    statement = serializers.CharField(max_length=2000)


class GrantOutput(serializers.Serializer[Any]):
    username = serializers.CharField()
    role = serializers.CharField()
    since = serializers.CharField()
    granted_by = serializers.CharField()
    event = serializers.CharField(allow_blank=True, help_text="uuid of the audit event, where there is one")
    flags = serializers.ListField(child=serializers.CharField())
    decision = serializers.CharField(allow_blank=True)
    decided_by = serializers.CharField(allow_blank=True)
    decided_at = serializers.CharField(allow_blank=True)
    reason = serializers.CharField(allow_blank=True)


class ReviewOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    workspace = serializers.CharField(source="workspace.name")
    entries = GrantOutput(many=True)
    started_by = serializers.CharField(source="started_by.username")
    started_at = serializers.DateTimeField()
    completed_by = serializers.CharField(source="completed_by.username", default=None, allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)
    statement = serializers.CharField(allow_blank=True)


class InboxItemOutput(serializers.Serializer[Any]):
    kind = serializers.CharField()
    label = serializers.CharField(help_text="what waits")  # type: ignore[assignment] # a field has one, too
    asked = serializers.CharField(help_text="what is asked of you")
    workspace = serializers.CharField()
    url = serializers.CharField()
    due_at = serializers.DateTimeField(allow_null=True)
    since = serializers.DateTimeField()
    is_overdue = serializers.BooleanField()


class InboxOutput(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    items = InboxItemOutput(many=True)
