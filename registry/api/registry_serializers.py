"""The JSON of registered models, versions and aliases."""

from typing import Any

from rest_framework import serializers

from portal.api.paging import PageQuery
from registry.models.registered_model import STAGES, VERSION_STATUSES
from registry.validation.names import MAX_ALIAS_LENGTH, MAX_DESCRIPTION_LENGTH, MAX_NAME_LENGTH
from registry.validation.sources import MAX_SOURCE_LENGTH


class Placed(serializers.Serializer[Any]):
    """Which workspace's model is meant, where you see several of one name."""

    workspace = serializers.CharField(max_length=63, required=False)


class ModelQuery(PageQuery):
    workspace = serializers.CharField(max_length=63, required=False)
    prompts = serializers.BooleanField(default=False, help_text="prompts instead of models")


class VersionQuery(PageQuery):
    workspace = serializers.CharField(max_length=63, required=False)


class TagsField(serializers.DictField):
    """Tags by key."""

    child = serializers.CharField(allow_blank=True, trim_whitespace=False)


class ModelInput(serializers.Serializer[Any]):
    workspace = serializers.CharField(max_length=63)
    name = serializers.CharField(max_length=MAX_NAME_LENGTH, trim_whitespace=False)
    description = serializers.CharField(max_length=MAX_DESCRIPTION_LENGTH, allow_blank=True, default="")
    tags = TagsField(default=dict)


class DescriptionChange(serializers.Serializer[Any]):
    description = serializers.CharField(max_length=MAX_DESCRIPTION_LENGTH, allow_blank=True)


class ModelOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    workspace = serializers.CharField(source="workspace.name")
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    is_prompt = serializers.BooleanField()
    last_version = serializers.IntegerField()
    tags = serializers.SerializerMethodField()
    creation_timestamp = serializers.IntegerField()
    last_updated_timestamp = serializers.IntegerField()

    def get_tags(self, model: Any) -> dict[str, str]:
        return {tag.key: tag.value for tag in model.tags.all()}


class VersionInput(serializers.Serializer[Any]):
    source = serializers.CharField(  # type: ignore[assignment] # a field's own
        max_length=MAX_SOURCE_LENGTH, help_text="runs:/<run>/<path>, models:/<id>, models:/<name>/<version>"
    )
    run_id = serializers.CharField(max_length=32, required=False)
    model_id = serializers.CharField(max_length=34, required=False)
    description = serializers.CharField(max_length=MAX_DESCRIPTION_LENGTH, allow_blank=True, default="")
    tags = TagsField(default=dict)


class FileOutput(serializers.Serializer[Any]):
    path = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()


class VersionOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    workspace = serializers.CharField(source="workspace.name")
    model = serializers.CharField(source="model.name")
    version = serializers.IntegerField()
    description = serializers.CharField(allow_blank=True)
    status = serializers.ChoiceField(choices=VERSION_STATUSES)
    status_message = serializers.CharField(allow_blank=True)
    current_stage = serializers.ChoiceField(choices=STAGES)
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment] # a field's own
    run_id = serializers.UUIDField(format="hex", allow_null=True)
    model_id = serializers.CharField(source="logged_model_id", allow_null=True)
    digest = serializers.CharField(allow_blank=True)
    registered_by = serializers.CharField(source="user_name", allow_blank=True)
    tags = serializers.SerializerMethodField()
    creation_timestamp = serializers.IntegerField()
    last_updated_timestamp = serializers.IntegerField()
    ready_at = serializers.DateTimeField(allow_null=True)

    def get_tags(self, version: Any) -> dict[str, str]:
        return {tag.key: tag.value for tag in version.tags.all()}


class VersionDetailOutput(VersionOutput):
    manifest = FileOutput(many=True, allow_null=True)


class AliasInput(serializers.Serializer[Any]):
    version = serializers.IntegerField(min_value=1)
    reason = serializers.CharField(max_length=2000, allow_blank=True, default="")


class AliasOutput(serializers.Serializer[Any]):
    alias = serializers.CharField(source="name", max_length=MAX_ALIAS_LENGTH)
    version = serializers.IntegerField(source="version.version")
    digest = serializers.CharField(source="version.digest", allow_blank=True)
    valid_from = serializers.DateTimeField()
    valid_to = serializers.DateTimeField(allow_null=True)
    approval = serializers.UUIDField(source="approval_id", allow_null=True)
    moved_by = serializers.CharField(source="moved_by_name", allow_blank=True)
    reason = serializers.CharField(allow_blank=True)


class AliasIntervalOutput(AliasOutput):
    """One interval of an alias, past or present."""


class JobAskedOutput(serializers.Serializer[Any]):
    job = serializers.UUIDField(source="id")
    kind = serializers.CharField()
    state = serializers.CharField()
