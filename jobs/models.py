"""A job is a row, and what happened to it is an append-only list of events.

All times are those of the database clock, so that a worker whose clock is wrong can neither take a job early
nor lose it.
"""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from jobs.process.models import JobAttempt, JobLogChunk, JobProgress, JobSecret
from portal.accounts.models import User, Workspace
from portal.kernel.ids import uuid7

QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
__all__ = [
    "JobAttempt", "JobEvent", "JobLogChunk", "JobProgress", "JobQueue", "JobQuota", "JobRun", "JobSecret", "JobWorker",
]  # fmt: skip
STATES = (QUEUED, RUNNING, DONE, FAILED, CANCELLED)
ACTIVE_STATES = (QUEUED, RUNNING)
TERMINAL_STATES = (DONE, FAILED, CANCELLED)
# The portal's own short work, which no training may hold up, and what people ask for.
SYSTEM_QUEUE, DEFAULT_QUEUE = "system", "default"


# Events that say that an attempt did not come to its end.
TROUBLE = ("retry", "lost", "handed back", "fenced")


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
    `handed_back` counts the attempts that a worker gave back as it was told to leave: they use up nothing.
    `traceparent` is the span in which it was asked for (W3C), below which its attempts stand; empty without traces.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    args = models.JSONField(default=dict)
    queue = models.CharField(max_length=63, default=DEFAULT_QUEUE, db_default=DEFAULT_QUEUE)
    priority = models.IntegerField(default=0, db_default=0)
    retry_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="retries", db_index=False
    )
    state = models.CharField(max_length=10, default=QUEUED)
    attempt = models.IntegerField(default=0)
    max_attempts = models.IntegerField()
    handed_back = models.IntegerField(default=0, db_default=0)
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
    created_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    actor = models.CharField(max_length=120)
    actor_name = models.CharField(max_length=150)
    request_id = models.CharField(max_length=64, blank=True)
    traceparent = models.CharField(max_length=55, blank=True, default="", db_default="")
    created_at = models.DateTimeField(db_default=DatabaseClock())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "job"
        indexes: ClassVar[list[Any]] = [
            # Few rows each: a claim hops from lane to lane through the first and counts through the second. No
            # column of them changes with a heartbeat.
            models.Index(
                "queue",
                Coalesce("workspace", 0),
                "priority",
                "not_before",
                condition=Q(state=QUEUED),
                name="job_lanes",
            ),
            models.Index(fields=["queue", "workspace"], condition=Q(state=RUNNING), name="job_at_work"),
            models.Index(fields=["workspace", "state", "-id"], name="job_by_workspace"),
            # Each filter of the list, newest first.
            *(
                models.Index(fields=[field, "-id"], name=f"job_by_{name}")
                for field, name in (
                    ("state", "state"),
                    ("workspace", "place"),
                    ("kind", "kind"),
                    ("queue", "queue"),
                    ("created_by", "person"),
                )
            ),
            models.Index(fields=["-finished_at"], condition=Q(state=FAILED), name="job_failures"),
            models.Index(fields=["retry_of"], condition=Q(retry_of__isnull=False), name="job_retries"),
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
                condition=Q(attempt__gte=0, attempt__lte=F("max_attempts") + F("handed_back"))
                & Q(max_attempts__gte=1, handed_back__gte=0),
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

    @property
    def tries(self) -> int:
        """The attempts that count against `max_attempts`."""
        return self.attempt - self.handed_back


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
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["job", "id"], name="job_event_by_job"),
            models.Index(fields=["-at"], condition=Q(name__in=TROUBLE), name="job_event_trouble"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.job_id}"


class JobQueue(models.Model):
    """A line in which jobs wait: a higher `priority` is served first, and at most `max_running` run at once."""

    name = models.CharField(max_length=63, primary_key=True)
    description = models.CharField(max_length=500, blank=True)
    priority = models.IntegerField(default=0)
    max_running = models.IntegerField(null=True)
    paused_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=DatabaseClock())

    class Meta:
        verbose_name = "queue"
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(max_running__isnull=True) | Q(max_running__gte=0), name="queue_limit_sane"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_paused(self) -> bool:
        return self.paused_at is not None


class JobQuota(models.Model):
    """What one workspace may have at once, in one queue or, without one, in all queues but the system's.

    An empty limit is none. `max_queued` refuses when it is reached; `max_running` lets jobs wait.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    queue = models.ForeignKey(JobQueue, on_delete=models.PROTECT, null=True, related_name="+")
    max_running = models.IntegerField(null=True)
    max_queued = models.IntegerField(null=True)
    updated_at = models.DateTimeField(db_default=DatabaseClock())

    class Meta:
        verbose_name = "quota"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["workspace", "queue"], nulls_distinct=False, name="quota_one_each"
            ),
            models.CheckConstraint(
                condition=(Q(max_running__isnull=True) | Q(max_running__gte=0))
                & (Q(max_queued__isnull=True) | Q(max_queued__gte=0)),
                name="quota_limits_sane",
            ),
        ]

    def __str__(self) -> str:
        return f"quota of {self.workspace} in {self.queue_id or 'all queues'}"


class JobWorker(models.Model):
    """One worker process, as it tells itself. `name` is the beginning of `owner` of the jobs that it holds."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=100)
    host = models.CharField(max_length=80)
    pid = models.IntegerField()
    queues = ArrayField(models.CharField(max_length=63))
    slots = models.IntegerField()
    version = models.CharField(max_length=40)
    started_at = models.DateTimeField(db_default=DatabaseClock())
    heartbeat_at = models.DateTimeField(db_default=DatabaseClock())
    stopping_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "worker"
        indexes: ClassVar[list[Any]] = [models.Index(fields=["heartbeat_at"], name="worker_by_heartbeat")]

    def __str__(self) -> str:
        return self.name
