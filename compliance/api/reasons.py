"""Bodies that hold a reason and nothing else."""

from typing import Any

from rest_framework import serializers


class ReasonInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=2000)


class PossibleReasonInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=2000, allow_blank=True, default="")
