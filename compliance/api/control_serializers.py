"""The JSON of the control catalogue, and of what answers it for a system."""

from typing import Any

from rest_framework import serializers

from compliance.evidence_kinds import OUTCOMES


class ControlStatementInput(serializers.Serializer[Any]):
    summary = serializers.CharField(max_length=1000, help_text="what you state for this control")
    outcome = serializers.ChoiceField(choices=OUTCOMES, default="pass")
    reference = serializers.CharField(
        max_length=1000, allow_blank=True, default="", help_text="where to read on"
    )


class StatementOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    outcome = serializers.CharField()
    summary = serializers.CharField()
    digest = serializers.CharField()
    body = serializers.DictField(child=serializers.JSONField())
    recorded_at = serializers.DateTimeField()


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
