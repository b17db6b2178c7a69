"""Alerts: what somebody must look at."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from compliance.models import Finding
from monitoring.facts import ALERT_STATES, OPEN, RESOLVED
from monitoring.models.monitors import Monitor, MonitorRun
from portal.accounts.models import User, Workspace
from portal.kernel.ids import uuid7


class Alert(models.Model):
    """One for each `key` while it is not resolved; seen again, it counts.

    `severity` is `warn` or `alert`, and only grows. `done` lists what followed, oldest first: `[{"action", "outcome",
    "at"}]`. An alert that is `silenced` is told to nobody and does nothing until `silenced_until`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    monitor = models.ForeignKey(Monitor, on_delete=models.PROTECT, related_name="alerts")
    run = models.ForeignKey(MonitorRun, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=200)
    severity = models.CharField(max_length=5)
    state = models.CharField(max_length=12, default=OPEN)
    title = models.CharField(max_length=300)
    detail = models.TextField(blank=True)
    opened_at = models.DateTimeField()
    alerted_at = models.DateTimeField(null=True)
    last_seen_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=1)
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, null=True, related_name="+")
    done = models.JSONField(default=list)
    silenced_until = models.DateTimeField(null=True)
    note = models.CharField(max_length=2000, blank=True)
    handled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["workspace", "-id"], name="alert_by_workspace"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["workspace", "key"], condition=~Q(state=RESOLVED), name="alert_one_at_a_time"
            ),
            models.CheckConstraint(condition=Q(state__in=ALERT_STATES), name="alert_state_known"),
            models.CheckConstraint(condition=Q(severity__in=("warn", "alert")), name="alert_severity_known"),
            models.CheckConstraint(
                condition=Q(state=RESOLVED, resolved_at__isnull=False)
                | ~Q(state=RESOLVED) & Q(resolved_at=None),
                name="alert_resolved_since",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_over(self) -> bool:
        return self.state == RESOLVED
