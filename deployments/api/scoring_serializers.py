"""The JSON of batch scorings."""

from typing import Any

from rest_framework import serializers

from deployments.facts import DEV, ENVIRONMENTS
from deployments.scoring.asking import (
    MEMORY_AT_LEAST,
    MEMORY_AT_MOST,
    MEMORY_MB,
    PREDICTION,
    ROWS_AT_LEAST,
    ROWS_AT_MOST,
)
from experiments.data.schemas import COLUMNS_AT_MOST
from portal.api.paging import PageQuery
from registry.validation.names import MAX_NAME_LENGTH

_NUMBER = 2**31 - 1


class ScoringQuery(PageQuery):
    workspace = serializers.CharField(max_length=63, required=False)
    model = serializers.CharField(max_length=MAX_NAME_LENGTH, required=False)
    dataset = serializers.CharField(max_length=200, required=False)


class KeptColumns(serializers.ListField):
    child = serializers.CharField(max_length=500, trim_whitespace=False)
    max_length = COLUMNS_AT_MOST


class ScoringInput(serializers.Serializer[Any]):
    """A version of a model in an environment, or the one that an endpoint serves most requests with now."""

    workspace = serializers.CharField(max_length=63)
    model = serializers.CharField(max_length=MAX_NAME_LENGTH, required=False)
    version = serializers.IntegerField(min_value=1, max_value=_NUMBER, required=False)
    environment = serializers.ChoiceField(
        choices=ENVIRONMENTS, default=DEV, help_text="that of the endpoint, where one is named"
    )
    endpoint = serializers.CharField(max_length=63, required=False)
    dataset = serializers.CharField(max_length=200)
    dataset_version = serializers.IntegerField(
        min_value=1, max_value=_NUMBER, required=False, help_text="without it the newest"
    )
    output = serializers.CharField(
        max_length=200, required=False, help_text="name of the result: <dataset>-scored unless given"
    )
    prediction = serializers.CharField(max_length=500, default=PREDICTION, help_text="name of the new column")
    keep = KeptColumns(default=list, help_text="columns that stand beside the prediction, such as keys")
    rows_per_part = serializers.IntegerField(min_value=ROWS_AT_LEAST, max_value=ROWS_AT_MOST, required=False)
    memory_mb = serializers.IntegerField(
        min_value=MEMORY_AT_LEAST, max_value=MEMORY_AT_MOST, default=MEMORY_MB
    )
    reason = serializers.CharField(max_length=2000, allow_blank=True, default="")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        is_version = "model" in given and "version" in given
        if ("endpoint" in given) == is_version or ("model" in given) != ("version" in given):
            raise serializers.ValidationError("Name a model with its version, or an endpoint.")
        return given


class ScoringAgainInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=2000, allow_blank=True, default="")


class ScoringOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    workspace = serializers.CharField(source="workspace.name")
    model = serializers.CharField(source="version.model.name")
    version = serializers.IntegerField(source="version.version")
    digest = serializers.CharField()
    environment = serializers.CharField()
    endpoint = serializers.CharField(source="endpoint.name", default=None, allow_null=True)
    approval = serializers.UUIDField(source="approval_id", allow_null=True)
    dataset = serializers.CharField(source="dataset.asset.name")
    dataset_version = serializers.IntegerField(source="dataset.number")
    asked = serializers.JSONField()
    job = serializers.UUIDField(source="job_id")
    state = serializers.CharField(source="job.state")
    job_reason = serializers.CharField(source="job.reason", allow_blank=True)
    result = serializers.CharField(source="result.asset.name", default=None, allow_null=True)
    result_version = serializers.IntegerField(source="result.number", default=None, allow_null=True)
    result_digest = serializers.CharField(source="result.digest", default=None, allow_null=True)
    seen = serializers.JSONField(allow_null=True)
    problem = serializers.JSONField(allow_null=True)
    requested_by = serializers.CharField(source="requested_by.username")
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
