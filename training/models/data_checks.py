"""Checks of dataset versions against rules, with what was found."""

from typing import Any, ClassVar

from django.db import models

from experiments.models import DatasetVersion
from jobs.models import JobRun
from portal.accounts.models import User, Workspace
from portal.kernel.ids import uuid7


class DataCheck(models.Model):
    """Rules held against a version. `reference` is the version that drift is measured from.

    `outcome` is empty until the job has looked; `results` has an entry for each rule.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(DatasetVersion, on_delete=models.PROTECT, related_name="checks")
    reference = models.ForeignKey(DatasetVersion, on_delete=models.PROTECT, null=True, related_name="+")
    rules = models.JSONField()
    job = models.ForeignKey(JobRun, on_delete=models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=10, blank=True)
    summary = models.CharField(max_length=1000, blank=True)
    results = models.JSONField(null=True)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["workspace", "-id"], name="data_check_by_workspace"),
        ]

    def __str__(self) -> str:
        return f"check of {self.version}"
