"""The JSON of imports."""

from typing import Any

from rest_framework import serializers

from portal.api.paging import PageQuery
from transfer.services.requests import ARCHIVES

__all__ = ["ArchiveImportInput", "ImportInput", "ImportOutput", "PageQuery"]
_ONE_EXPERIMENT = "only this one; without it, all"


class ImportInput(serializers.Serializer[Any]):
    """A tracking server to read."""

    uri = serializers.CharField(
        max_length=400, help_text="https:// and the host of an MLflow tracking server"
    )
    experiment = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=500, help_text=_ONE_EXPERIMENT
    )
    username = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)
    secret = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=100,
        help_text="the name of a secret of the workspace: a token, or the password of the user name",
    )  # fmt: skip
    merge = serializers.BooleanField(
        default=False, help_text="add runs to experiments of the same name made here"
    )
    with_files = serializers.BooleanField(default=True)
    with_registry = serializers.BooleanField(default=True)


class ArchiveImportInput(serializers.Serializer[Any]):
    """An archive with folders of another tracker."""

    kind = serializers.ChoiceField(choices=ARCHIVES)
    experiment = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=500,
        help_text="the experiment that runs of TensorBoard and W&B come into",
    )  # fmt: skip
    origin = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=200,
        help_text="the name of the source, by which a repeat knows it; else the file's name",
    )  # fmt: skip
    merge = serializers.BooleanField(default=False)
    with_files = serializers.BooleanField(default=True)
    archive = serializers.FileField(help_text="a tar, tar.gz or zip file")


class ImportOutput(serializers.Serializer[Any]):
    """An import: the job that does it, and when it has ended its report."""

    id = serializers.UUIDField(help_text="of the job, which /api/v1/jobs cancels")
    workspace = serializers.CharField(source="workspace.name")
    kind = serializers.CharField(source="args.wish.kind")
    source = serializers.SerializerMethodField()  # type: ignore[assignment]
    experiment = serializers.CharField(source="args.wish.experiment", allow_blank=True)
    state = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    created_by = serializers.CharField(source="created_by.username", default=None, allow_null=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    report = serializers.JSONField(source="result", allow_null=True)

    def get_source(self, row: Any) -> str:
        wish = row.args["wish"]
        return str(wish["uri"] or wish["origin"])
