"""Datasets as runs name them: an immutable pointer with a digest."""

from typing import Any, ClassVar

from django.db import models

from experiments.models.experiment import Experiment
from experiments.models.run import Run
from portal.accounts.models import Workspace
from portal.kernel.ids import uuid7


class Dataset(models.Model):
    """A dataset version: name and digest identify it inside an experiment (MLflow's rule).

    The protocol tells an absent schema or profile from an empty one, so they may be null.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    experiment = models.ForeignKey(Experiment, on_delete=models.PROTECT, related_name="datasets")
    name = models.CharField(max_length=500)
    digest = models.CharField(max_length=36)
    source_type = models.CharField(max_length=36)
    source = models.TextField()
    schema = models.TextField(null=True)  # noqa: DJ001
    profile = models.TextField(null=True)  # noqa: DJ001

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["name", "digest"], name="dataset_by_name"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["experiment", "name", "digest"], name="dataset_version_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.name}@{self.digest}"


class RunInput(models.Model):
    """A run read a dataset; `tags` are `[{"key", "value"}]`, of which `mlflow.data.context` says in which role."""

    pk = models.CompositePrimaryKey("run_id", "dataset_id")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="inputs", db_index=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="used_by")
    tags = models.JSONField(default=list)
    context = models.CharField(max_length=500, null=True)  # noqa: DJ001

    def __str__(self) -> str:
        return f"{self.run_id} reads {self.dataset_id}"
