"""A job is a row, and what happened to it is an append-only list of events.

All times are those of the database clock, so that a worker whose clock is wrong can neither take a job early
nor lose it.
"""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from jobs.process.models import JobAttempt, JobLogChunk, JobProgress, JobSecret
from portal.accounts.models import User, Workspace
from portal.kernel.ids import uuid7

QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
__all__ = ["JobAttempt", "JobEvent", "JobLogChunk", "JobProgress", "JobRun", "JobSecret"]
STATES = (QUEUED, RUNNING, DONE, FAILED, CANCELLED)
ACTIVE_STATES = (QUEUED, RUNNING)
TERMINAL_STATES = (DONE, FAILED, CANCELLED)


class DatabaseClock(models.Func):
    """The time of this moment by the database, also within a transaction."""

    function = "clock_timestamp"
    arity = 0
    output_field = models.DateTimeField()


class JobRun(models.Model):
    """One requested piece of work.

    `key` is the idempotency key: while a job of the same workspace, kind and key is active, asking again
    gives that one. `attempt` counts the claims and is the fencing token: only the attempt that holds the row
    may move it. `lease_until` is set by the claim itself, so an attempt that dies before its first heartbeat
    is found like any other. `rung_at` is when its bell was last rung; null means ring as soon as it is due.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, null=True, related_name="+")
    args = models.JSONField(default=dict)
    state = models.CharField(max_length=10, default=QUEUED)
    attempt = models.IntegerField(default=0)
    max_attempts = models.IntegerField()
    not_before = models.DateTimeField(db_default=DatabaseClock())
    rung_at = models.DateTimeField(null=True, db_default=DatabaseClock())
    owner = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    cursor = models.JSONField(default=dict)
    cancel_requested_at = models.DateTimeField(null=True)
    deadline = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    result = models.JSONField(null=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    actor = models.CharField(max_length=120)
    actor_name = models.CharField(max_length=150)
    request_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(db_default=DatabaseClock())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "job"
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["not_before"], condition=Q(state=QUEUED), name="job_queued"),
            models.Index(fields=["lease_until"], condition=Q(state=RUNNING), name="job_running"),
            models.Index(fields=["workspace", "state", "-id"], name="job_by_workspace"),
            models.Index(fields=["state", "-id"], name="job_by_state"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["workspace", "kind", "key"], condition=Q(state__in=ACTIVE_STATES),
                nulls_distinct=False, name="job_one_active",
            ),
            models.CheckConstraint(condition=Q(state__in=STATES), name="job_state_known"),
            models.CheckConstraint(
                condition=Q(state=RUNNING, lease_until__isnull=False, started_at__isnull=False)
                & Q(attempt__gte=1) & ~Q(owner="")
                | ~Q(state=RUNNING) & Q(lease_until__isnull=True),
                name="job_leased_while_running",
            ),
            models.CheckConstraint(
                condition=Q(state__in=TERMINAL_STATES, finished_at__isnull=False)
                | Q(state__in=ACTIVE_STATES, finished_at__isnull=True),
                name="job_finished_when_ended",
            ),
            models.CheckConstraint(
                condition=Q(attempt__gte=0, attempt__lte=F("max_attempts"), max_attempts__gte=1),
                name="job_attempts_bounded",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

    @property
    def workspace_name(self) -> str | None:
        return self.workspace.name if self.workspace else None

    @property
    def is_terminal(self) -> bool:
        return self.state in TERMINAL_STATES


class JobEvent(models.Model):
    """One thing that happened to a job; PostgreSQL refuses to change or remove it."""

    id = models.BigAutoField(primary_key=True)
    job = models.ForeignKey(JobRun, on_delete=models.PROTECT, related_name="events", db_index=False)
    at = models.DateTimeField(db_default=DatabaseClock())
    name = models.CharField(max_length=30)
    attempt = models.IntegerField()
    actor = models.CharField(max_length=120)
    detail = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [models.Index(fields=["job", "id"], name="job_event_by_job")]

    def __str__(self) -> str:
        return f"{self.name} of {self.job_id}"
