"""The JSON of evidence, keys and jobs at the gate."""

from typing import Any

from rest_framework import serializers

from compliance.evidence_kinds import OUTCOMES, STATED
from portal.api.paging import PageQuery


class AnyJson(serializers.Serializer[Any]):
    """A document of another shape; see its own schema."""


class EvidenceQuery(PageQuery):
    kind = serializers.CharField(max_length=40, required=False)


class StatementInput(serializers.Serializer[Any]):
    kind = serializers.CharField(max_length=40, help_text=f"one of {', '.join(sorted(STATED))}")
    outcome = serializers.ChoiceField(choices=OUTCOMES)
    summary = serializers.CharField(max_length=1000)
    body = serializers.DictField(child=serializers.JSONField(allow_null=True), default=dict)
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class EvidenceOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    subject_type = serializers.CharField()
    subject_id = serializers.CharField()
    subject = serializers.CharField(source="subject_label")
    subject_digest = serializers.CharField(allow_blank=True)
    kind = serializers.CharField()
    outcome = serializers.ChoiceField(choices=OUTCOMES)
    summary = serializers.CharField(allow_blank=True)
    body = serializers.DictField(child=serializers.JSONField(allow_null=True))
    digest = serializers.CharField(
        help_text="SHA-256 over the canonical JSON of kind, outcome, summary and body"
    )
    source = serializers.CharField()  # type: ignore[assignment]
    actor = serializers.CharField()
    recorded_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)


class LookInput(serializers.Serializer[Any]):
    """Nothing to say: the files are looked at as they are."""


class LookOutput(serializers.Serializer[Any]):
    job = serializers.UUIDField(source="id")
    kind = serializers.CharField()
    state = serializers.CharField()


class KeyOutput(serializers.Serializer[Any]):
    fingerprint = serializers.CharField(help_text="SHA-256 of the DER form")
    algorithm = serializers.CharField()
    is_current = serializers.BooleanField()
    pem = serializers.CharField()


class KeysOutput(serializers.Serializer[Any]):
    items = KeyOutput(many=True)
