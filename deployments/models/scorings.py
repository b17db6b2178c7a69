"""Batch scorings: a version of a dataset in, a version of a dataset with the predictions out."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from compliance.models import Approval
from deployments.facts import ENVIRONMENTS
from deployments.models.endpoints import Endpoint
from deployments.models.revisions import Revision
from experiments.models import DatasetVersion
from jobs.models import JobRun
from portal.accounts.models import User, Workspace
from portal.kernel.ids import uuid7
from registry.models import ModelVersion


class BatchScoring(models.Model):
    """One scoring. `job` does it; `result` is what it made.

    `digest` is that of the model's files when it was asked for, `approval` what it stands under where a policy asks for
    one, `revision` the one of an endpoint by which the version was named. `asked` is `{output, prediction, keep,
    rows_per_part, memory_mb}`. `seen` is what it ran with, `{environment, signature, rows, parts}`; `problem` says why
    it scored nothing, `{code, detail}` and perhaps `column`, `expected`, `found`, `row`, `file`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="scorings")
    digest = models.CharField(max_length=64)
    environment = models.CharField(max_length=10)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, null=True, related_name="scorings")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, null=True, related_name="scorings")
    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, null=True, related_name="scorings")
    dataset = models.ForeignKey(DatasetVersion, on_delete=models.PROTECT, related_name="scorings")
    asked = models.JSONField()
    job = models.OneToOneField(JobRun, on_delete=models.PROTECT, related_name="scoring")
    result = models.ForeignKey(
        DatasetVersion, on_delete=models.PROTECT, null=True, related_name="made_by_scorings"
    )
    seen = models.JSONField(null=True)
    problem = models.JSONField(null=True)
    reason = models.CharField(max_length=2000, blank=True)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["workspace", "-id"], name="scoring_by_workspace"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(environment__in=ENVIRONMENTS), name="scoring_environment_known"
            ),
            models.CheckConstraint(condition=~Q(digest=""), name="scoring_has_digest"),
            models.CheckConstraint(
                condition=Q(result=None) | Q(ended_at__isnull=False, seen__isnull=False),
                name="scoring_result_when_ended",
            ),
        ]

    def __str__(self) -> str:
        return f"scoring of {self.dataset} by {self.version}"
