"""The JSON of monitors, measurements, alerts, plans and feedback."""

from typing import Any

from rest_framework import serializers

from monitoring.facts import ALERT_STATES, KINDS
from monitoring.services.results import subject_of
from portal.api.paging import PageQuery

REASON = 2000
FEEDBACK_AT_ONCE = 10_000


class MonitorQuery(PageQuery):
    endpoint = serializers.CharField(max_length=63, required=False)


class MonitorInput(serializers.Serializer[Any]):
    endpoint = serializers.CharField(max_length=63)
    kind = serializers.ChoiceField(choices=KINDS)
    name = serializers.CharField(max_length=100)
    settings = serializers.JSONField(
        default=dict, help_text="window, reference, columns, thresholds, on_alert, …"
    )
    every_seconds = serializers.IntegerField(min_value=10, max_value=90 * 86_400, default=3600)
    owner = serializers.CharField(max_length=150, required=False)


class MonitorChange(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=100, required=False)
    settings = serializers.JSONField(required=False)
    every_seconds = serializers.IntegerField(min_value=10, max_value=90 * 86_400, required=False)
    owner = serializers.CharField(max_length=150, required=False)
    is_paused = serializers.BooleanField(required=False)


class MonitorOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    workspace = serializers.CharField(source="workspace.name")
    endpoint = serializers.CharField(source="endpoint.name")
    kind = serializers.CharField()
    name = serializers.CharField()
    settings = serializers.JSONField()
    every_seconds = serializers.IntegerField()
    owner = serializers.CharField(source="owner.username", allow_null=True, default=None)
    is_paused = serializers.BooleanField()
    silenced_until = serializers.DateTimeField(allow_null=True)
    silence_reason = serializers.CharField(allow_blank=True)
    due_at = serializers.DateTimeField()
    alert_subject = serializers.SerializerMethodField(
        help_text="The subject of triggers that listen to its alerts"
    )
    created_at = serializers.DateTimeField()

    def get_alert_subject(self, monitor: Any) -> str:
        return subject_of(monitor)


class SilenceInput(serializers.Serializer[Any]):
    until = serializers.DateTimeField(allow_null=True, help_text="null ends a silence")
    reason = serializers.CharField(max_length=REASON, allow_blank=True, default="")


class AlertSilenceInput(serializers.Serializer[Any]):
    until = serializers.DateTimeField()
    reason = serializers.CharField(max_length=REASON)


class NoInput(serializers.Serializer[Any]):
    pass


class MeasureOutput(serializers.Serializer[Any]):
    job = serializers.UUIDField(source="pk")


class RunOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    due_at = serializers.DateTimeField()
    begins_at = serializers.DateTimeField(allow_null=True)
    ends_at = serializers.DateTimeField()
    rows = serializers.IntegerField()
    state = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    summary = serializers.CharField(allow_blank=True)
    made_at = serializers.DateTimeField()


class ReportOutput(RunOutput):
    body = serializers.JSONField(help_text="Figures and distributions, by column or by bin")


class AlertQuery(PageQuery):
    endpoint = serializers.CharField(max_length=63, required=False)
    state = serializers.ChoiceField(choices=ALERT_STATES, required=False)


class AlertOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    workspace = serializers.CharField(source="workspace.name")
    monitor = serializers.UUIDField(source="monitor_id")
    monitor_name = serializers.CharField(source="monitor.name")
    endpoint = serializers.CharField(source="monitor.endpoint.name")
    kind = serializers.CharField(source="monitor.kind")
    severity = serializers.CharField()
    state = serializers.CharField()
    title = serializers.CharField()
    detail = serializers.CharField(allow_blank=True)
    opened_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField()
    count = serializers.IntegerField()
    run = serializers.UUIDField(source="run_id")
    finding = serializers.UUIDField(source="finding_id", allow_null=True)
    done = serializers.JSONField()
    silenced_until = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField(allow_blank=True)
    handled_by = serializers.CharField(source="handled_by.username", allow_null=True, default=None)
    resolved_at = serializers.DateTimeField(allow_null=True)


class NoteInput(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=REASON, allow_blank=True, default="")


class ResolveInput(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=REASON)


class TruthInput(serializers.Serializer[Any]):
    request_id = serializers.CharField(max_length=64)
    row = serializers.IntegerField(min_value=0, max_value=1_000_000, default=0)
    kind = serializers.ChoiceField(choices=("truth", "feedback"), default="truth")
    value = serializers.JSONField()


class FeedbackInput(serializers.Serializer[Any]):
    items = serializers.ListField(child=TruthInput(), min_length=1, max_length=FEEDBACK_AT_ONCE)


class FeedbackOutput(serializers.Serializer[Any]):
    written = serializers.IntegerField()


class PlanInput(serializers.Serializer[Any]):
    watched = serializers.CharField(max_length=20_000)
    review_every_days = serializers.IntegerField(min_value=1, max_value=730)
    reviewer = serializers.CharField(max_length=150)


class PlanOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    system = serializers.UUIDField(source="system_id")
    watched = serializers.CharField()
    review_every_days = serializers.IntegerField()
    reviewer = serializers.CharField(source="reviewer.username")
    next_due_at = serializers.DateTimeField()


class PlanReviewInput(serializers.Serializer[Any]):
    statement = serializers.CharField(max_length=4000)


class PlanReviewOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    statement = serializers.CharField()
    due_at = serializers.DateTimeField()
    reviewed_at = serializers.DateTimeField()
    reviewed_by = serializers.CharField(source="reviewed_by.username")


class MonitorListOutput(serializers.Serializer[Any]):
    items = MonitorOutput(many=True)
