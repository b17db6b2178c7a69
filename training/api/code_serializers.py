"""The JSON of code."""

from typing import Any

from rest_framework import serializers

from portal.api.paging import PageQuery

DIFF_CHARACTERS = 512 * 1024


class CodeQuery(PageQuery):
    workspace = serializers.CharField(required=False)


class CodeInput(serializers.Serializer[Any]):
    workspace = serializers.CharField()
    archive = serializers.FileField(help_text="a tar, tar.gz or zip of plain files")
    git_url = serializers.CharField(required=False, default="", allow_blank=True, max_length=1000)
    git_commit = serializers.RegexField(
        r"\A([0-9a-fA-F]{7,64})?\Z",
        required=False,
        default="",
        allow_blank=True,
        help_text="what it was made from",
    )
    diff = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=DIFF_CHARACTERS, trim_whitespace=False,
        help_text="how it differs from that commit",
    )  # fmt: skip


class CodeOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    workspace = serializers.CharField(source="workspace.name")
    source = serializers.CharField()  # type: ignore[assignment]
    digest = serializers.CharField()
    size_bytes = serializers.IntegerField()
    file_count = serializers.IntegerField()
    git_url = serializers.CharField()
    git_ref = serializers.CharField()
    git_commit = serializers.CharField()
    is_dirty = serializers.BooleanField()
    created_by = serializers.CharField(source="created_by.username", default=None, allow_null=True)
    created_at = serializers.DateTimeField()


class CodeDetailOutput(CodeOutput):
    diff = serializers.CharField()
