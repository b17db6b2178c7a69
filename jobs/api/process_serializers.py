"""The JSON of what processes of jobs leave, and of secrets, whose values only come in."""

import math
from typing import Any

from rest_framework import serializers

from jobs.models import STATES
from jobs.process.bars import NAME_LENGTH
from jobs.process.selectors import LOG_PART_BYTES
from portal.api.paging import PageQuery

_LARGEST = 1e15


class LogQuery(serializers.Serializer[Any]):
    """A negative `offset` counts from the end; `follow` keeps the answer open, `download` gives all of it."""

    attempt = serializers.IntegerField(min_value=1, max_value=1_000_000, required=False)
    offset = serializers.IntegerField(min_value=-(2**53), max_value=2**53, default=0)
    limit = serializers.IntegerField(min_value=1, max_value=4 * 1024 * 1024, default=LOG_PART_BYTES)
    follow = serializers.BooleanField(default=False)
    download = serializers.BooleanField(default=False)


class AttemptOutput(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    owner = serializers.CharField()
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    exit_code = serializers.IntegerField(allow_null=True)
    exit_signal = serializers.IntegerField(allow_null=True)
    cause = serializers.CharField(allow_blank=True)
    tail = serializers.CharField(allow_blank=True)
    peak_memory_bytes = serializers.IntegerField(allow_null=True)
    log_bytes = serializers.IntegerField()
    note = serializers.CharField(allow_blank=True)


class AttemptsOutput(serializers.Serializer[Any]):
    items = AttemptOutput(many=True)


class ProgressInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=NAME_LENGTH, default="progress")
    done = serializers.FloatField(min_value=0, max_value=_LARGEST)
    total = serializers.FloatField(min_value=0, max_value=_LARGEST, required=False, allow_null=True)
    unit = serializers.CharField(max_length=20, allow_blank=True, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if any(isinstance(value, float) and not math.isfinite(value) for value in attrs.values()):
            raise serializers.ValidationError("done and total must be finite numbers.")
        return attrs | {"total": attrs.get("total") or None}


class ProgressOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    done = serializers.FloatField()
    total = serializers.FloatField(allow_null=True)
    unit = serializers.CharField(allow_blank=True)
    fraction = serializers.FloatField(allow_null=True)
    eta_seconds = serializers.FloatField(allow_null=True)
    updated_at = serializers.DateTimeField()


class ProgressListOutput(serializers.Serializer[Any]):
    items = ProgressOutput(many=True)
    job_state = serializers.ChoiceField(choices=STATES)


class SecretQuery(PageQuery):
    """Nothing but the page."""


class SecretInput(serializers.Serializer[Any]):
    """A short value would be found, and masked, all over a log."""

    value = serializers.CharField(min_length=8, max_length=16_384, trim_whitespace=False, write_only=True)


class SecretOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    set_at = serializers.DateTimeField()
    set_by = serializers.CharField(source="set_by.username", allow_null=True, default=None)
