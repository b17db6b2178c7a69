"""Runs, their parameters and tags, and the ready document that answers a read."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from experiments.models.experiment import ACTIVE, DELETED, Experiment
from portal.accounts.models import User, Workspace
from portal.kernel.ids import uuid7

RUN_STATUSES = ("RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED")
TERMINAL_STATUSES = ("FINISHED", "FAILED", "KILLED")


class Run(models.Model):
    """One execution. MLflow's run_id is the hex form of `id`.

    `changes` counts every write to the run and to what hangs on it; a stored document of the run is valid
    only while it carries the same count. `user_id` of MLflow's protocol is a free text and kept as
    `user_name`; `created_by` is the account that really made the run.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    experiment = models.ForeignKey(Experiment, on_delete=models.PROTECT, related_name="runs")
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=250)
    user_name = models.CharField(max_length=256, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    status = models.CharField(max_length=10)
    lifecycle_stage = models.CharField(max_length=10, default=ACTIVE)
    start_time = models.BigIntegerField()
    end_time = models.BigIntegerField(null=True)
    deleted_time = models.BigIntegerField(null=True)
    artifact_uri = models.CharField(max_length=600)
    changes = models.BigIntegerField(default=0)

    audit_ignores = ("changes",)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["experiment", "-start_time", "id"], name="run_by_start"),
            models.Index(fields=["workspace", "-start_time", "id"], name="run_by_workspace"),
            models.Index(fields=["workspace"], condition=Q(status="RUNNING"), name="run_running"),
            # What the runs table counts and sorts by. The words of names have an index in migration 0009.
            models.Index(
                fields=["experiment", "lifecycle_stage", "status", "id"],
                include=["user_name", "created_by"],
                name="run_by_status",
            ),
            models.Index(fields=["experiment", "name", "id"], name="run_by_name"),
            models.Index(fields=["experiment", "user_name", "id"], name="run_by_owner"),
            models.Index(
                fields=["experiment", "end_time", "id"],
                condition=Q(end_time__isnull=False),
                name="run_by_end",
            ),
            models.Index(
                F("experiment"),
                F("end_time") - F("start_time"),
                F("id"),
                condition=Q(end_time__isnull=False),
                name="run_by_duration",
            ),
        ]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(status__in=RUN_STATUSES), name="run_status_known"),
            models.CheckConstraint(
                condition=Q(lifecycle_stage__in=[ACTIVE, DELETED]), name="run_stage_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.lifecycle_stage == ACTIVE

    @property
    def is_terminal(self) -> bool:
        return self.status in TERMINAL_STATUSES


class Param(models.Model):
    """An input value of a run; written once, never changed. `experiment_id` is a copy for searching.

    Its indexes stand in migration 0009: by value up to 200 characters, by the start of longer ones, and by number.
    """

    pk = models.CompositePrimaryKey("run_id", "key")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="params", db_index=False)
    experiment_id = models.BigIntegerField()
    key = models.CharField(max_length=250)
    value = models.TextField()

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


class RunTag(models.Model):
    """A key and a value on a run; may be overwritten. Its indexes stand in migration 0009: by value, and by words."""

    pk = models.CompositePrimaryKey("run_id", "key")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="tags", db_index=False)
    experiment_id = models.BigIntegerField()
    key = models.CharField(max_length=250)
    value = models.TextField()

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


class RunDocument(models.Model):
    """The run as MLflow's protocol answers it, ready to send; stale unless `changes` equals the run's."""

    run = models.OneToOneField(Run, on_delete=models.CASCADE, primary_key=True, related_name="document")
    changes = models.BigIntegerField()
    body = models.BinaryField()

    def __str__(self) -> str:
        return f"document of {self.run_id}"
