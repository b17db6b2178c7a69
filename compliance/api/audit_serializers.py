"""The JSON of the signed audit log. Hashes are base64, as in the checkpoints."""

import base64
from typing import Any

from rest_framework import serializers


class HashField(serializers.CharField):
    """32 bytes as base64."""

    def to_representation(self, value: Any) -> str:
        return base64.b64encode(bytes(value)).decode()


class CheckpointOutput(serializers.Serializer[Any]):
    size = serializers.IntegerField()
    root_hash = HashField(source="root")
    note = serializers.CharField(help_text="the signed text: C2SP tlog-checkpoint")
    created_at = serializers.DateTimeField()


class WitnessOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    size = serializers.IntegerField(help_text="the largest checkpoint that it has got")
    delivered_at = serializers.DateTimeField(allow_null=True)
    problem = serializers.CharField(allow_blank=True)
    problem_since = serializers.DateTimeField(allow_null=True)


class TroubleOutput(serializers.Serializer[Any]):
    key = serializers.CharField(help_text="`sequencer`, or `witness` and its name")
    said = serializers.CharField()
    since = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True, help_text="null while it lasts")
    closure = serializers.CharField(allow_blank=True, help_text="the dated fact that ended it")


class LogOutput(serializers.Serializer[Any]):
    origin = serializers.CharField(allow_blank=True)
    size = serializers.IntegerField()
    verifiers = serializers.ListField(
        child=serializers.CharField(),
        help_text="keys that signed, oldest first, in the form of C2SP signed-note",
    )
    latest = CheckpointOutput(allow_null=True)
    oldest_waiting_seconds = serializers.FloatField(
        help_text="age of the oldest event that has no place in the log yet; 0 when there is none"
    )
    witnesses = WitnessOutput(many=True, help_text="for operators and auditors; empty for others")
    troubles = TroubleOutput(
        many=True,
        help_text="what lasts, then what is over, of a sequencer or witness that is late; empty for others",
    )


class InclusionQuery(serializers.Serializer[Any]):
    size = serializers.IntegerField(
        min_value=1, max_value=2**62, required=False, help_text="of a checkpoint; default: the newest"
    )


class InclusionOutput(serializers.Serializer[Any]):
    index = serializers.IntegerField()
    leaf_hash = HashField()
    path = serializers.ListField(child=HashField())
    checkpoint = CheckpointOutput()


class ConsistencyQuery(serializers.Serializer[Any]):
    old = serializers.IntegerField(min_value=1, max_value=2**62)
    new = serializers.IntegerField(min_value=1, max_value=2**62)


class ConsistencyOutput(serializers.Serializer[Any]):
    old = serializers.IntegerField()
    new = serializers.IntegerField()
    old_root = HashField()
    new_root = HashField()
    path = serializers.ListField(child=HashField())


class ReceiptDetailOutput(serializers.Serializer[Any]):
    salt = serializers.CharField(help_text="hexadecimal")
    body = serializers.CharField(help_text="the payload holds SHA-256 over salt and body")


class ReceiptOutput(serializers.Serializer[Any]):
    format = serializers.CharField()
    origin = serializers.CharField()
    uuid = serializers.CharField()
    payload = serializers.CharField(help_text="canonical JSON (RFC 8785), exactly as hashed")
    detail = ReceiptDetailOutput(allow_null=True)
    index = serializers.IntegerField()
    size = serializers.IntegerField()
    path = serializers.ListField(child=serializers.CharField())
    checkpoint = serializers.CharField()


class BundleQuery(serializers.Serializer[Any]):
    details = serializers.BooleanField(
        default=True, help_text="with names, reasons and values, which may be personal data"
    )


class EraseInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=1000)
