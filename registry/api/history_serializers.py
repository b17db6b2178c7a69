"""The JSON of what an alias or a stage meant at a moment."""

from typing import Any

from rest_framework import serializers


class HistoryQuery(serializers.Serializer[Any]):
    alias = serializers.CharField(max_length=255, required=False, help_text="such as champion")
    stage = serializers.CharField(max_length=20, required=False, help_text="such as Production")
    at = serializers.DateTimeField(required=False, help_text="a moment in ISO 8601; the present by default")
    workspace = serializers.CharField(
        max_length=63, required=False, help_text="where several have such a model"
    )


class IntervalOutput(serializers.Serializer[Any]):
    version = serializers.IntegerField(source="version.version")
    digest = serializers.CharField(source="version.digest", allow_blank=True)
    valid_from = serializers.DateTimeField()
    valid_to = serializers.DateTimeField(allow_null=True)
    moved_by = serializers.CharField()
    moved_by_name = serializers.CharField(allow_blank=True)
    reason = serializers.CharField(allow_blank=True)
    approval = serializers.UUIDField(source="approval_id", allow_null=True)


class DecisionThenOutput(serializers.Serializer[Any]):
    person = serializers.CharField(source="person.username")
    on_behalf_of = serializers.CharField(source="on_behalf_of.username", default=None, allow_null=True)
    role = serializers.CharField()
    decided_at = serializers.DateTimeField()
    reauthenticated_at = serializers.DateTimeField()
    reason = serializers.CharField(allow_blank=True)
    subject_digest = serializers.CharField()
    evidence_digest = serializers.CharField()


class ApprovalThenOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="approval.pk")
    request = serializers.UUIDField(source="approval.request_id")
    state = serializers.CharField(help_text="as it was at the moment")
    effective_at = serializers.DateTimeField(source="approval.effective_at")
    evidence_digest = serializers.CharField(source="approval.evidence_digest")
    is_break_glass = serializers.BooleanField()
    approved_by = DecisionThenOutput(source="decisions", many=True)


class DatasetThenOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="dataset_id")
    name = serializers.CharField(source="dataset.name")
    digest = serializers.CharField(source="dataset.digest")
    source_type = serializers.CharField(source="dataset.source_type")
    context = serializers.CharField(allow_null=True)  # type: ignore[assignment]


class EvidenceThenOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    outcome = serializers.CharField()
    summary = serializers.CharField(allow_blank=True)
    digest = serializers.CharField()
    recorded_at = serializers.DateTimeField()


class CardThenOutput(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    digest = serializers.CharField()
    created_at = serializers.DateTimeField()


class PlacementOutput(serializers.Serializer[Any]):
    environment = serializers.CharField()
    target = serializers.CharField()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)
    url = serializers.CharField(allow_blank=True)


class SystemThenOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="system_id")
    name = serializers.CharField(source="system.name")


class HeldOutput(serializers.Serializer[Any]):
    interval = IntervalOutput()
    version_id = serializers.UUIDField(source="version.pk")
    run_id = serializers.CharField(source="version.run.pk.hex", default=None, allow_null=True)
    approval = ApprovalThenOutput(allow_null=True)
    datasets = DatasetThenOutput(many=True)
    evidence = EvidenceThenOutput(many=True)
    card = CardThenOutput(allow_null=True)
    systems = SystemThenOutput(many=True)
    deployed = PlacementOutput(source="placements", many=True, allow_null=True)
    unknown = serializers.ListField(child=serializers.CharField())


class HistoryOutput(serializers.Serializer[Any]):
    workspace = serializers.CharField(source="model.workspace.name")
    model = serializers.CharField(source="model.name")
    kind = serializers.CharField()
    name = serializers.CharField()
    at = serializers.DateTimeField()
    held = HeldOutput(many=True, help_text="what it meant at the moment; empty when nothing")
    intervals = IntervalOutput(many=True, help_text="all that it ever meant, newest first")
