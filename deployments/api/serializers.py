"""The JSON of endpoints, revisions, traffic and roll-outs."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from deployments.facts import ENVIRONMENTS, LOCAL, STRATEGIES
from portal.api.paging import PageQuery
from registry.validation.names import MAX_NAME_LENGTH

REASON = 2000


class EndpointQuery(PageQuery):
    workspace = serializers.CharField(max_length=63, required=False)
    environment = serializers.ChoiceField(choices=ENVIRONMENTS, required=False)


class EndpointInput(serializers.Serializer[Any]):
    workspace = serializers.CharField(max_length=63)
    name = serializers.CharField(max_length=63)
    environment = serializers.ChoiceField(choices=ENVIRONMENTS)
    target = serializers.CharField(max_length=60, default=LOCAL)
    description = serializers.CharField(max_length=10_000, allow_blank=True, default="")
    settings = serializers.JSONField(default=dict, help_text="resources, limits, inference_log")


class EndpointChange(serializers.Serializer[Any]):
    description = serializers.CharField(max_length=10_000, allow_blank=True, required=False)
    settings = serializers.JSONField(required=False)


class ShareOutput(serializers.Serializer[Any]):
    revision = serializers.IntegerField(source="number")
    model = serializers.CharField()
    version = serializers.IntegerField()
    role = serializers.CharField()
    percent = serializers.IntegerField()
    since = serializers.DateTimeField(source="valid_from")


class EndpointOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    workspace = serializers.CharField(source="workspace.name")
    name = serializers.CharField()
    environment = serializers.CharField()
    target = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    settings = serializers.JSONField()
    is_stopped = serializers.BooleanField()
    stop_reason = serializers.CharField(allow_blank=True)
    stopped_at = serializers.DateTimeField(allow_null=True)
    traffic = ShareOutput(many=True, source="current")
    invocations_url = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()

    def get_invocations_url(self, endpoint: Any) -> str:
        return f"{settings.SERVING_URL.rstrip('/')}/endpoints/{endpoint.name}/invocations"


class GuardsInput(serializers.Serializer[Any]):
    """What takes a roll-out back by itself."""

    max_error_rate = serializers.FloatField(required=False)
    max_p95_ms = serializers.FloatField(required=False)
    min_requests = serializers.IntegerField(required=False)
    window_seconds = serializers.IntegerField(required=False)
    on_drift = serializers.BooleanField(required=False)


class StepInput(serializers.Serializer[Any]):
    percent = serializers.IntegerField()
    seconds = serializers.IntegerField(default=0)


class RolloutInput(serializers.Serializer[Any]):
    strategy = serializers.ChoiceField(choices=STRATEGIES, required=False)
    steps = StepInput(many=True, required=False)
    guards = GuardsInput(required=False)


class RevisionInput(serializers.Serializer[Any]):
    model = serializers.CharField(max_length=MAX_NAME_LENGTH)
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    rollout = RolloutInput(default=dict)
    reason = serializers.CharField(max_length=REASON, allow_blank=True, default="")


class GateQuery(serializers.Serializer[Any]):
    model = serializers.CharField(max_length=MAX_NAME_LENGTH)
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)


class DeploymentCheckOutput(serializers.Serializer[Any]):
    policy = serializers.CharField()
    rule = serializers.CharField()
    title = serializers.CharField(allow_blank=True)
    holds = serializers.BooleanField()
    message = serializers.CharField(allow_blank=True)


class GateOutput(serializers.Serializer[Any]):
    """What the gate would say to this deployment now."""

    allows = serializers.BooleanField(help_text="whether the deployment would be made at once")
    passed = serializers.BooleanField(help_text="whether all rules hold")
    needed = serializers.ListField(child=serializers.DictField())
    checks = DeploymentCheckOutput(many=True)


class RevisionOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    endpoint = serializers.CharField(source="endpoint.name")
    number = serializers.IntegerField()
    model = serializers.CharField(source="version.model.name")
    version = serializers.IntegerField(source="version.version")
    digest = serializers.CharField()
    approval = serializers.UUIDField(source="approval_id", allow_null=True)
    reason = serializers.CharField(allow_blank=True)
    made_by = serializers.CharField(source="made_by_name")
    created_at = serializers.DateTimeField()
    desired_state = serializers.CharField()
    observed_state = serializers.CharField()
    observed_detail = serializers.CharField(allow_blank=True)
    observed_at = serializers.DateTimeField(allow_null=True)
    ready_at = serializers.DateTimeField(allow_null=True)
    stopped_at = serializers.DateTimeField(allow_null=True)


class RolloutOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    revision = serializers.IntegerField(source="revision.number")
    strategy = serializers.CharField()
    steps = serializers.JSONField()
    guards = serializers.JSONField()
    before = serializers.JSONField()
    state = serializers.CharField()
    step = serializers.IntegerField()
    step_began_at = serializers.DateTimeField(allow_null=True)
    outcome = serializers.CharField(allow_blank=True)
    started_by = serializers.CharField(source="started_by_name")
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class TrafficOutput(ShareOutput):
    until = serializers.DateTimeField(source="valid_to", allow_null=True)
    moved_by = serializers.CharField(source="moved_by_name")
    reason = serializers.CharField(allow_blank=True)


class RollbackInput(serializers.Serializer[Any]):
    revision = serializers.IntegerField(
        min_value=1,
        max_value=2**31 - 1,
        required=False,
        help_text="default: the last one that may serve again",
    )
    reason = serializers.CharField(max_length=REASON)


class EndpointReasonInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=REASON)


class ReasonOrNoneInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=REASON, allow_blank=True, default="")


class DrillOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    started_at = serializers.DateTimeField()
    confirmed_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    gateways = serializers.IntegerField()
    outcome = serializers.CharField(allow_blank=True)
    started_by = serializers.CharField(source="started_by_name")
