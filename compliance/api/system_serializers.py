"""The JSON of AI systems."""

from typing import Any

from rest_framework import serializers

from compliance.services.ai_systems import GRAVITY, ROLES
from portal.api.paging import PageQuery


class SystemQuery(PageQuery):
    workspace = serializers.CharField(max_length=63, required=False)
    risk_tier = serializers.ChoiceField(choices=GRAVITY, required=False)
    is_retired = serializers.BooleanField(default=False)


class SystemInput(serializers.Serializer[Any]):
    workspace = serializers.CharField(max_length=63)
    name = serializers.CharField(max_length=200)
    intended_purpose = serializers.CharField(max_length=20_000)
    owner = serializers.CharField(max_length=150, help_text="username of a member of the workspace")
    role = serializers.ChoiceField(choices=ROLES)
    description = serializers.CharField(max_length=20_000, allow_blank=True, default="")
    risk_tier = serializers.ChoiceField(choices=GRAVITY, default="unclassified")
    risk_rationale = serializers.CharField(max_length=20_000, allow_blank=True, default="")
    details = serializers.DictField(child=serializers.JSONField(), default=dict)


class SystemChange(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=200, required=False)
    intended_purpose = serializers.CharField(max_length=20_000, required=False)
    owner = serializers.CharField(max_length=150, required=False)
    role = serializers.ChoiceField(choices=ROLES, required=False)
    description = serializers.CharField(max_length=20_000, allow_blank=True, required=False)
    risk_tier = serializers.ChoiceField(choices=GRAVITY, required=False)
    risk_rationale = serializers.CharField(max_length=20_000, allow_blank=True, required=False)
    details = serializers.DictField(
        child=serializers.JSONField(), required=False, help_text="only those to be set"
    )
    reason = serializers.CharField(max_length=1000, allow_blank=True, default="")


class ReclassifyInput(serializers.Serializer[Any]):
    risk_tier = serializers.ChoiceField(choices=GRAVITY)
    risk_rationale = serializers.CharField(max_length=20_000)


class RetireInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=1000, allow_blank=True, default="")


class SystemOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    workspace = serializers.CharField(source="workspace.name")
    name = serializers.CharField()
    intended_purpose = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    owner = serializers.CharField(source="owner.username")
    role = serializers.ChoiceField(choices=ROLES)
    risk_tier = serializers.ChoiceField(choices=GRAVITY)
    risk_rationale = serializers.CharField(allow_blank=True)
    details = serializers.DictField(child=serializers.JSONField())
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    retired_at = serializers.DateTimeField(allow_null=True)
