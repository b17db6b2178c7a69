"""The JSON of evaluations."""

from typing import Any

from rest_framework import serializers

from portal.api.paging import PageQuery
from training.evaluation.planning import COLUMNS_AT_MOST, TASKS


class EvaluationQuery(PageQuery):
    workspace = serializers.CharField(max_length=63, required=False)
    model = serializers.CharField(required=False)
    dataset = serializers.CharField(required=False)


class Columns(serializers.ListField):
    child = serializers.CharField(max_length=500, trim_whitespace=False)
    max_length = COLUMNS_AT_MOST


class EvaluationInput(serializers.Serializer[Any]):
    workspace = serializers.CharField(max_length=63)
    model = serializers.CharField()
    version = serializers.IntegerField(min_value=1)
    dataset = serializers.CharField()
    dataset_version = serializers.IntegerField(min_value=1, required=False, help_text="without it the newest")
    target = serializers.CharField(max_length=500, trim_whitespace=False)
    task = serializers.ChoiceField(TASKS, default="auto")
    slices = Columns(default=list)
    sensitive = Columns(default=list, help_text="columns between whose groups fairness is measured")
    explain = serializers.BooleanField(default=True)
    against_champion = serializers.BooleanField(default=True)
    thresholds = serializers.ListField(
        child=serializers.DictField(), default=list, help_text="[{metric, slice or sensitive, min, max}]"
    )


class ModelEvaluationOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    workspace = serializers.CharField(source="workspace.name")
    model = serializers.CharField(source="version.model.name")
    version = serializers.IntegerField(source="version.version")
    dataset = serializers.CharField(source="dataset.asset.name")
    dataset_version = serializers.IntegerField(source="dataset.number")
    champion_version = serializers.IntegerField(source="champion.version", default=None, allow_null=True)
    state = serializers.CharField(source="training.job.state")
    reason = serializers.CharField(source="training.job.reason", allow_blank=True)
    training = serializers.UUIDField(source="training_id")
    run_id = serializers.CharField(source="training.run.pk.hex", default=None, allow_null=True)
    outcome = serializers.CharField(allow_blank=True)
    summary = serializers.CharField(allow_blank=True)
    evidence = serializers.UUIDField(source="evidence_id", allow_null=True)
    requested_by = serializers.CharField(source="requested_by.username")
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class ModelEvaluationDetailOutput(ModelEvaluationOutput):
    asked = serializers.JSONField()
    report = serializers.JSONField(allow_null=True)
