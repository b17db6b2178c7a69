"""What passed through the gateways: single requests (the inference log), what became known of them, and sums.

These rows are written by COPY and by plain SQL, many at once; the migration makes their tables.
"""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from deployments.latency import PLACES
from deployments.models.endpoints import Endpoint
from deployments.models.revisions import Revision
from portal.accounts.models import User


class InferenceRecord(models.Model):
    """One request to one revision, as far as the policy of the endpoint keeps it. A table partitioned by the day.

    `role` is `live`, or `shadow` for a copy whose answer nobody got; both have the `request_id` of the caller.
    `request` and `response` are JSON without the values that the policy leaves out, and null where there was none.
    `rows` is how many rows were asked about, where the request says so.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="+", db_index=False)
    revision = models.ForeignKey(
        Revision, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    version = models.CharField(max_length=20)
    at = models.DateTimeField()
    request_id = models.CharField(max_length=64)
    actor = models.CharField(max_length=120)
    role = models.CharField(max_length=6)
    status = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=60)
    latency_ms = models.FloatField()
    rows = models.PositiveIntegerField(null=True)
    request = models.JSONField(null=True)
    response = models.JSONField(null=True)
    retention_class = models.CharField(max_length=12)
    routing_key_hash = models.CharField(max_length=16)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["endpoint", "-at"], name="inference_by_endpoint"),
            models.Index(fields=["revision", "-at"], name="inference_by_revision"),
            models.Index(fields=["request_id"], name="inference_by_request"),
        ]

    def __str__(self) -> str:
        return self.request_id


class InferenceGap(models.Model):
    """So many records of an endpoint were dropped between two times, and why: the log says where it is not whole."""

    id = models.BigAutoField(primary_key=True)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="+", db_index=False)
    gateway = models.CharField(max_length=200)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    dropped = models.PositiveIntegerField()
    why = models.CharField(max_length=60)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["endpoint", "-begins_at"], name="inference_gap_by_endpoint")
        ]

    def __str__(self) -> str:
        return f"{self.dropped} dropped"


class Feedback(models.Model):
    """What became known of a prediction later: the truth, or what somebody thought of it. Newer rows count.

    `row` is the place in the request, from 0. `kind` is `truth` or `feedback`.
    """

    id = models.BigAutoField(primary_key=True)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="+", db_index=False)
    request_id = models.CharField(max_length=64)
    row = models.PositiveIntegerField(default=0)
    kind = models.CharField(max_length=10)
    value = models.JSONField()
    at = models.DateTimeField()
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["endpoint", "-at"], name="feedback_by_endpoint"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["request_id", "endpoint", "row", "kind"], name="feedback_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=("truth", "feedback")), name="feedback_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.request_id}"


class TrafficFigure(models.Model):
    """Sums over ten seconds of what one revision was asked, over all gateways; `revision` is null for requests that
    came to none. `latency` counts answers by the bounds in `deployments.latency`; copies have the role `shadow`.
    """

    id = models.BigAutoField(primary_key=True)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="+", db_index=False)
    revision = models.ForeignKey(
        Revision, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    role = models.CharField(max_length=6)
    at = models.DateTimeField()
    requests = models.PositiveIntegerField()
    caller_errors = models.PositiveIntegerField()
    limited = models.PositiveIntegerField()
    server_errors = models.PositiveIntegerField()
    milliseconds = models.FloatField()
    latency = ArrayField(models.IntegerField())

    class Meta:
        indexes: ClassVar[list[Any]] = [models.Index(fields=["at"], name="traffic_figure_by_time")]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["endpoint", "at", "revision", "role"],
                name="traffic_figure_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=models.Q(latency__len=PLACES), name="traffic_figure_whole"),
        ]

    def __str__(self) -> str:
        return f"{self.requests} requests"
