"""The JSON of what AI systems use, and of the past of an alias."""

from typing import Any

from rest_framework import serializers

from portal.api.paging import PageQuery


class LinkQuery(PageQuery):
    is_current = serializers.BooleanField(default=True, help_text="false: also what it used once")


class LinkInput(serializers.Serializer[Any]):
    model = serializers.CharField(
        max_length=256, help_text="name of a registered model of the same workspace"
    )
    alias = serializers.CharField(max_length=255, required=False)
    version = serializers.IntegerField(min_value=1, required=False)


class LinkOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    system = serializers.UUIDField(source="system_id")
    model = serializers.CharField(source="model.name")
    alias = serializers.CharField(allow_blank=True)
    version = serializers.IntegerField(source="version.version", default=None, allow_null=True)
    valid_from = serializers.DateTimeField()
    valid_to = serializers.DateTimeField(allow_null=True)
