"""The JSON of findings and re-certifications."""

from typing import Any

from rest_framework import serializers

from compliance.api.gate_serializers import ProofInput
from compliance.models.follow_up import SEVERITIES
from compliance.selectors.findings import VIEWS
from compliance.selectors.recertifications import TRIGGERS
from portal.api.paging import PageQuery


class FindingQuery(PageQuery):
    workspace = serializers.CharField(max_length=63, required=False)
    view = serializers.ChoiceField(choices=VIEWS, required=False)
    severity = serializers.ChoiceField(choices=SEVERITIES, required=False)
    subject_type = serializers.CharField(max_length=40, required=False)
    subject_id = serializers.CharField(max_length=80, required=False)


class FindingInput(serializers.Serializer[Any]):
    workspace = serializers.CharField(max_length=63)
    key = serializers.CharField(max_length=200, help_text="names the defect; one open finding for each")
    subject_type = serializers.CharField(max_length=40, help_text="such as modelversion")
    subject_id = serializers.CharField(max_length=80)
    subject_label = serializers.CharField(max_length=400)
    title = serializers.CharField(max_length=300)
    description = serializers.CharField(max_length=10_000, allow_blank=True, default="")
    severity = serializers.ChoiceField(choices=SEVERITIES)
    due_days = serializers.IntegerField(min_value=0, max_value=365)
    owner = serializers.CharField(max_length=150, required=False)


class AssignInput(serializers.Serializer[Any]):
    owner = serializers.CharField(max_length=150)
    reason = serializers.CharField(max_length=2000, allow_blank=True, default="")


class RescheduleInput(serializers.Serializer[Any]):
    due_at = serializers.DateTimeField()
    reason = serializers.CharField(max_length=2000)


class ClosureInput(serializers.Serializer[Any]):
    closure = serializers.CharField(max_length=2000, help_text="what shows that the defect is gone")


class FindingOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    workspace = serializers.CharField(source="workspace.name")
    key = serializers.CharField()
    subject_type = serializers.CharField()
    subject_id = serializers.CharField()
    subject_label = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    severity = serializers.ChoiceField(choices=SEVERITIES)
    source = serializers.CharField()  # type: ignore[assignment] # a field has one, too
    owner = serializers.CharField(source="owner.username", default=None, allow_null=True)
    due_at = serializers.DateTimeField()
    is_open = serializers.BooleanField()
    opened_at = serializers.DateTimeField()
    closed_by = serializers.CharField(source="closed_by.username", default=None, allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    closure = serializers.CharField(allow_blank=True)


class RecertificationQuery(PageQuery):
    workspace = serializers.CharField(max_length=63, required=False)
    view = serializers.ChoiceField(choices=["open", "due", "overdue", "completed"], required=False)
    trigger = serializers.ChoiceField(choices=TRIGGERS, required=False)


class CompletionInput(ProofInput):
    outcome = serializers.ChoiceField(choices=["renewed", "revoked"])
    statement = serializers.CharField(max_length=2000, help_text="what was looked at, and why so")


class RecertificationOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    workspace = serializers.CharField(source="workspace.name")
    approval = serializers.UUIDField(source="approval_id", allow_null=True)
    request = serializers.UUIDField(source="approval.request_id", default=None, allow_null=True)
    subject_type = serializers.CharField()
    subject_id = serializers.CharField()
    subject_label = serializers.CharField()
    trigger = serializers.ChoiceField(choices=TRIGGERS)
    detail = serializers.CharField(allow_blank=True)
    due_at = serializers.DateTimeField()
    outcome = serializers.CharField(allow_blank=True)
    statement = serializers.CharField(allow_blank=True)
    completed_by = serializers.CharField(source="completed_by.username", default=None, allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)
