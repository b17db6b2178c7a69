"""Pipelines, their versions, runs and steps, and what starts runs."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from portal.accounts.models import User, Workspace
from portal.kernel.ids import uuid7
from training.models.jobs import TrainingJob

RUNNING, DONE, FAILED, CANCELLED = "running", "done", "failed", "cancelled"
WAITING, SKIPPED, BLOCKED, REUSED = "waiting", "skipped", "blocked", "reused"
RUN_STATES = (RUNNING, DONE, FAILED, CANCELLED)
STEP_STATES = (WAITING, RUNNING, DONE, REUSED, SKIPPED, BLOCKED, FAILED, CANCELLED)
SKIP, ONCE = "skip", "once"
DATASET, ALIAS, ALERT = "dataset", "alias", "alert"


class Pipeline(models.Model):
    """A name in a workspace; what it does is in its versions, of which the newest counts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["workspace", "name"], name="pipeline_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def workspace_name(self) -> str:
        return self.workspace.name


class PipelineVersion(models.Model):
    """A graph as it was saved; never changed. `digest` is the SHA-256 over the canonical JSON of `document`.

    `source` is the text as it was written, with its order and remarks; empty where it came as an object.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    pipeline = models.ForeignKey(Pipeline, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.JSONField()
    source = models.TextField(blank=True)
    digest = models.CharField(max_length=64)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["pipeline", "number"], name="pipeline_version_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.pipeline} v{self.number}"


class PipelineSchedule(models.Model):
    """Starts a pipeline at the times of a cron expression in a time zone, in the name of who made it.

    What runs is `version`, for which that person answers: a later one of somebody else does not run in their name.
    `missed` says what becomes of times that passed while nobody looked: `skip` them, or run `once`. While a run that
    it started goes on, no other one begins unless it `overlaps`. `note` says what became of the last time.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    pipeline = models.ForeignKey(Pipeline, on_delete=models.CASCADE, related_name="schedules")
    version = models.ForeignKey(PipelineVersion, on_delete=models.PROTECT, related_name="+")
    cron = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=60)
    parameters = models.JSONField(default=dict)
    missed = models.CharField(max_length=10, default=SKIP)
    overlaps = models.BooleanField(default=False)
    is_paused = models.BooleanField(default=False)
    note = models.CharField(max_length=1000, blank=True)
    next_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["next_at"], condition=Q(is_paused=False), name="schedule_due"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(missed__in=[SKIP, ONCE]), name="schedule_missed_known"),
        ]

    def __str__(self) -> str:
        return f"{self.cron} ({self.time_zone})"


class PipelineTrigger(models.Model):
    """Starts a pipeline when something happened: a new version of a dataset, an alias that moved, or an alert.

    What runs is `version`, as with a schedule.
    `subject` is the name of the dataset, `model@alias`, or the name of an alert. Values of `parameters` may hold
    addresses of what happened, such as `${{ event.version }}`. `note` says what became of the last event.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    pipeline = models.ForeignKey(Pipeline, on_delete=models.CASCADE, related_name="triggers")
    version = models.ForeignKey(PipelineVersion, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10)
    subject = models.CharField(max_length=520)
    parameters = models.JSONField(default=dict)
    is_paused = models.BooleanField(default=False)
    note = models.CharField(max_length=1000, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["workspace", "kind", "subject"], name="trigger_by_subject"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(kind__in=[DATASET, ALIAS, ALERT]), name="trigger_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class PipelineRun(models.Model):
    """One execution of a version. `cause` says what started it; of a trigger or schedule, each cause counts once.

    `is_cached` says whether earlier results may be used, `is_cancelling` that it begins nothing more.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    version = models.ForeignKey(PipelineVersion, on_delete=models.PROTECT, related_name="runs")
    state = models.CharField(max_length=10, default=RUNNING)
    parameters = models.JSONField(default=dict)
    is_cached = models.BooleanField(default=True)
    is_cancelling = models.BooleanField(default=False)
    cause = models.CharField(max_length=600)
    cause_key = models.CharField(max_length=200, null=True, unique=True)  # noqa: DJ001 - unique where it is given
    reason = models.TextField(blank=True)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["workspace", "-id"], name="pipeline_run_by_workspace"),
            models.Index(fields=["id"], condition=Q(state=RUNNING), name="pipeline_run_going_on"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(state=RUNNING, ended_at=None)
                | Q(state__in=RUN_STATES[1:], ended_at__isnull=False),
                name="pipeline_run_ended_when_over",
            ),
        ]

    def __str__(self) -> str:
        return f"run of {self.version}"

    @property
    def workspace_name(self) -> str:
        return self.workspace.name

    @property
    def goes_on(self) -> bool:
        return self.state == RUNNING


class PipelineStep(models.Model):
    """A step of a run, or one item of a step that fans out; `item` is -1 where it does not.

    `training` does the work; of a `reused` one, it did so for an earlier run. `cache_key` is over all that it reads.
    `tries` counts how often it was begun.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(PipelineRun, on_delete=models.PROTECT, related_name="steps")
    name = models.CharField(max_length=60)
    item = models.IntegerField(default=-1)
    value = models.JSONField(null=True)
    state = models.CharField(max_length=10, default=WAITING)
    training = models.ForeignKey(
        TrainingJob, on_delete=models.PROTECT, null=True, related_name="pipeline_steps"
    )
    cache_key = models.CharField(max_length=64, blank=True)
    tries = models.PositiveIntegerField(default=0)
    reason = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["cache_key"], condition=Q(state=DONE) & ~Q(cache_key=""), name="step_by_cache_key"
            ),
        ]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["run", "name", "item"], name="pipeline_step_unique"),
            models.CheckConstraint(condition=Q(state__in=STEP_STATES), name="pipeline_step_state_known"),
        ]

    def __str__(self) -> str:
        return self.name if self.item < 0 else f"{self.name}[{self.item}]"
