"""Documents about versions, and the AI systems that use them."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from compliance.models import AISystem
from portal.accounts.models import User, Workspace
from portal.kernel.ids import uuid7
from registry.models.registered_model import ModelVersion, RegisteredModel


class ModelCard(models.Model):
    """One state of the card of a version; an edit makes the next number, nothing is overwritten.

    `content` has the shape of SageMaker's model card content in snake_case, plus the sections of our own.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="cards")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    reason = models.CharField(max_length=1000, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["version", "number"], name="model_card_number_unique"),
        ]

    def __str__(self) -> str:
        return f"card {self.number} of {self.version}"


class SystemModel(models.Model):
    """An AI system uses a registered model: the version that an alias names, or a fixed one."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    system = models.ForeignKey(AISystem, on_delete=models.PROTECT, related_name="models")
    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="systems")
    alias = models.CharField(max_length=255, blank=True)
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, null=True, related_name="systems")
    linked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["system", "model", "alias", "version"], condition=Q(valid_to__isnull=True),
                nulls_distinct=False, name="system_model_once",
            ),
            models.CheckConstraint(
                condition=Q(alias="", version__isnull=False) | ~Q(alias="") & Q(version__isnull=True),
                name="system_model_alias_or_version",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.system} uses {self.model}"
