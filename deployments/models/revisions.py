"""Revisions, the traffic that they get from when to when, and how it comes to them."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from compliance.models import Approval
from deployments.facts import (
    DESIRED_STATES,
    LIVE,
    OBSERVED_STATES,
    PENDING,
    ROLLOUT_GOES_ON,
    ROLLOUT_STATES,
    RUNNING,
    STRATEGIES,
    TRAFFIC_ROLES,
    WAITING,
)
from deployments.models.endpoints import Endpoint
from portal.accounts.models import User
from portal.kernel.ids import uuid7
from registry.models import ModelVersion


class Revision(models.Model):
    """One version of a model at an endpoint, under an approval where a policy asks for one.

    `digest` is that of the files when it was made; what serves must still have it. `settings` (resources) are those of
    the endpoint at that time. None of these ever changes. `observed_state` is what the target last told, with
    `observed_detail` in words; `addresses` are the base URLs of its ready processes, for the gateway. `prepared` is
    what it runs from, `{model, python, environment, signature}`: two paths on the machine that serves, the digest of
    the environment and the fingerprint of the key that the files were signed with, if they were.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="revisions", db_index=False)
    number = models.PositiveIntegerField()
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="revisions")
    digest = models.CharField(max_length=64)
    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, null=True, related_name="revisions")
    settings = models.JSONField(default=dict)
    reason = models.CharField(max_length=2000, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    made_by = models.CharField(max_length=120)
    made_by_name = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    desired_state = models.CharField(max_length=10, default=RUNNING)
    observed_state = models.CharField(max_length=10, default=PENDING)
    observed_detail = models.CharField(max_length=4000, blank=True)
    observed_at = models.DateTimeField(null=True)
    addresses = models.JSONField(default=list)
    prepared = models.JSONField(null=True)
    ready_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)

    audit_ignores = ("observed_at", "addresses")

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["endpoint"], condition=Q(desired_state=RUNNING), name="revision_wanted"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["endpoint", "number"], name="revision_number_once"),
            models.CheckConstraint(
                condition=Q(desired_state__in=DESIRED_STATES), name="revision_desired_known"
            ),
            models.CheckConstraint(
                condition=Q(observed_state__in=OBSERVED_STATES), name="revision_observed_known"
            ),
            models.CheckConstraint(condition=~Q(digest=""), name="revision_has_digest"),
        ]

    def __str__(self) -> str:
        return f"revision {self.number} of {self.endpoint}"

    @property
    def workspace_id(self) -> int:
        return self.endpoint.workspace_id


class Rollout(models.Model):
    """How traffic comes to a revision.

    `steps` is `[{percent, seconds}]`, `step` the one that it is at. `guards` is `{max_error_rate, max_p95_ms,
    min_requests, window_seconds, on_drift}`. `before` is the split when it began, `[{revision, percent}]` by
    number: where a roll-back returns to.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="rollouts")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="rollouts")
    strategy = models.CharField(max_length=12)
    steps = models.JSONField(default=list)
    guards = models.JSONField(default=dict)
    before = models.JSONField(default=list)
    state = models.CharField(max_length=12, default=WAITING)
    step = models.PositiveIntegerField(default=0)
    step_began_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=2000, blank=True)
    started_by = models.CharField(max_length=120)
    started_by_name = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["endpoint"], condition=Q(state__in=ROLLOUT_GOES_ON), name="rollout_one_at_a_time"
            ),
            models.CheckConstraint(condition=Q(strategy__in=STRATEGIES), name="rollout_strategy_known"),
            models.CheckConstraint(condition=Q(state__in=ROLLOUT_STATES), name="rollout_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=ROLLOUT_GOES_ON, ended_at=None)
                | ~Q(state__in=ROLLOUT_GOES_ON) & Q(ended_at__isnull=False),
                name="rollout_ended_when_over",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.strategy} of {self.revision}"

    @property
    def workspace_id(self) -> int:
        return self.endpoint.workspace_id

    @property
    def title(self) -> str:
        """The strategy in words."""
        return {"blue_green": "Blue/green", "canary": "Canary", "ab": "A/B", "shadow": "Shadow"}[
            self.strategy
        ]

    @property
    def goes_on(self) -> bool:
        return self.state in ROLLOUT_GOES_ON


class Traffic(models.Model):
    """A revision got this percentage of an endpoint's requests (or of copies of them) from when until when.

    All intervals of an endpoint that are moved together end and begin at one moment. The present are those without an
    end: their live percentages are 100 in all, or there is none.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="traffic", db_index=False)
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="traffic")
    role = models.CharField(max_length=6, default=LIVE)
    percent = models.PositiveSmallIntegerField()
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)
    rollout = models.ForeignKey(Rollout, on_delete=models.PROTECT, null=True, related_name="moves")
    moved_by = models.CharField(max_length=120)
    moved_by_name = models.CharField(max_length=200, blank=True)
    ended_by = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=2000, blank=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["endpoint", "-valid_from"], name="traffic_history"),
            models.Index(fields=["endpoint"], condition=Q(valid_to__isnull=True), name="traffic_current"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["revision", "role"], condition=Q(valid_to__isnull=True), name="traffic_once"
            ),
            models.CheckConstraint(condition=Q(role__in=TRAFFIC_ROLES), name="traffic_role_known"),
            models.CheckConstraint(condition=Q(percent__gte=1, percent__lte=100), name="traffic_percent"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="traffic_forward"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.percent} % to {self.revision}"

    @property
    def workspace_id(self) -> int:
        return self.endpoint.workspace_id
