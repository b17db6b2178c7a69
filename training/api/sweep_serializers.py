"""The JSON of sweeps."""

from typing import Any

from rest_framework import serializers

from portal.api.paging import PageQuery
from training.sweeps.facts import SWEEP_STATES


class SweepQuery(PageQuery):
    workspace = serializers.CharField(required=False)
    state = serializers.ChoiceField(SWEEP_STATES, required=False)


class SweepInput(serializers.Serializer[Any]):
    workspace = serializers.CharField()
    spec = serializers.JSONField(help_text="training, space, objectives, …, as /api/v1/sweep-schema says")


class StopInput(serializers.Serializer[Any]):
    reason = serializers.CharField(required=False, allow_blank=True, max_length=500)


class RegistrationInput(serializers.Serializer[Any]):
    model = serializers.CharField(max_length=256, help_text="name of the model; made when there is none")
    trial = serializers.IntegerField(
        min_value=0, max_value=1_000_000, required=False, help_text="without it the best one"
    )


class SweepTrialOutput(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    state = serializers.CharField()
    params = serializers.JSONField()
    values = serializers.ListField(child=serializers.FloatField())
    pruned_step = serializers.IntegerField(allow_null=True)
    seconds = serializers.FloatField()
    reason = serializers.CharField(allow_blank=True)
    training = serializers.UUIDField(source="training_id")
    run_id = serializers.UUIDField(source="training.run_id", format="hex", default=None, allow_null=True)
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class BestTrialOutput(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    params = serializers.JSONField()
    values = serializers.ListField(child=serializers.FloatField())


class SweepOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    workspace = serializers.CharField(source="workspace_name")
    name = serializers.CharField()
    experiment = serializers.CharField(source="experiment.name")
    state = serializers.CharField()
    ended_by = serializers.CharField(allow_blank=True)
    reason = serializers.CharField(allow_blank=True)
    best = BestTrialOutput(allow_null=True)
    parent_run_id = serializers.UUIDField(format="hex")
    requested_by = serializers.CharField(source="requested_by.username")
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class SweepDetailOutput(SweepOutput):
    spec = serializers.JSONField()
    spec_digest = serializers.CharField()
    price_per_hour = serializers.FloatField()
    trials = serializers.DictField(child=serializers.IntegerField(), source="trial_counts")
    seconds = serializers.FloatField(source="trial_seconds", help_text="of all trials together")
    cost = serializers.FloatField(source="trial_cost")
    importance = serializers.JSONField(help_text="for each objective the share of each parameter")
    importance_trials = serializers.IntegerField()
