"""Datasets that the portal knows by name, and their versions, which never change."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from experiments.models.run import Run
from portal.accounts.models import User, Workspace
from portal.kernel.ids import uuid7

# Open sets: what stands here is offered, and an empty text means that nobody said.
SPLIT_ROLES = ("train", "validation", "test", "reference", "complete")
CLASSIFICATIONS = ("public", "internal", "confidential", "restricted")
LOGGED_LENGTH = 36  # MLflow keeps so much of a digest


class DataAsset(models.Model):
    """A dataset by its name in a workspace; what it holds are its versions."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=200)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["workspace", "name"], name="data_asset_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class DatasetVersion(models.Model):
    """Exactly these bytes, with what was stated about them. PostgreSQL refuses every change but one.

    `digest` is the SHA-256 over the canonical JSON of `manifest` (`[{path, size, sha256}]`), or what was declared
    for data that lies elsewhere; then `path` and the manifest are empty. `mlflow_digest` is the one that MLflow's
    client gives to the same table. Columns, rows and that digest are set once, with `read_at`, when a job has read the
    files; `problem` says why it could not.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    asset = models.ForeignKey(DataAsset, on_delete=models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    source_uri = models.CharField(max_length=2000, blank=True)
    digest = models.CharField(max_length=64)
    mlflow_digest = models.CharField(max_length=LOGGED_LENGTH, blank=True)
    manifest = models.JSONField(default=list)
    path = models.CharField(max_length=300, blank=True)
    size_bytes = models.BigIntegerField(null=True)
    schema = models.JSONField(null=True)
    row_count = models.BigIntegerField(null=True)
    role = models.CharField(max_length=20, blank=True)
    classification = models.CharField(max_length=20, blank=True)
    licence = models.CharField(max_length=200, blank=True)
    description = models.CharField(max_length=2000, blank=True)
    datasheet = models.TextField(blank=True)
    made_by_run = models.ForeignKey(Run, on_delete=models.PROTECT, null=True, related_name="made_datasets")
    made_by_training = models.UUIDField(null=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=1000, blank=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["workspace", "-id"], name="data_version_by_workspace"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["asset", "number"], name="data_version_number_unique"),
            models.CheckConstraint(condition=Q(digest__regex="^[0-9a-f]{64}$"), name="data_version_digest"),
            models.CheckConstraint(
                condition=~Q(path="") | ~Q(source_uri=""), name="data_version_lies_somewhere"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asset.name} v{self.number}"

    @property
    def is_held(self) -> bool:
        """Whether the portal holds the files."""
        return bool(self.path)

    @property
    def logged_digest(self) -> str:
        """The digest under which runs of the portal's own trainings log it."""
        return self.digest[:LOGGED_LENGTH]


class DatasetProfile(models.Model):
    """What a job saw in the files of a version: plain figures for plots; written once."""

    version = models.OneToOneField(
        DatasetVersion, on_delete=models.PROTECT, primary_key=True, related_name="profile"
    )
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    body = models.JSONField()
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"profile of {self.version}"
