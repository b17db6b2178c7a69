"""How long deleted runs are kept, what collecting them came to, and how much an experiment takes."""

from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Q

from experiments.models.experiment import Experiment
from portal.accounts.models import User, Workspace
from portal.kernel.ids import uuid7

DAYS_AT_MOST = 36_500
RUN, ORPHAN = "run", "orphan"
WOULD, MARKED, GONE, KEPT = "would", "marked", "gone", "kept"
DELETE, PURGE = "delete", "purge"


class RetentionRule(models.Model):
    """The rule of a workspace, or of one experiment in it, which then holds in the place of the workspace's.

    A deleted run is purged `purge_after_days` after its deletion. Where `delete_after_days` is set, a run that ended
    so long ago and that nothing needs is deleted first.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    experiment = models.ForeignKey(Experiment, on_delete=models.PROTECT, null=True, related_name="+")
    purge_after_days = models.PositiveIntegerField()
    delete_after_days = models.PositiveIntegerField(null=True)
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["workspace", "experiment"], name="retention_rule_unique", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(purge_after_days__gte=1, purge_after_days__lte=DAYS_AT_MOST)
                & (
                    Q(delete_after_days=None)
                    | Q(delete_after_days__gte=1, delete_after_days__lte=DAYS_AT_MOST)
                ),
                name="retention_rule_days",
            ),
        ]

    def __str__(self) -> str:
        return f"retention of {self.experiment or self.workspace}"


class Collection(models.Model):
    """One collection of garbage in a workspace. A dry run removes nothing and says what it would.

    `totals` is `[{"experiment", "name", "act", "state", "things", "files", "bytes", "points"}]`, set when it is over.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    is_dry_run = models.BooleanField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    job_id = models.UUIDField(null=True)
    finished_at = models.DateTimeField(null=True)
    totals = models.JSONField(null=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["workspace", "-id"], name="collection_by_workspace"),
        ]

    def __str__(self) -> str:
        return f"collection {self.pk.hex[-8:]} of {self.workspace}"


class Collected(models.Model):
    """A run, or files that no row knows, that a collection came by: what was done with it, and why.

    A run is `marked` before its first file is removed, and can then no longer be restored; it is `gone` with its
    rows. `digest` is the SHA-256 of what its run and its files were. `subject` is MLflow's run id, or a path.
    """

    id = models.BigAutoField(primary_key=True)
    collection = models.ForeignKey(
        Collection, on_delete=models.PROTECT, related_name="things", db_index=False
    )
    kind = models.CharField(max_length=10)
    subject = models.CharField(max_length=900)
    name = models.CharField(max_length=250, blank=True)
    experiment_id = models.BigIntegerField(null=True)
    act = models.CharField(max_length=10)
    state = models.CharField(max_length=10)
    reason = models.CharField(max_length=500)
    files = models.BigIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    points = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["collection", "kind", "subject", "act"], name="collected_once"),
            models.UniqueConstraint(
                fields=["subject"], condition=Q(state=MARKED), name="collected_marked_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"

    @property
    def run_id(self) -> UUID:
        return UUID(self.subject)


class StorageUse(models.Model):
    """What an experiment takes, as it was counted last."""

    experiment = models.OneToOneField(
        Experiment, on_delete=models.CASCADE, primary_key=True, related_name="storage"
    )
    files = models.BigIntegerField()
    bytes = models.BigIntegerField()
    points = models.BigIntegerField()
    runs = models.BigIntegerField()
    counted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"storage of {self.experiment_id}"
