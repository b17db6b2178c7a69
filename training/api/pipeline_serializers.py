"""The JSON of pipelines."""

from typing import Any

from rest_framework import serializers

from portal.api.paging import PageQuery
from training.models.pipelines import RUN_STATES
from training.services.pipeline_starts import TRIGGER_KINDS


class PipelineQuery(PageQuery):
    workspace = serializers.CharField(required=False)


class PipelineRunQuery(PipelineQuery):
    state = serializers.ChoiceField(RUN_STATES, required=False)


class PipelineInput(serializers.Serializer[Any]):
    workspace = serializers.CharField()
    name = serializers.CharField(max_length=120)
    document = serializers.JSONField(
        help_text="the graph, as the schema under /api/v1/pipeline-schema says; an object, or its YAML as a string"
    )


class PipelineRunInput(serializers.Serializer[Any]):
    parameters = serializers.JSONField(required=False, default=dict)
    version = serializers.IntegerField(required=False, min_value=1, help_text="without it, the newest")
    is_cached = serializers.BooleanField(
        required=False,
        default=True,
        help_text="whether earlier trainings that did the same may stand for steps",
    )


class ScheduleInput(serializers.Serializer[Any]):
    version = serializers.IntegerField(required=False, min_value=1, help_text="without it, the newest")
    cron = serializers.CharField(max_length=120)
    time_zone = serializers.CharField(max_length=60, default="UTC")
    parameters = serializers.JSONField(required=False, default=dict)
    missed = serializers.ChoiceField(("skip", "once"), default="skip")
    overlaps = serializers.BooleanField(default=False)


class TriggerInput(serializers.Serializer[Any]):
    version = serializers.IntegerField(required=False, min_value=1, help_text="without it, the newest")
    kind = serializers.ChoiceField(TRIGGER_KINDS)
    subject = serializers.CharField(
        max_length=500, help_text="a dataset, model@alias, or the name of an alert"
    )
    parameters = serializers.JSONField(required=False, default=dict)


class PauseInput(serializers.Serializer[Any]):
    is_paused = serializers.BooleanField()


class PipelineOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    workspace = serializers.CharField(source="workspace_name")
    name = serializers.CharField()
    newest_version = serializers.IntegerField(source="newest_number", allow_null=True)
    last_run = serializers.UUIDField(allow_null=True)
    last_state = serializers.CharField(allow_null=True)
    created_by = serializers.CharField(source="created_by.username")
    created_at = serializers.DateTimeField()


class PipelineVersionOutput(serializers.Serializer[Any]):
    pipeline = serializers.UUIDField(source="pipeline_id")
    number = serializers.IntegerField()
    digest = serializers.CharField()
    document = serializers.JSONField()
    created_by = serializers.CharField(source="created_by.username")
    created_at = serializers.DateTimeField()


class StepOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    item = serializers.IntegerField(help_text="-1 where the step does not fan out")
    value = serializers.JSONField(allow_null=True)
    state = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    training = serializers.UUIDField(source="training_id", allow_null=True)
    tries = serializers.IntegerField()
    ended_at = serializers.DateTimeField(allow_null=True)


class PipelineRunOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    workspace = serializers.CharField(source="workspace_name")
    pipeline = serializers.UUIDField(source="version.pipeline_id")
    name = serializers.CharField(source="version.pipeline.name")
    version = serializers.IntegerField(source="version.number")
    state = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    parameters = serializers.JSONField()
    is_cached = serializers.BooleanField()
    is_cancelling = serializers.BooleanField()
    cause = serializers.CharField()
    requested_by = serializers.CharField(source="requested_by.username")
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class AnyPipelineRunOutput(PipelineRunOutput):
    """The same in the list over all pipelines."""


class PipelineRunDetailOutput(PipelineRunOutput):
    steps = StepOutput(many=True, source="steps.all")


class _StartOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    pipeline = serializers.UUIDField(source="pipeline_id")
    version = serializers.IntegerField(source="version.number")
    parameters = serializers.JSONField()
    is_paused = serializers.BooleanField()
    note = serializers.CharField(allow_blank=True)
    created_by = serializers.CharField(source="created_by.username")
    created_at = serializers.DateTimeField()


class ScheduleOutput(_StartOutput):
    cron = serializers.CharField()
    time_zone = serializers.CharField()
    missed = serializers.CharField()
    overlaps = serializers.BooleanField()
    next_at = serializers.DateTimeField()


class TriggerOutput(_StartOutput):
    kind = serializers.CharField()
    subject = serializers.CharField()
