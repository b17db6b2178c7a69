"""Logged models (MLflow 3): what a run made before anybody registered it."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from experiments.models.experiment import ACTIVE, DELETED, Experiment
from experiments.models.run import Run
from portal.accounts.models import User, Workspace

PENDING, READY = "LOGGED_MODEL_PENDING", "LOGGED_MODEL_READY"
MODEL_STATUSES = (
    "LOGGED_MODEL_UNSPECIFIED",
    "LOGGED_MODEL_PENDING",
    "LOGGED_MODEL_READY",
    "LOGGED_MODEL_UPLOAD_FAILED",
)


class LoggedModel(models.Model):
    """A model with its files under `artifact_location`. `id` is MLflow's `m-` and 32 hex digits.

    `status` holds MLflow's enum name. `digest` is the SHA-256 over the manifest of its files, set by the job
    that reads them.
    """

    id = models.CharField(primary_key=True, max_length=34)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    experiment = models.ForeignKey(Experiment, on_delete=models.PROTECT, related_name="logged_models")
    source_run = models.ForeignKey(Run, on_delete=models.PROTECT, null=True, related_name="logged_models")
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=500)
    artifact_location = models.CharField(max_length=600)
    model_type = models.CharField(max_length=500, blank=True)
    status = models.CharField(max_length=30)
    status_message = models.CharField(max_length=1000, blank=True)
    lifecycle_stage = models.CharField(max_length=10, default=ACTIVE)
    creation_timestamp = models.BigIntegerField()
    last_updated_timestamp = models.BigIntegerField()
    digest = models.CharField(max_length=64, blank=True)
    manifest = models.JSONField(null=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["experiment", "-creation_timestamp", "id"], name="logged_model_by_creation"),
            models.Index(fields=["workspace", "-creation_timestamp"], name="logged_model_by_workspace"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(status__in=MODEL_STATUSES), name="logged_model_status_known"),
            models.CheckConstraint(
                condition=Q(lifecycle_stage__in=[ACTIVE, DELETED]), name="logged_model_stage_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LoggedModelTag(models.Model):
    """A key and a value on a logged model."""

    pk = models.CompositePrimaryKey("model_id", "key")
    model = models.ForeignKey(LoggedModel, on_delete=models.CASCADE, related_name="tags", db_index=False)
    key = models.CharField(max_length=250)
    value = models.TextField()

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


class LoggedModelParam(models.Model):
    """An input value of a logged model; written once."""

    pk = models.CompositePrimaryKey("model_id", "key")
    model = models.ForeignKey(LoggedModel, on_delete=models.CASCADE, related_name="params", db_index=False)
    key = models.CharField(max_length=250)
    value = models.TextField()

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


class LoggedModelMetric(models.Model):
    """A metric point that a run logged about a model, perhaps on a named dataset."""

    id = models.BigAutoField(primary_key=True)
    model = models.ForeignKey(LoggedModel, on_delete=models.CASCADE, related_name="metrics", db_index=False)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=250)
    value = models.FloatField()
    is_nan = models.BooleanField(default=False)
    step = models.BigIntegerField()
    timestamp = models.BigIntegerField()
    dataset_name = models.CharField(max_length=500, blank=True)
    dataset_digest = models.CharField(max_length=36, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["model", "key", "timestamp", "step", "run", "dataset_name", "dataset_digest"],
                name="logged_model_metric_unique",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


class RunModelInput(models.Model):
    """A run read a logged model."""

    pk = models.CompositePrimaryKey("run_id", "model_id")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="model_inputs", db_index=False)
    model = models.ForeignKey(LoggedModel, on_delete=models.PROTECT, related_name="read_by")

    def __str__(self) -> str:
        return f"{self.run_id} reads {self.model_id}"


class RunOutput(models.Model):
    """A run made a logged model at a step."""

    pk = models.CompositePrimaryKey("run_id", "model_id")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="outputs", db_index=False)
    model = models.ForeignKey(LoggedModel, on_delete=models.PROTECT, related_name="made_by")
    step = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.run_id} makes {self.model_id}"
