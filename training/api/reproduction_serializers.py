"""The JSON of reproductions."""

from typing import Any

from rest_framework import serializers


class ReproductionInput(serializers.Serializer[Any]):
    tolerance = serializers.DictField(
        child=serializers.FloatField(min_value=0, max_value=1), required=False,
        help_text="relative: how far metrics and predictions may be apart; margin_deviations: the margin of the test",
    )  # fmt: skip


class ReproductionOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    workspace = serializers.CharField(source="workspace.name")
    model = serializers.CharField(source="version.model.name")
    version = serializers.IntegerField(source="version.version")
    training = serializers.UUIDField(source="training_id", allow_null=True)
    state = serializers.CharField(source="training.job.state", default=None, allow_null=True)
    verdict = serializers.CharField(allow_blank=True)
    why = serializers.CharField(allow_blank=True)
    tolerance = serializers.JSONField()
    comparison = serializers.JSONField(allow_null=True)
    requested_by = serializers.CharField(source="requested_by.username")
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class EnvelopeOutput(serializers.Serializer[Any]):
    payloadType = serializers.CharField()
    payload = serializers.CharField()
    signatures = serializers.ListField(child=serializers.DictField())
