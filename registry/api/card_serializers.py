"""The JSON of model cards."""

from typing import Any

from rest_framework import serializers


class CardInput(serializers.Serializer[Any]):
    content = serializers.JSONField(help_text="see /api/v1/model-card-schema")
    shape = serializers.ChoiceField(
        choices=["card", "sagemaker"], default="card", help_text="sagemaker: own sections stay as they are"
    )
    reason = serializers.CharField(max_length=1000, allow_blank=True, default="")


class CardOutput(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="0: nobody has saved it; If-Match of an edit names it")
    digest = serializers.CharField(allow_blank=True)
    content = serializers.DictField(child=serializers.JSONField(allow_null=True))
    sections = serializers.DictField(child=serializers.BooleanField(), help_text="which say something")


class CardStateOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    number = serializers.IntegerField()
    digest = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    created_by = serializers.CharField(source="created_by.username", default=None, allow_null=True)
    created_at = serializers.DateTimeField()


class CardStateDetail(CardStateOutput):
    content = serializers.DictField(child=serializers.JSONField(allow_null=True))


class DifferencesQuery(serializers.Serializer[Any]):
    before = serializers.IntegerField(min_value=1)
    after = serializers.IntegerField(min_value=1)


class DifferenceOutput(serializers.Serializer[Any]):
    path = serializers.CharField()
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)


class DifferencesOutput(serializers.Serializer[Any]):
    items = DifferenceOutput(many=True)
