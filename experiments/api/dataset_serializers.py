"""The JSON of datasets and their versions."""

from typing import Any

from rest_framework import serializers

from experiments.models.dataset_versions import CLASSIFICATIONS, SPLIT_ROLES
from portal.api.paging import PageQuery


class DatasetQuery(PageQuery):
    workspace = serializers.CharField(max_length=63, required=False)


class DatasetOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    workspace = serializers.CharField(source="workspace.name")
    name = serializers.CharField()
    newest_version = serializers.IntegerField(source="newest_number", allow_null=True)
    newest_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class DatasetVersionInput(serializers.Serializer[Any]):
    """Files as multipart/form-data, or a `source_uri` with its `digest`."""

    files = serializers.FileField(
        required=False, help_text="one part for each file, its name a relative path"
    )
    source_uri = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    digest = serializers.RegexField(
        "^[0-9a-f]{64}$", required=False,
        help_text="SHA-256; of files it is that of the manifest, and anything else is refused",
    )  # fmt: skip
    mlflow_digest = serializers.CharField(max_length=36, required=False, allow_blank=True)
    size_bytes = serializers.IntegerField(min_value=0, max_value=2**53, required=False)
    row_count = serializers.IntegerField(min_value=0, max_value=2**53, required=False)
    schema = serializers.JSONField(required=False, help_text="[{name, type, nullable}]")
    role = serializers.ChoiceField(SPLIT_ROLES, required=False, allow_blank=True)
    classification = serializers.ChoiceField(CLASSIFICATIONS, required=False, allow_blank=True)
    licence = serializers.CharField(max_length=200, required=False, allow_blank=True)
    description = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    datasheet = serializers.CharField(
        max_length=200_000, required=False, allow_blank=True, trim_whitespace=False
    )


class DatasetVersionOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    workspace = serializers.CharField(source="workspace.name")
    dataset = serializers.CharField(source="asset.name")
    version = serializers.IntegerField(source="number")
    digest = serializers.CharField()
    mlflow_digest = serializers.CharField(allow_blank=True)
    logged_digest = serializers.CharField(
        help_text="under which trainings of the portal log it in their runs"
    )
    source_uri = serializers.CharField(allow_blank=True)
    is_held = serializers.BooleanField(help_text="whether the portal holds the files")
    size_bytes = serializers.IntegerField(allow_null=True)
    row_count = serializers.IntegerField(allow_null=True)
    role = serializers.CharField(allow_blank=True)
    classification = serializers.CharField(allow_blank=True)
    licence = serializers.CharField(allow_blank=True)
    description = serializers.CharField(allow_blank=True)
    made_by_run = serializers.CharField(source="made_by_run.pk.hex", default=None, allow_null=True)
    made_by_training = serializers.UUIDField(allow_null=True)
    created_by = serializers.CharField(source="created_by.username", default=None, allow_null=True)
    created_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)
    problem = serializers.CharField(allow_blank=True)


class DatasetFileOutput(serializers.Serializer[Any]):
    path = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()


class ColumnOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    type = serializers.CharField()
    nullable = serializers.BooleanField()


class DatasetVersionDetailOutput(DatasetVersionOutput):
    files = DatasetFileOutput(many=True, source="manifest")
    schema = ColumnOutput(many=True, allow_null=True)
    datasheet = serializers.CharField(allow_blank=True)


class ComparisonQuery(serializers.Serializer[Any]):
    with_version = serializers.IntegerField(min_value=1, help_text="another version of the same dataset")


class ColumnChangeOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    before = ColumnOutput()
    after = ColumnOutput()


class ComparisonOutput(serializers.Serializer[Any]):
    """What became of the columns from this version to the other."""

    is_same = serializers.BooleanField()
    added = ColumnOutput(many=True)
    removed = ColumnOutput(many=True)
    changed = ColumnChangeOutput(many=True)
    is_reordered = serializers.BooleanField()
