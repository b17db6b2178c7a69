"""Reports: text that people write around live charts and comparisons of runs; every version stays."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from experiments.models.experiment import ACTIVE, DELETED
from portal.accounts.models import User, Workspace
from portal.kernel.ids import uuid7

TITLE_LENGTH, BODY_LENGTH = 200, 200_000


class Report(models.Model):
    """A report as it is now: `number` is that of its newest version, whose title this is."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    title = models.CharField(max_length=TITLE_LENGTH)
    number = models.PositiveIntegerField(default=1)
    lifecycle_stage = models.CharField(max_length=10, default=ACTIVE)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["workspace", "-changed_at", "id"], name="report_by_workspace"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(lifecycle_stage__in=[ACTIVE, DELETED]), name="report_stage_known"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_active(self) -> bool:
        return self.lifecycle_stage == ACTIVE


class ReportVersion(models.Model):
    """What a report said; PostgreSQL refuses to change or delete it."""

    id = models.BigAutoField(primary_key=True)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=TITLE_LENGTH)
    body = models.TextField()
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["report", "number"], name="report_version_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.number}"
