"""Where aliases and stages pointed, from when to when. The present is the interval without an end."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from compliance.models import Approval
from portal.accounts.models import Workspace
from portal.kernel.ids import uuid7
from registry.models.registered_model import ModelVersion, RegisteredModel

ALIAS, STAGE = "alias", "stage"


class Assignment(models.Model):
    """An alias or a stage of a model meant this version from `valid_from` until `valid_to`.

    A move ends the old interval at the very moment at which the new one begins; that moment is never before the
    beginning of the old one, whatever the clock does. `approval` is the one that it stands under, if any.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="assignments")
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="assignments")
    kind = models.CharField(max_length=5)
    name = models.CharField(max_length=255)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)
    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, null=True, related_name="assignments")
    moved_by = models.CharField(max_length=120)
    moved_by_name = models.CharField(max_length=200, blank=True)
    ended_by = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=2000, blank=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["model", "kind", "name", "-valid_from"], name="assignment_history"),
            models.Index(fields=["version"], condition=Q(valid_to__isnull=True), name="assignment_current"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["model", "name"], condition=Q(kind=ALIAS, valid_to__isnull=True),
                name="alias_points_once",
            ),
            models.UniqueConstraint(
                fields=["version"], condition=Q(kind=STAGE, valid_to__isnull=True), name="stage_held_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=[ALIAS, STAGE]), name="assignment_kind_known"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="assignment_forward",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.name} of {self.model}"
