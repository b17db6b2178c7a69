"""Evaluations: a model version measured on a dataset version, with the report."""

from typing import Any, ClassVar

from django.db import models

from experiments.models import DatasetVersion
from portal.accounts.models import User, Workspace
from portal.kernel.ids import uuid7
from registry.models import ModelVersion
from training.models.jobs import TrainingJob


class Evaluation(models.Model):
    """One evaluation. `training` runs it; `asked` says what was measured, and which thresholds count.

    `report` and `outcome` come with the end of the command; `evidence_id` with the end of the job, which records them
    about the version. An evaluation that failed ends without a report.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="evaluations")
    dataset = models.ForeignKey(DatasetVersion, on_delete=models.PROTECT, related_name="evaluations")
    champion = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, null=True, related_name="+")
    training = models.OneToOneField(TrainingJob, on_delete=models.PROTECT, related_name="evaluation")
    asked = models.JSONField()
    report = models.JSONField(null=True)
    outcome = models.CharField(max_length=10, blank=True)
    summary = models.CharField(max_length=1000, blank=True)
    evidence_id = models.UUIDField(null=True)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    audit_ignores = ("report",)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["workspace", "-id"], name="evaluation_by_workspace"),
        ]

    def __str__(self) -> str:
        return f"evaluation of {self.version} on {self.dataset}"
