"""Registered models and their versions. Times are milliseconds since the epoch, as in MLflow's protocol."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from experiments.models import LoggedModel, Run
from portal.accounts.models import User, Workspace
from portal.kernel.ids import uuid7

PENDING, READY, FAILED = "PENDING_REGISTRATION", "READY", "FAILED_REGISTRATION"
VERSION_STATUSES = (PENDING, READY, FAILED)
NO_STAGE = "None"
STAGES = (NO_STAGE, "Staging", "Production", "Archived")


class RegisteredModel(models.Model):
    """A name with its versions, unique in a workspace while it is not deleted. Deleting leaves the row.

    `last_version` is the highest number ever given, so that no number comes twice. A prompt is a registered
    model that carries MLflow's tag for prompts; `is_prompt` is that tag as a column.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=256)
    description = models.TextField(blank=True)
    is_prompt = models.BooleanField(default=False)
    last_version = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    creation_timestamp = models.BigIntegerField()
    last_updated_timestamp = models.BigIntegerField()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "registered model"
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["workspace", "name"], name="registered_model_by_name"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["workspace", "name"], condition=Q(deleted_at__isnull=True),
                name="registered_model_name_unique",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class RegisteredModelTag(models.Model):
    """A key and a value on a registered model."""

    pk = models.CompositePrimaryKey("model_id", "key")
    model = models.ForeignKey(RegisteredModel, on_delete=models.CASCADE, related_name="tags", db_index=False)
    key = models.CharField(max_length=250)
    value = models.TextField()

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


class ModelVersion(models.Model):
    """An immutable numbered version. Its identity is `digest`, over the manifest of its files.

    `source` is what the client gave; `artifact_location` is where the portal found the files, inside its own
    store and readable to who registered it. `digest` and `manifest` (`[{path, size, sha256}]`) are set once,
    when the version becomes READY, by the job that read every byte; they never change after.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    description = models.TextField(blank=True)
    user_name = models.CharField(max_length=256, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    current_stage = models.CharField(max_length=20, default=NO_STAGE)
    source = models.CharField(max_length=2000, blank=True)
    artifact_location = models.CharField(max_length=600, blank=True)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, null=True, related_name="model_versions")
    logged_model = models.ForeignKey(
        LoggedModel, on_delete=models.PROTECT, null=True, related_name="model_versions"
    )
    copied_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="copies")
    run_link = models.CharField(max_length=500, blank=True)
    status = models.CharField(max_length=20, default=PENDING)
    status_message = models.CharField(max_length=1000, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    manifest = models.JSONField(null=True)
    ready_at = models.DateTimeField(null=True)
    creation_timestamp = models.BigIntegerField()
    last_updated_timestamp = models.BigIntegerField()
    deleted_at = models.DateTimeField(null=True)

    audit_ignores = ("manifest",)

    class Meta:
        verbose_name = "model version"
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["workspace", "-creation_timestamp"], name="version_by_workspace"),
            models.Index(fields=["digest"], condition=~Q(digest=""), name="version_by_digest"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["model", "version"], name="version_number_unique"),
            models.CheckConstraint(condition=Q(status__in=VERSION_STATUSES), name="version_status_known"),
            models.CheckConstraint(condition=Q(current_stage__in=STAGES), name="version_stage_known"),
        ]

    def __str__(self) -> str:
        return f"{self.model} v{self.version}"


class ModelVersionTag(models.Model):
    """A key and a value on a version."""

    pk = models.CompositePrimaryKey("version_id", "key")
    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="tags", db_index=False)
    key = models.CharField(max_length=250)
    value = models.TextField()

    def __str__(self) -> str:
        return f"{self.key}={self.value}"
