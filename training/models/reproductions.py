"""Reproductions: a version trained again from what was recorded, and the signed verdict."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from portal.accounts.models import User, Workspace
from portal.kernel.ids import uuid7
from registry.models import ModelVersion
from training.models.jobs import TrainingJob

IDENTICAL, WITHIN, STATISTICAL = "identical", "within_tolerance", "statistically_equal"
NOT_EQUAL, NOT_ATTEMPTED = "failed", "not_attempted"
VERDICTS = (IDENTICAL, WITHIN, STATISTICAL, NOT_EQUAL, NOT_ATTEMPTED)


class Reproduction(models.Model):
    """One attempt to train a version again.

    `training` is null where something that it needs was never recorded; `why` says what. `tolerance` is fixed when it
    is asked for. `comparison` and `certificate` (a DSSE envelope around an in-toto statement) come with the verdict and
    do not change after.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="reproductions")
    training = models.OneToOneField(
        TrainingJob, on_delete=models.PROTECT, null=True, related_name="reproduction"
    )
    tolerance = models.JSONField()
    verdict = models.CharField(max_length=20, blank=True)
    why = models.TextField(blank=True)
    comparison = models.JSONField(null=True)
    certificate = models.JSONField(null=True)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["workspace", "-id"], name="reproduction_by_workspace"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(verdict="", ended_at=None, certificate=None)
                | Q(verdict__in=VERDICTS, ended_at__isnull=False, certificate__isnull=False),
                name="reproduction_certified_when_ended",
            ),
            models.UniqueConstraint(
                fields=["version"], condition=Q(verdict=""), name="reproduction_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"reproduction of {self.version}"

    @property
    def state(self) -> str:
        """The verdict in words, or that it is not there yet."""
        return self.verdict.replace("_", " ") or "running"
