"""Sweeps and their trials."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from experiments.models import Experiment, Run
from portal.accounts.models import User, Workspace
from portal.kernel.ids import uuid7
from training.models.jobs import TrainingJob
from training.sweeps.facts import ACTIVE, ENDING, RUNNING, SWEEP_STATES, TRIAL_STATES


class Sweep(models.Model):
    """A training that is run with many parameters. It goes on as long as its state is `running` or `ending`.

    `spec` is normal (`training.sweeps.reading`). `revision` counts the changes of it and its trials: a plan holds for
    one. `ended_by` says why it asks for no more trials, `cancels` that those that run are not waited for. The price of
    an hour of one trial is fixed when it begins. `parent_run` holds the trials together in the table of runs.
    `importance` has for each objective the share of each parameter, as of `importance_trials` trials.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    experiment = models.ForeignKey(Experiment, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=250)
    spec = models.JSONField()
    spec_digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, default=ACTIVE)
    ended_by = models.CharField(max_length=20, blank=True)
    reason = models.TextField(blank=True)
    cancels = models.BooleanField(default=False)
    revision = models.IntegerField(default=0)
    price_per_hour = models.FloatField()
    parent_run = models.OneToOneField(Run, on_delete=models.PROTECT, related_name="sweep")
    best = models.ForeignKey("Trial", on_delete=models.PROTECT, null=True, related_name="+")
    importance = models.JSONField(default=list)
    importance_trials = models.IntegerField(default=0)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    audit_ignores = ("revision",)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["workspace", "-id"], name="sweep_by_workspace"),
            models.Index(fields=["id"], condition=Q(state__in=[ACTIVE, ENDING]), name="sweep_going_on"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(state__in=SWEEP_STATES), name="sweep_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=[ACTIVE, ENDING], ended_at=None)
                | ~Q(state__in=[ACTIVE, ENDING]) & Q(ended_at__isnull=False),
                name="sweep_ended_when_over",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def workspace_name(self) -> str:
        return self.workspace.name

    @property
    def goes_on(self) -> bool:
        return self.state in (ACTIVE, ENDING)


class Trial(models.Model):
    """One training of a sweep. `values` are those of the objectives, `points` what the pruner has looked at.

    `rungs` is what the pruner noted. `pruned_step` is set with the decision; the state follows when the training ends.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sweep = models.ForeignKey(Sweep, on_delete=models.PROTECT, related_name="trials", db_index=False)
    number = models.IntegerField()
    params = models.JSONField()
    state = models.CharField(max_length=10, default=RUNNING)
    training = models.OneToOneField(TrainingJob, on_delete=models.PROTECT, related_name="trial")
    values = ArrayField(models.FloatField(), default=list)
    points = models.JSONField(default=list)
    rungs = models.JSONField(default=dict)
    pruned_step = models.BigIntegerField(null=True)
    seconds = models.FloatField(default=0)
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["sweep", "number"], name="trial_number_once"),
            models.CheckConstraint(condition=Q(state__in=TRIAL_STATES), name="trial_state_known"),
        ]

    def __str__(self) -> str:
        return f"trial {self.number} of {self.sweep}"

    @property
    def workspace_id(self) -> int:
        return self.sweep.workspace_id

    @property
    def value(self) -> float | None:
        """That of the first objective."""
        return self.values[0] if self.values else None
