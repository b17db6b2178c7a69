"""The JSON of jobs."""

from typing import Any

from rest_framework import serializers

from jobs.models import STATES
from jobs.queue import HIGHEST_PRIORITY
from portal.api.paging import PageQuery


class JobQuery(PageQuery):
    """`active` stands for queued and running."""

    state = serializers.ChoiceField(choices=["active", *STATES], required=False)
    kind = serializers.CharField(max_length=80, required=False)
    workspace = serializers.CharField(max_length=63, required=False)
    queue = serializers.CharField(max_length=63, required=False)
    created_by = serializers.CharField(max_length=150, required=False)


class CancelInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500, allow_blank=True, default="")


class JobEventOutput(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    name = serializers.CharField()
    attempt = serializers.IntegerField()
    actor = serializers.CharField()
    detail = serializers.CharField(allow_blank=True)


class JobOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    key = serializers.CharField()
    workspace = serializers.CharField(source="workspace_name", allow_null=True)
    args = serializers.DictField(child=serializers.JSONField(allow_null=True))
    queue = serializers.CharField()
    priority = serializers.IntegerField()
    state = serializers.ChoiceField(choices=STATES)
    attempt = serializers.IntegerField()
    max_attempts = serializers.IntegerField()
    handed_back = serializers.IntegerField(help_text="attempts that do not count against max_attempts")
    retry_of = serializers.UUIDField(source="retry_of_id", allow_null=True)
    owner = serializers.CharField(allow_blank=True)
    reason = serializers.CharField(allow_blank=True)
    result = serializers.JSONField(allow_null=True)
    created_by = serializers.CharField(source="actor_name")
    request_id = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    not_before = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    heartbeat_at = serializers.DateTimeField(allow_null=True)
    lease_until = serializers.DateTimeField(allow_null=True)
    deadline = serializers.DateTimeField(allow_null=True)
    cancel_requested_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


class JobDetailOutput(JobOutput):
    events = JobEventOutput(many=True)


class RetryInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500, allow_blank=True, default="")


class PriorityInput(serializers.Serializer[Any]):
    priority = serializers.IntegerField(min_value=-HIGHEST_PRIORITY, max_value=HIGHEST_PRIORITY)
    reason = serializers.CharField(max_length=500, allow_blank=True, default="")
