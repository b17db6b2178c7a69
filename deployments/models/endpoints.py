"""Endpoints: a stable name and address in one environment."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length

from deployments.facts import ENVIRONMENTS, LOCAL
from portal.accounts.models import User, Workspace
from portal.kernel.ids import uuid7

models.CharField.register_lookup(Length)


class Endpoint(models.Model):
    """A name that is unique in the portal while it is not deleted, since it is an address; deleting leaves the row.

    `settings` is normal (`deployments.validation`): `resources`, `limits`, `inference_log`. `is_stopped` is the kill
    switch. `route_revision` counts every change that gateways must hear: of traffic, of the switch, of limits.
    `wanted_revision` counts every change that a reconciliation must see.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=63)
    environment = models.CharField(max_length=10)
    description = models.TextField(blank=True)
    target = models.CharField(max_length=60, default=LOCAL)
    settings = models.JSONField(default=dict)
    is_stopped = models.BooleanField(default=False)
    stop_reason = models.CharField(max_length=2000, blank=True)
    stopped_at = models.DateTimeField(null=True)
    route_revision = models.BigIntegerField(default=1)
    wanted_revision = models.BigIntegerField(default=1)
    last_number = models.PositiveIntegerField(default=0)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    audit_ignores = ("route_revision", "wanted_revision")

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["workspace", "-id"], name="endpoint_by_workspace"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(deleted_at__isnull=True), name="endpoint_name_unique"
            ),
            models.CheckConstraint(
                condition=Q(environment__in=ENVIRONMENTS), name="endpoint_environment_known"
            ),
            models.CheckConstraint(
                condition=Q(name__regex=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"), name="endpoint_name_form"
            ),
            models.CheckConstraint(
                condition=Q(is_stopped=True, stopped_at__isnull=False)
                | Q(is_stopped=False, stopped_at__isnull=True),
                name="endpoint_stopped_since",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class KillDrill(models.Model):
    """A try of the kill switch: when it was thrown, when every gateway refused, when it was put back."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="drills")
    route_revision = models.BigIntegerField()
    started_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    gateways = models.PositiveIntegerField(default=0)
    outcome = models.CharField(max_length=500, blank=True)
    started_by = models.CharField(max_length=120)
    started_by_name = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"drill of {self.endpoint}"

    @property
    def workspace_id(self) -> int:
        return self.endpoint.workspace_id
