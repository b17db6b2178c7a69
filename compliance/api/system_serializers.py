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


class ControlQuery(serializers.Serializer[Any]):
    framework = serializers.CharField(max_length=40, required=False)


class EvidenceItemOutput(serializers.Serializer[Any]):
    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    at = serializers.DateTimeField(allow_null=True)
    digest = serializers.CharField(allow_blank=True)
    outcome = serializers.CharField()
    url = serializers.CharField(allow_blank=True)
    audit_event = serializers.UUIDField(allow_null=True)
    state = serializers.CharField(help_text="fresh, stale or failed")


class NeedOutput(serializers.Serializer[Any]):
    kind = serializers.CharField()
    title = serializers.CharField()
    is_required = serializers.BooleanField()
    state = serializers.CharField(help_text="fresh, stale, failed, missing or not recorded here")
    fresh_days = serializers.IntegerField(allow_null=True)
    who = serializers.CharField(help_text="who must act", allow_blank=True)
    what = serializers.CharField(help_text="what they must do", allow_blank=True)
    items = EvidenceItemOutput(many=True)
    count = serializers.IntegerField()


class ControlOutput(serializers.Serializer[Any]):
    id = serializers.CharField()
    framework = serializers.CharField()
    ref = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    auto = serializers.CharField()
    checked = serializers.CharField(help_text="how the entry of the catalogue was checked: text, sec or know")
    note = serializers.CharField(allow_blank=True)
    superseded_by = serializers.CharField(allow_blank=True)


class AnsweredControlOutput(ControlOutput):
    state = serializers.CharField(help_text="evidence complete, evidence incomplete or no evidence")
    needs = NeedOutput(many=True)


class CatalogueOutput(serializers.Serializer[Any]):
    schema = serializers.CharField()
    digest = serializers.CharField()
    caveats = serializers.ListField(child=serializers.CharField())
    frameworks = serializers.DictField(child=serializers.IntegerField())
    evidence_kinds = serializers.DictField(child=serializers.CharField())
    checked_marks = serializers.DictField(child=serializers.CharField())
    controls = ControlOutput(many=True)


class SystemCoverageOutput(serializers.Serializer[Any]):
    system = serializers.UUIDField()
    framework = serializers.CharField(allow_blank=True)
    as_of = serializers.DateTimeField()
    schema = serializers.CharField()
    catalogue_digest = serializers.CharField()
    counts = serializers.DictField(child=serializers.IntegerField())
    statement = serializers.CharField()
    controls = AnsweredControlOutput(many=True)
