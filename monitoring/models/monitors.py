"""Monitors and their measurements."""

import datetime as dt
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from deployments.models import Endpoint
from monitoring.facts import ALERT, KINDS, RUN_STATES, WARN
from portal.accounts.models import User, Workspace
from portal.kernel.ids import uuid7


class Monitor(models.Model):
    """What is watched at an endpoint, and how often.

    `settings` is normal (`monitoring.validation`). `due_at` is when the next measurement is due; while it is paused
    none is. `silenced_until` keeps alerts from being told and acted on, for a reason. Deleting leaves the row.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="monitors")
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=100)
    settings = models.JSONField(default=dict)
    every_seconds = models.PositiveIntegerField()
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    is_paused = models.BooleanField(default=False)
    silenced_until = models.DateTimeField(null=True)
    silence_reason = models.CharField(max_length=2000, blank=True)
    due_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    audit_ignores = ("due_at",)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["due_at"], condition=Q(is_paused=False, deleted_at__isnull=True), name="monitor_due"
            ),
        ]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["endpoint", "name"], condition=Q(deleted_at__isnull=True), name="monitor_name_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="monitor_kind_known"),
            models.CheckConstraint(condition=Q(every_seconds__gte=10), name="monitor_not_too_often"),
        ]

    def __str__(self) -> str:
        return f"{self.name} at {self.endpoint}"

    @property
    def title(self) -> str:
        """Its kind in words."""
        return self.kind.replace("_", " ").capitalize()

    def is_silenced(self, at: dt.datetime) -> bool:
        return self.silenced_until is not None and self.silenced_until > at


class MonitorRun(models.Model):
    """One measurement, for one due time. PostgreSQL refuses to change it, and to delete it but when its time is over.

    The window is from `begins_at` to `ends_at`; `rows` is how many rows or requests were seen. `value` is
    compared with the thresholds; `summary` says in a sentence what was found. `body` is what reports are drawn from
    (`monitoring.evaluating`).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    monitor = models.ForeignKey(Monitor, on_delete=models.PROTECT, related_name="runs", db_index=False)
    due_at = models.DateTimeField()
    begins_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField()
    rows = models.PositiveIntegerField()
    state = models.CharField(max_length=10)
    value = models.FloatField(null=True)
    summary = models.CharField(max_length=1000, blank=True)
    body = models.JSONField(default=dict)
    made_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["monitor", "-id"], name="monitor_run_newest"),
            models.Index(fields=["made_at"], condition=~Q(state__in=(WARN, ALERT)), name="monitor_run_over"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["monitor", "due_at"], name="monitor_run_once"),
            models.CheckConstraint(condition=Q(state__in=RUN_STATES), name="monitor_run_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.state} of {self.monitor}"

    @property
    def workspace_id(self) -> int:
        return self.monitor.workspace_id
