"""The JSON of claims."""

from typing import Any

from rest_framework import serializers


class ClaimInput(serializers.Serializer[Any]):
    claim = serializers.CharField(max_length=100, help_text="the code that a submission to a cluster got")


class OrderOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    key = serializers.CharField()
    session = serializers.CharField(help_text="with which the work is fetched and the result brought")
    work_sha256 = serializers.CharField()
    command = serializers.JSONField()
    secrets = serializers.JSONField()
    environment = serializers.JSONField()
