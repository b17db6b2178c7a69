"""The JSON of queues, quotas and workers."""

from typing import Any

from rest_framework import serializers

from jobs.queue import HIGHEST_PRIORITY

_PRIORITY: dict[str, Any] = {"min_value": -HIGHEST_PRIORITY, "max_value": HIGHEST_PRIORITY}
_LIMIT: dict[str, Any] = {"min_value": 0, "max_value": 1_000_000, "allow_null": True}


class QueueReasonInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500, allow_blank=True, default="")


class QueueInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=63)
    description = serializers.CharField(max_length=500, allow_blank=True, default="")
    priority = serializers.IntegerField(default=0, **_PRIORITY)
    max_running = serializers.IntegerField(default=None, **_LIMIT)


class QueueUpdate(serializers.Serializer[Any]):
    description = serializers.CharField(max_length=500, allow_blank=True, required=False)
    priority = serializers.IntegerField(required=False, **_PRIORITY)
    max_running = serializers.IntegerField(required=False, **_LIMIT)
    reason = serializers.CharField(max_length=500, allow_blank=True, required=False)


class QueueOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    priority = serializers.IntegerField()
    max_running = serializers.IntegerField(allow_null=True)
    is_paused = serializers.BooleanField()
    paused_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class StandingOutput(serializers.Serializer[Any]):
    name = serializers.CharField(source="queue.name")
    description = serializers.CharField(source="queue.description", allow_blank=True)
    priority = serializers.IntegerField(source="queue.priority")
    max_running = serializers.IntegerField(source="queue.max_running", allow_null=True)
    is_paused = serializers.BooleanField(source="queue.is_paused")
    queued = serializers.IntegerField()
    running = serializers.IntegerField()
    oldest_due_seconds = serializers.FloatField()
    workers = serializers.IntegerField(source="served_by", help_text="living workers that serve it")


class QuotaInput(serializers.Serializer[Any]):
    max_running = serializers.IntegerField(default=None, **_LIMIT)
    max_queued = serializers.IntegerField(default=None, **_LIMIT)
    reason = serializers.CharField(max_length=500, allow_blank=True, default="")


class QuotaOutput(serializers.Serializer[Any]):
    workspace = serializers.CharField(source="workspace.name")
    queue = serializers.CharField(source="queue_id", allow_null=True, help_text="null: all but the system's")
    max_running = serializers.IntegerField(allow_null=True)
    max_queued = serializers.IntegerField(allow_null=True)
    updated_at = serializers.DateTimeField()


class QueueHeldOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    workspace = serializers.CharField(source="workspace_name", allow_null=True)
    started_at = serializers.DateTimeField()


class WorkerOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="worker.id")
    name = serializers.CharField(source="worker.name")
    host = serializers.CharField(source="worker.host")
    pid = serializers.IntegerField(source="worker.pid")
    queues = serializers.ListField(source="worker.queues", child=serializers.CharField())
    slots = serializers.IntegerField(source="worker.slots")
    version = serializers.CharField(source="worker.version", allow_blank=True)
    state = serializers.ChoiceField(choices=["alive", "leaving", "silent", "stopped"])
    started_at = serializers.DateTimeField(source="worker.started_at")
    heartbeat_at = serializers.DateTimeField(source="worker.heartbeat_at")
    jobs = QueueHeldOutput(many=True)
