"""Requests, decisions and approvals: who was asked, who answered, and what may be done for it."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from compliance.models.policies import GateEvaluation
from portal.accounts.models import Role, User, Workspace
from portal.kernel.ids import uuid7

DRAFT, OPEN, CHANGES_REQUESTED = "draft", "open", "changes_requested"
APPROVED, REJECTED, WITHDRAWN, EXPIRED, INVALIDATED = (
    "approved", "rejected", "withdrawn", "expired", "invalidated",
)  # fmt: skip
REQUEST_STATES = (DRAFT, OPEN, CHANGES_REQUESTED, APPROVED, REJECTED, WITHDRAWN, EXPIRED, INVALIDATED)
PENDING_STATES = (DRAFT, OPEN, CHANGES_REQUESTED)

EFFECTIVE, REVOKED, LAPSED, SUPERSEDED = "effective", "revoked", "lapsed", "superseded"
APPROVAL_STATES = (EFFECTIVE, REVOKED, LAPSED, SUPERSEDED)

APPROVE, REJECT, ASK_CHANGES = "approve", "reject", "ask_changes"
VERDICTS = (APPROVE, REJECT, ASK_CHANGES)


class ApprovalRequest(models.Model):
    """The question: may `act` be done to this subject, with these digests?

    `params` are the plain-JSON arguments of the act, `target_key` names what it moves (one pending request per
    target and subject). `evidence_digest` stands for all that the approvers look at; a request whose digest no
    longer holds is invalidated. `excluded` are the ids of the persons who may not decide: requester, authors.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    act = models.CharField(max_length=80)
    subject_type = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=80)
    subject_label = models.CharField(max_length=400)
    subject_digest = models.CharField(max_length=64)
    target_key = models.CharField(max_length=400)
    target_label = models.CharField(max_length=400)
    params = models.JSONField(default=dict)
    evaluation = models.ForeignKey(GateEvaluation, on_delete=models.PROTECT, related_name="requests")
    evidence_digest = models.CharField(max_length=64)
    approvals_needed = models.JSONField(default=list)
    excluded = models.JSONField(default=list)
    risk_tier = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=20, default=DRAFT)
    round = models.PositiveIntegerField(default=1)
    apply_on_approval = models.BooleanField(default=True)
    is_break_glass = models.BooleanField(default=False)
    reason = models.CharField(max_length=2000, blank=True)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    opened_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    close_reason = models.CharField(max_length=2000, blank=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["workspace", "state", "-id"], name="request_by_workspace"),
            models.Index(fields=["subject_type", "subject_id", "-id"], name="request_by_subject"),
            models.Index(fields=["target_key", "-id"], name="request_by_target"),
            models.Index(
                fields=["expires_at"], condition=Q(state__in=PENDING_STATES), name="request_expiring"
            ),
        ]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["act", "target_key", "subject_type", "subject_id"],
                condition=Q(state__in=PENDING_STATES), name="request_one_pending",
            ),
            models.CheckConstraint(condition=Q(state__in=REQUEST_STATES), name="request_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=PENDING_STATES, closed_at__isnull=True)
                | ~Q(state__in=PENDING_STATES) & Q(closed_at__isnull=False),
                name="request_closed_when_ended",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.target_label} to {self.subject_label}"

    @property
    def is_pending(self) -> bool:
        return self.state in PENDING_STATES


class Decision(models.Model):
    """What one person said about a request in one round, as whom, and what they had before them. Never changed.

    `on_behalf_of` is the person who delegated. `reauthenticated_at` is when the decider proved again who they
    are, for this decision.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    request = models.ForeignKey(ApprovalRequest, on_delete=models.PROTECT, related_name="decisions")
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    round = models.PositiveIntegerField()
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=20, choices=Role.choices)
    verdict = models.CharField(max_length=20)
    reason = models.CharField(max_length=2000, blank=True)
    subject_digest = models.CharField(max_length=64)
    evidence_digest = models.CharField(max_length=64)
    reauthenticated_at = models.DateTimeField()
    decided_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["request", "round", "person"], name="decision_once_a_round"),
            models.UniqueConstraint(
                fields=["request", "round", "on_behalf_of"], condition=Q(on_behalf_of__isnull=False),
                name="decision_one_delegate",
            ),
            models.CheckConstraint(condition=Q(verdict__in=VERDICTS), name="decision_verdict_known"),
            models.CheckConstraint(
                condition=Q(on_behalf_of__isnull=True) | ~Q(on_behalf_of=F("person")),
                name="decision_not_for_oneself",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.person} {self.verdict}s {self.request}"


class Approval(models.Model):
    """A yes that holds: for one act, one target, one subject with exactly these digests.

    Unused, it lapses at `expires_at`. Once used (`used_at`) it covers what it did until it is revoked, or
    superseded when the target moves on. `confirm_by` is set by break-glass: until then a second person approves
    (`confirmed_by`), or the approval is revoked.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    request = models.OneToOneField(ApprovalRequest, on_delete=models.PROTECT, related_name="approval")
    act = models.CharField(max_length=80)
    target_key = models.CharField(max_length=400)
    subject_type = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=80)
    subject_digest = models.CharField(max_length=64)
    evidence_digest = models.CharField(max_length=64)
    state = models.CharField(max_length=12, default=EFFECTIVE)
    effective_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    confirm_by = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=2000, blank=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["act", "target_key", "subject_type", "subject_id"], name="approval_find"),
            models.Index(fields=["workspace", "state", "-id"], name="approval_by_workspace"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["act", "target_key", "subject_type", "subject_id"], condition=Q(state=EFFECTIVE),
                name="approval_one_effective",
            ),
            models.CheckConstraint(condition=Q(state__in=APPROVAL_STATES), name="approval_state_known"),
            models.CheckConstraint(
                condition=Q(state=EFFECTIVE, ended_at__isnull=True)
                | ~Q(state=EFFECTIVE) & Q(ended_at__isnull=False),
                name="approval_ended_when_over",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"approval of {self.request}"


class Delegation(models.Model):
    """For a time, `to_user` may decide where `from_user` could; never where either is excluded."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    from_user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    to_user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.APPROVER)
    reason = models.CharField(max_length=1000, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="delegation_has_length"),
            models.CheckConstraint(condition=~Q(from_user=F("to_user")), name="delegation_to_another"),
        ]

    def __str__(self) -> str:
        return f"{self.from_user} to {self.to_user}"


class Waiver(models.Model):
    """An approved exception from one rule for one subject, until a date. A second person grants it.

    `excluded` are the ids of the persons who may not: requester, authors, and whom policies exclude.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    policy_name = models.CharField(max_length=100)
    rule = models.CharField(max_length=100)
    subject_type = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=80)
    subject_label = models.CharField(max_length=400)
    subject_digest = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=2000)
    excluded = models.JSONField(default=list)
    compensating_control = models.CharField(max_length=2000, blank=True)
    state = models.CharField(max_length=10, default="requested")
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["subject_type", "subject_id"], name="waiver_by_subject"),
            models.Index(fields=["workspace", "state", "-id"], name="waiver_by_workspace"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(state__in=["requested", "granted", "refused", "ended"]), name="waiver_state_known"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")),
                name="waiver_second_person",
            ),
        ]

    def __str__(self) -> str:
        return f"waiver of {self.rule} for {self.subject_label}"
