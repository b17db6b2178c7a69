"""Policies and what became of asking them."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from portal.accounts.models import User, Workspace
from portal.kernel.ids import uuid7

PROPOSED, PUBLISHED, REJECTED = "proposed", "published", "rejected"
POLICY_STATES = (PROPOSED, PUBLISHED, REJECTED)


class Policy(models.Model):
    """A named set of rules; no workspace means that it holds in all of them.

    `current` is the version in force. None means that none is: the policy was proposed only, or retired.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=100)
    current = models.ForeignKey("PolicyVersion", on_delete=models.PROTECT, null=True, related_name="+")
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "policies"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["workspace", "name"], nulls_distinct=False, name="policy_name_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PolicyVersion(models.Model):
    """The text of a policy at one time; only its state moves on, once, from proposed.

    `source` is the YAML as written, `document` what was read from it, `digest` the SHA-256 over the canonical
    JSON (RFC 8785) of the document: what an evaluation and an approval name.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="versions")
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, null=True, related_name="+")
    number = models.PositiveIntegerField()
    source = models.TextField()
    document = models.JSONField()
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, default=PROPOSED)
    reason = models.CharField(max_length=1000, blank=True)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["policy", "number"], name="policy_version_unique"),
            models.CheckConstraint(condition=Q(state__in=POLICY_STATES), name="policy_version_state_known"),
            models.CheckConstraint(
                condition=Q(proposed_by__isnull=True) | Q(decided_by__isnull=True)
                | ~Q(proposed_by=F("decided_by")),
                name="policy_version_second_person",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.policy} v{self.number}"


class GateEvaluation(models.Model):
    """One asking of the policies about one act on one subject: the facts, the rules, the answer. Never changed.

    `checks` is `[{policy, policy_digest, rule, title, outcome, message, waiver}]` with outcome pass, fail,
    waived or error. The same facts and policy digests give the same checks at any later time.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    act = models.CharField(max_length=80)
    subject_type = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=80)
    subject_label = models.CharField(max_length=400)
    facts = models.JSONField()
    facts_digest = models.CharField(max_length=64)
    policy_versions = models.ManyToManyField(PolicyVersion, related_name="evaluations")
    waivers = models.JSONField(default=list)
    checks = models.JSONField()
    approvals_needed = models.JSONField(default=list)
    passed = models.BooleanField()
    actor = models.CharField(max_length=120)
    evaluated_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["subject_type", "subject_id", "-id"], name="evaluation_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.act} of {self.subject_label}"


class Evidence(models.Model):
    """A recorded fact about a subject: what was looked at, by what, when, and how it came out. Never changed.

    `kind` is one of the control catalogue's evidence kinds, `outcome` pass, fail or info. `subject_digest` is
    the digest of the files that the evidence is about, `digest` the SHA-256 over the canonical JSON of
    `{kind, outcome, summary, body}`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    subject_type = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=80)
    subject_label = models.CharField(max_length=400)
    subject_digest = models.CharField(max_length=64, blank=True)
    kind = models.CharField(max_length=40)
    outcome = models.CharField(max_length=10)
    summary = models.CharField(max_length=1000, blank=True)
    body = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    source = models.CharField(max_length=200)
    actor = models.CharField(max_length=120)
    recorded_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "evidence"
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["subject_type", "subject_id", "kind", "-id"], name="evidence_by_subject"),
            models.Index(fields=["workspace", "kind", "-id"], name="evidence_by_kind"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(outcome__in=["pass", "fail", "info"]), name="evidence_outcome_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.subject_label}"
