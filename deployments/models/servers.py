"""What the local target has: server processes on nodes; and what gateways know."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from deployments.facts import PENDING, RUNNING, SERVER_SEEN, SERVER_WANTED
from deployments.models.endpoints import Endpoint
from deployments.models.revisions import Revision
from portal.kernel.ids import uuid7


class ServingNode(models.Model):
    """A machine that holds server processes: `manage.py serving_node` says that it is there."""

    name = models.CharField(primary_key=True, max_length=200)
    seen_at = models.DateTimeField()
    started_at = models.DateTimeField()
    facts = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.name


class Server(models.Model):
    """One server process of a revision. `wanted` is the target's word, the rest is what the node saw.

    `order` is what the process is started with: `{python, model, name, version, digest, body_bytes, timeout_seconds,
    concurrency, cpus, memory_mb}`. It holds no secret. `pid` is that of the process which holds it. `failures` counts
    the starts in a row that came to nothing, `exit_code` is that of the last end.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="servers", db_index=False)
    replica = models.PositiveSmallIntegerField()
    node = models.CharField(max_length=200)
    order = models.JSONField(default=dict)
    wanted = models.CharField(max_length=10, default=RUNNING)
    seen = models.CharField(max_length=10, default=PENDING)
    seen_at = models.DateTimeField(null=True)
    port = models.PositiveIntegerField(null=True)
    pid = models.PositiveIntegerField(null=True)
    process_key = models.CharField(max_length=100, blank=True)
    restarts = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    exit_code = models.IntegerField(null=True)
    detail = models.CharField(max_length=4000, blank=True)
    ready_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["node"], condition=~Q(seen="gone"), name="server_by_node"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["revision", "replica"], name="server_once"),
            models.CheckConstraint(condition=Q(wanted__in=SERVER_WANTED), name="server_wanted_known"),
            models.CheckConstraint(condition=Q(seen__in=SERVER_SEEN), name="server_seen_known"),
        ]

    def __str__(self) -> str:
        return f"server {self.replica} of {self.revision}"


class GatewayAck(models.Model):
    """The `route_revision` of an endpoint that a gateway follows, and since when it has nothing older at work.

    A gateway that was not heard of for some seconds is gone and waited for no more.
    """

    id = models.BigAutoField(primary_key=True)
    gateway = models.CharField(max_length=200)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="acks", db_index=False)
    route_revision = models.BigIntegerField()
    seen_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["endpoint", "gateway"], name="gateway_ack_once"),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} at {self.route_revision}"
