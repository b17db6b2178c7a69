"""The JSON of trainings."""

from typing import Any

from rest_framework import serializers

from jobs.models import STATES
from portal.api.paging import PageQuery


class TrainingQuery(PageQuery):
    workspace = serializers.CharField(required=False)
    state = serializers.ChoiceField(STATES, required=False)
    experiment = serializers.CharField(required=False)


class TrainingInput(serializers.Serializer[Any]):
    workspace = serializers.CharField()
    spec = serializers.JSONField(help_text="what is run, as the schema under /api/v1/training-schema says")


class CloneInput(serializers.Serializer[Any]):
    changes = serializers.JSONField(
        required=False,
        default=dict,
        help_text="a merge patch (RFC 7396) of the specification; empty to run it again",
    )


class TrainingOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    workspace = serializers.CharField(source="workspace_name")
    name = serializers.CharField()
    purpose = serializers.CharField()
    experiment = serializers.CharField(source="experiment.name")
    executor = serializers.CharField()
    state = serializers.CharField(source="job.state")
    reason = serializers.CharField(source="job.reason", allow_blank=True)
    job = serializers.UUIDField(source="job_id")
    run_id = serializers.CharField(source="run.pk.hex", default=None, allow_null=True)
    code = serializers.UUIDField(source="code_id", allow_null=True)
    environment_digest = serializers.CharField(source="environment.digest", default=None, allow_null=True)
    requested_by = serializers.CharField(source="requested_by.username")
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(source="job.started_at", allow_null=True)
    finished_at = serializers.DateTimeField(source="job.finished_at", allow_null=True)


class TrainingDetailOutput(TrainingOutput):
    spec = serializers.JSONField()
    spec_digest = serializers.CharField()
    seen = serializers.JSONField()
    cloned_from = serializers.UUIDField(source="cloned_from_id", allow_null=True)
