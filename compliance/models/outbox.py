"""What is to be told to the outside: written with the change, delivered by a job, kept for replay."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from portal.accounts.models import User, Workspace
from portal.kernel.ids import uuid7


class Notice(models.Model):
    """One thing that happened and that others want to know; its id is the event id that receivers see.

    `topic` is like `approval_request.opened` or MLflow's `model_version.created`; `data` is plain JSON without
    secrets. `to_users` are the ids of persons who are told by e-mail.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, null=True, related_name="+")
    topic = models.CharField(max_length=60)
    title = models.CharField(max_length=400)
    url = models.CharField(max_length=600, blank=True)
    data = models.JSONField(default=dict)
    to_users = models.JSONField(default=list)
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["workspace", "-id"], name="notice_by_workspace"),
        ]

    def __str__(self) -> str:
        return self.title


class Webhook(models.Model):
    """Where notices are posted, signed. Its secret is stored encrypted and never shown again.

    `events` is `[{"entity", "action"}]` in MLflow's words; `topics` are those of the portal beyond MLflow's.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    description = models.CharField(max_length=1000, blank=True)
    url = models.CharField(max_length=2000)
    events = models.JSONField(default=list)
    topics = models.JSONField(default=list)
    style = models.CharField(max_length=10, default="mlflow")
    secret = models.BinaryField(null=True)
    status = models.CharField(max_length=10, default="ACTIVE")
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    creation_timestamp = models.BigIntegerField()
    last_updated_timestamp = models.BigIntegerField()
    deleted_at = models.DateTimeField(null=True)

    audit_ignores = ("secret",)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(status__in=["ACTIVE", "DISABLED"]), name="webhook_status_known"
            ),
            models.CheckConstraint(
                condition=Q(style__in=["mlflow", "cloudevents", "slack"]), name="webhook_style_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One notice on its way to one receiver: a webhook, or the e-mail address of a person."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="deliveries")
    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, null=True, related_name="deliveries")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, default="waiting")
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["next_try_at"], condition=Q(state="waiting"), name="delivery_waiting"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["notice", "webhook", "user"], nulls_distinct=False, name="delivery_once"
            ),
            models.CheckConstraint(
                condition=Q(webhook__isnull=True, user__isnull=False)
                | Q(webhook__isnull=False, user__isnull=True),
                name="delivery_one_receiver",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "sent", "failed"]), name="delivery_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice} to {self.webhook or self.user}"

    @property
    def workspace_id(self) -> int | None:
        """A delivery is where its notice is."""
        return self.notice.workspace_id
