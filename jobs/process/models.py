"""What is kept of the processes of jobs: how each attempt ended, its log, progress, and the secrets that jobs use."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from portal.accounts.models import User, Workspace


class JobAttempt(models.Model):
    """How one attempt that started processes went: the facts of its last command.

    `cause` is empty while it runs; see `jobs.process.command.Exit`. `log_bytes` is what of the log is stored.
    """

    job = models.ForeignKey("jobs.JobRun", on_delete=models.PROTECT, related_name="attempts", db_index=False)
    number = models.IntegerField()
    owner = models.CharField(max_length=120)
    started_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    exit_code = models.IntegerField(null=True)
    exit_signal = models.IntegerField(null=True)
    cause = models.CharField(max_length=20, blank=True, db_default="")
    tail = models.TextField(blank=True, db_default="")
    peak_memory_bytes = models.BigIntegerField(null=True)
    log_bytes = models.BigIntegerField(db_default=0)
    note = models.TextField(blank=True, db_default="")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["job", "number"], name="job_attempt_once"),
        ]

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.job_id}"


class JobLogChunk(models.Model):
    """A part of the log of an attempt: a gzip file in the artifact store.

    `offset` and `length` count bytes of the text, `sha256` is that of the file at `path`. The last chunk of an
    attempt that runs is replaced by a longer one until it is large enough, so that rows stay few.
    """

    job = models.ForeignKey("jobs.JobRun", on_delete=models.PROTECT, related_name="+", db_index=False)
    attempt = models.IntegerField()
    seq = models.IntegerField()
    offset = models.BigIntegerField()
    length = models.IntegerField()
    path = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["job", "attempt", "seq"], name="job_log_chunk_once"),
            models.CheckConstraint(condition=Q(offset__gte=0, length__gt=0), name="job_log_chunk_filled"),
        ]

    def __str__(self) -> str:
        return (
            f"bytes {self.offset} to {self.offset + self.length} of attempt {self.attempt} of {self.job_id}"
        )


class JobProgress(models.Model):
    """How far a named part of a job is; `total` is null where nobody knows it."""

    job = models.ForeignKey("jobs.JobRun", on_delete=models.PROTECT, related_name="progress", db_index=False)
    name = models.CharField(max_length=80)
    done = models.FloatField()
    total = models.FloatField(null=True)
    unit = models.CharField(max_length=20, blank=True)
    started_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["job", "name"], name="job_progress_once"),
            models.CheckConstraint(
                condition=Q(done__gte=0) & (Q(total__isnull=True) | Q(total__gt=0)),
                name="job_progress_positive",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.job_id}"


class JobSecret(models.Model):
    """A value that jobs of a workspace may use by name, encrypted with the key of the portal; never shown."""

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=64)
    ciphertext = models.TextField()
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField(db_default=Now())
    audit_ignores = ("ciphertext",)

    class Meta:
        verbose_name = "secret"
        ordering: ClassVar[list[Any]] = [F("name")]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["workspace", "name"], name="job_secret_once"),
        ]

    def __str__(self) -> str:
        return self.name
