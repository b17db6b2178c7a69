"""The JSON of reports and their versions."""

from typing import Any

from rest_framework import serializers

from experiments.models.reports import BODY_LENGTH, TITLE_LENGTH
from portal.api.paging import PageQuery


class RunsReportQuery(PageQuery):
    workspace = serializers.CharField(max_length=63, required=False)
    is_deleted = serializers.BooleanField(default=False)


class ReportWriteInput(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=TITLE_LENGTH)
    body = serializers.CharField(max_length=BODY_LENGTH, allow_blank=True, default="", trim_whitespace=False)
    expected_number = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=2**31 - 1,
        help_text="the version that this one builds on; another newest one is a conflict",
    )  # fmt: skip


class RunsReportInput(serializers.Serializer[Any]):
    workspace = serializers.CharField(max_length=63)
    title = serializers.CharField(max_length=TITLE_LENGTH)
    body = serializers.CharField(
        max_length=BODY_LENGTH, allow_blank=True, default="", trim_whitespace=False,
        help_text="Markdown; a block ```runs holds the address of a comparison",
    )  # fmt: skip


class ReportRestoreInput(serializers.Serializer[Any]):
    number = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, help_text="the version that comes back"
    )
    expected_number = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=2**31 - 1
    )


class RunsReportOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    workspace = serializers.CharField(source="workspace.name")
    title = serializers.CharField()
    number = serializers.IntegerField(help_text="of the newest version")
    is_deleted = serializers.SerializerMethodField()
    created_by = serializers.CharField(source="created_by.username", default=None, allow_null=True)
    created_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()

    def get_is_deleted(self, row: Any) -> bool:
        return not row.is_active


class RunsReportVersionOutput(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    title = serializers.CharField()
    body = serializers.CharField(allow_blank=True)
    written_by = serializers.CharField(source="written_by.username", default=None, allow_null=True)
    written_at = serializers.DateTimeField()
