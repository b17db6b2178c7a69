"""Experiments and their tags."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from portal.accounts.models import Workspace

ACTIVE, DELETED = "active", "deleted"


class Experiment(models.Model):
    """A named group of runs in one workspace; its name is unique there, deleted or not (MLflow's rule).

    `is_default` marks the one that an MLflow client means by experiment id 0.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="experiments")
    name = models.CharField(max_length=500)
    artifact_location = models.CharField(max_length=500)
    lifecycle_stage = models.CharField(max_length=10, default=ACTIVE)
    creation_time = models.BigIntegerField()
    last_update_time = models.BigIntegerField()
    is_default = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["workspace", "name"], name="experiment_name_unique"),
            models.UniqueConstraint(
                fields=["workspace"], condition=Q(is_default=True), name="experiment_one_default"
            ),
            models.CheckConstraint(
                condition=Q(lifecycle_stage__in=[ACTIVE, DELETED]), name="experiment_stage_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.lifecycle_stage == ACTIVE


class ExperimentTag(models.Model):
    """A key and a value on an experiment."""

    pk = models.CompositePrimaryKey("experiment_id", "key")
    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="tags")
    key = models.CharField(max_length=250)
    value = models.TextField()

    def __str__(self) -> str:
        return f"{self.key}={self.value}"
