"""What people keep while they look at runs: stars, colours, layouts, saved views; and the sets of runs acted on."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from experiments.models.experiment import Experiment
from experiments.models.run import Run
from portal.accounts.models import User, Workspace
from portal.kernel.ids import uuid7


class RunMark(models.Model):
    """What one person has marked on a run: a star, and a colour (1 to 12) in the place of the run's own."""

    pk = models.CompositePrimaryKey("user_id", "run_id")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="+")
    is_starred = models.BooleanField(default=False)
    colour = models.SmallIntegerField(null=True)

    def __str__(self) -> str:
        return f"mark of {self.user_id} on {self.run_id}"


class RunsLayout(models.Model):
    """How one person laid out a table of runs. `scope` names the table: `experiment:7`, or `runs`.

    `body` is `{"columns": [field, …], "pinned": [field, …], "widths": {field: pixels}}`.
    """

    pk = models.CompositePrimaryKey("user_id", "scope")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    scope = models.CharField(max_length=40)
    body = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"layout of {self.scope} for {self.user_id}"


class SavedView(models.Model):
    """A state of the runs table under a name, for everybody in the workspace; of one experiment, or of all of it.

    `query` is the state as it stands in the address. The default view is what the table opens with.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, null=True, related_name="+")
    name = models.CharField(max_length=100)
    query = models.TextField()
    is_default = models.BooleanField(default=False)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["workspace", "experiment", "name"], name="saved_view_name_unique", nulls_distinct=False
            ),
            models.UniqueConstraint(
                fields=["workspace", "experiment"], condition=Q(is_default=True), name="saved_view_one_default",
                nulls_distinct=False,
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class RunSet(models.Model):
    """The runs that one act was about: the subject of its audit event. `found_by` is the search that chose them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    run_ids = ArrayField(models.UUIDField())
    found_by = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [GinIndex(fields=["run_ids"], name="run_set_runs")]

    def __str__(self) -> str:
        return f"{len(self.run_ids):,} runs"
