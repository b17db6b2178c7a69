"""What follows from decisions: findings, re-certifications, AI systems, holds and reviews."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from portal.accounts.models import User, Workspace
from portal.kernel.ids import uuid7

SEVERITIES = ("low", "medium", "high", "critical")
RISK_TIERS = ("minimal", "limited", "high", "prohibited", "unclassified")


class Finding(models.Model):
    """A defect that somebody must see to, with an owner and a due date.

    `key` names the defect; while a finding of the same key is open, finding it again changes nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=200)
    subject_type = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=80)
    subject_label = models.CharField(max_length=400)
    title = models.CharField(max_length=300)
    description = models.TextField(blank=True)
    severity = models.CharField(max_length=10)
    source = models.CharField(max_length=200)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    due_at = models.DateTimeField()
    is_open = models.BooleanField(default=True)
    opened_by = models.CharField(max_length=120)
    opened_at = models.DateTimeField(auto_now_add=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closure = models.CharField(max_length=2000, blank=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["workspace", "is_open", "due_at"], name="finding_by_workspace"),
            models.Index(fields=["subject_type", "subject_id"], name="finding_by_subject"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["workspace", "key"], condition=Q(is_open=True), name="finding_one_open"
            ),
            models.CheckConstraint(condition=Q(severity__in=SEVERITIES), name="finding_severity_known"),
        ]

    def __str__(self) -> str:
        return self.title


class Recertification(models.Model):
    """A dated renewal of an approval in force: planned by risk tier, or asked for by a trigger."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    approval = models.ForeignKey(
        "Approval", on_delete=models.PROTECT, null=True, related_name="recertifications"
    )
    subject_type = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=80)
    subject_label = models.CharField(max_length=400)
    trigger = models.CharField(max_length=40)
    detail = models.CharField(max_length=1000, blank=True)
    due_at = models.DateTimeField()
    outcome = models.CharField(max_length=12, blank=True)
    statement = models.CharField(max_length=2000, blank=True)
    completed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    completed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["workspace", "due_at"],
                condition=Q(completed_at__isnull=True),
                name="recertification_due",
            ),
        ]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["approval", "subject_type", "subject_id", "trigger"],
                condition=Q(completed_at__isnull=True), nulls_distinct=False, name="recertification_one_open",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["", "renewed", "revoked"]), name="recertification_outcome_known"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"re-certification of {self.subject_label}"


class AISystem(models.Model):
    """What is regulated: a use with a purpose, an owner, a role under the AI Act and a risk tier.

    The versions that it uses are links of the registry, which stands above this app.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    intended_purpose = models.TextField()
    description = models.TextField(blank=True)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20)
    risk_tier = models.CharField(max_length=20, default="unclassified")
    risk_rationale = models.TextField(blank=True)
    details = models.JSONField(default=dict)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "AI system"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["workspace", "name"], name="ai_system_name_unique"),
            models.CheckConstraint(
                condition=Q(role__in=["provider", "deployer"]), name="ai_system_role_known"
            ),
            models.CheckConstraint(condition=Q(risk_tier__in=RISK_TIERS), name="ai_system_tier_known"),
        ]

    def __str__(self) -> str:
        return self.name


class LegalHold(models.Model):
    """While it holds, nothing of the subject may be erased or collected."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    subject_type = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=80)
    subject_label = models.CharField(max_length=400)
    reason = models.CharField(max_length=2000)
    placed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField(auto_now_add=True)
    released_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id"], condition=Q(released_at__isnull=True),
                name="legal_hold_one_active",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"hold on {self.subject_label}"


class AccessReview(models.Model):
    """A dated look at who may do what in a workspace; `entries` keep each grant as seen and what was decided."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    entries = models.JSONField(default=list)
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(auto_now_add=True)
    completed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    completed_at = models.DateTimeField(null=True)
    statement = models.CharField(max_length=2000, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["workspace"], condition=Q(completed_at__isnull=True), name="access_review_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"access review of {self.workspace}"
