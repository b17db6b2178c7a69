"""Evidence that compliance itself keeps: records, policies, approvals, findings, roles, and the audit log."""

from collections.abc import Iterator

from django.db.models import Q

from compliance.controls.providers import FAIL, INFO, PASS, Item, Scope, evidence_provide
from compliance.evidence_kinds import KINDS
from compliance.models import (
    AccessReview,
    Approval,
    Evidence,
    Finding,
    GateEvaluation,
    Policy,
    Recertification,
    Waiver,
)
from portal.accounts.models import Membership
from portal.audit.models import AuditCheckpoint, AuditEvent, AuditLeaf
from portal.kernel.clock import now

SYSTEM_TYPE = "aisystem"
_AT_MOST = 200


def about(scope: Scope) -> Q:
    """Rows about the system itself or about what belongs to it."""
    found = Q(subject_type=SYSTEM_TYPE, subject_id=scope.system.pk.hex)
    for subject in scope.subjects:
        found |= Q(subject_type=subject.type, subject_id=subject.id)
    return found


def subject_of(scope: Scope, subject_type: str, subject_id: str) -> str:
    """The version that a row is about; empty where it is about the system."""
    return "" if subject_type == SYSTEM_TYPE else subject_id


@evidence_provide(*sorted(KINDS))
def recorded(scope: Scope) -> Iterator[Item]:
    """The newest evidence of each kind, and of the statements for each control; other bytes do not count."""
    digests = {subject.id: subject.digest for subject in scope.subjects}
    rows = Evidence.objects.filter(about(scope), workspace_id=scope.system.workspace_id).order_by("-id")
    seen: set[tuple[str, str, str]] = set()
    for row in rows[: _AT_MOST * 5]:
        subject = subject_of(scope, row.subject_type, row.subject_id)
        control = str(row.body.get("control", "")) if isinstance(row.body, dict) else ""
        if (subject and row.subject_digest != digests[subject]) or (row.kind, subject, control) in seen:
            continue
        seen.add((row.kind, subject, control))
        yield Item(
            row.kind, row.summary or f"{row.kind} of {row.subject_label}", row.recorded_at, row.digest, row.outcome,
            subject=subject, expires_at=row.expires_at, object=("evidence", row.pk.hex), control=control,
            facts={"evidence_id": str(row.pk), "source": row.source, "about": row.subject_label, "body": row.body},
        )  # fmt: skip


@evidence_provide("ai_system")
def system_record(scope: Scope) -> Iterator[Item]:
    system = scope.system
    yield Item(
        "ai_system", f"Record of {system.name}, {system.role}, tier {system.risk_tier}", system.updated_at,
        url=f"/systems/{system.pk}", object=(SYSTEM_TYPE, system.pk.hex),
    )  # fmt: skip


@evidence_provide("policy_version")
def policies(scope: Scope) -> Iterator[Item]:
    """The policies in force where the system is."""
    inside = Q(workspace=None) | Q(workspace_id=scope.system.workspace_id)
    for policy in (
        Policy.objects.filter(inside, current__isnull=False).select_related("current").order_by("name")
    ):
        version = policy.current
        assert version is not None  # noqa: S101 - the filter says so
        yield Item(
            "policy_version", f"Policy {version}", version.decided_at, version.digest, url=f"/policies/{policy.pk}",
            object=("policyversion", version.pk.hex),
        )  # fmt: skip


@evidence_provide("gate_result")
def gate_results(scope: Scope) -> Iterator[Item]:
    """The newest evaluation of the policies about each version."""
    rows = (
        GateEvaluation.objects.filter(about(scope))
        .order_by("subject_id", "act", "-id")
        .distinct("subject_id", "act")
    )
    for row in rows:
        yield Item(
            "gate_result", f"{row}: {'all rules hold' if row.passed else 'rules do not hold'}", row.evaluated_at,
            row.facts_digest, PASS if row.passed else FAIL, subject=subject_of(scope, row.subject_type, row.subject_id),
            object=("gateevaluation", row.pk.hex), facts={"checks": row.checks},
        )  # fmt: skip


@evidence_provide("approval")
def approvals(scope: Scope) -> Iterator[Item]:
    """Approvals of exactly these files; one that ended does not count, nor break-glass before it is confirmed."""
    digests = {subject.id: subject.digest for subject in scope.subjects}
    rows = Approval.objects.filter(about(scope)).select_related("request").order_by("-id")[:_AT_MOST]
    for row in rows:
        if digests.get(row.subject_id, row.subject_digest) != row.subject_digest:
            continue
        is_waiting = row.confirm_by is not None and row.confirmed_at is None
        outcome = (
            PASS
            if row.state == "effective" and not is_waiting
            else INFO
            if row.state == "superseded"
            else FAIL
        )
        yield Item(
            "approval", f"Approval of {row.request}, {row.state}", row.effective_at, row.evidence_digest, outcome,
            url=f"/approvals/{row.request_id.hex}", subject=subject_of(scope, row.subject_type, row.subject_id),
            object=("approval", row.pk.hex), facts={"request_id": str(row.request_id)},
        )  # fmt: skip


@evidence_provide("exception")
def exceptions(scope: Scope) -> Iterator[Item]:
    for row in Waiver.objects.filter(about(scope), decided_at__isnull=False).order_by("-id")[:_AT_MOST]:
        holds = row.state == "granted" and row.expires_at > now()
        yield Item(
            "exception", f"Waiver of {row.rule}, {row.state}", row.decided_at, outcome=PASS if holds else INFO,
            subject=subject_of(scope, row.subject_type, row.subject_id), expires_at=row.expires_at,
            object=("waiver", row.pk.hex),
        )  # fmt: skip


@evidence_provide("finding")
def findings(scope: Scope) -> Iterator[Item]:
    """An open finding is evidence of looking; one that is overdue is evidence against."""
    for row in Finding.objects.filter(about(scope)).order_by("-id")[:_AT_MOST]:
        overdue = row.is_open and row.due_at < now()
        state = "overdue" if overdue else "open" if row.is_open else "closed"
        yield Item(
            "finding", f"Finding ({row.severity}, {state}): {row.title}", row.closed_at or row.opened_at,
            outcome=FAIL if overdue else INFO if row.is_open else PASS, url=f"/findings/{row.pk}",
            object=("finding", row.pk.hex),
        )  # fmt: skip


@evidence_provide("recertification")
def recertifications(scope: Scope) -> Iterator[Item]:
    for row in Recertification.objects.filter(about(scope)).order_by("-id")[:_AT_MOST]:
        overdue = row.completed_at is None and row.due_at < now()
        outcome = FAIL if overdue or row.outcome == "revoked" else PASS if row.completed_at else INFO
        yield Item(
            "recertification", f"Re-certification of {row.subject_label}: {row.outcome or 'due'}",
            row.completed_at or row.due_at, outcome=outcome, object=("recertification", row.pk.hex),
        )  # fmt: skip


@evidence_provide("role_assignment")
def roles(scope: Scope) -> Iterator[Item]:
    grants = Membership.objects.filter(workspace_id=scope.system.workspace_id, user__is_active=True)
    for grant in grants.select_related("user").order_by("role", "user__username")[:_AT_MOST]:
        yield Item(
            "role_assignment", f"{grant.user.username} is {grant.role}", grant.created_at,
            object=("workspace", str(grant.workspace_id)), action="accounts.membership.add",
        )  # fmt: skip


@evidence_provide("access_review")
def access_reviews(scope: Scope) -> Iterator[Item]:
    rows = AccessReview.objects.filter(workspace_id=scope.system.workspace_id, completed_at__isnull=False)
    for row in rows.order_by("-completed_at")[:20]:
        yield Item("access_review", str(row), row.completed_at, object=("accessreview", row.pk.hex))


@evidence_provide("audit_event", "audit_proof")
def audit(scope: Scope) -> Iterator[Item]:
    """The newest event about the system, and the checkpoint that covers it."""
    events = AuditEvent.objects.filter(object_type=SYSTEM_TYPE, object_id=scope.system.pk.hex).order_by("-id")
    for event in events[:20]:
        yield Item(
            "audit_event",
            event.action,
            event.recorded_at,
            bytes(event.leaf_hash).hex(),
            audit_event=event.uuid,
        )
    leaf = (
        AuditLeaf.objects.filter(event__in=events.values("pk"))
        .select_related("event")
        .order_by("-idx")
        .first()
    )
    signed = AuditCheckpoint.objects.filter(size__gt=leaf.idx).order_by("size").first() if leaf else None
    if leaf is not None and signed is not None:
        yield Item(
            "audit_proof", f"Entry {leaf.idx} is in the signed checkpoint of size {signed.size}", signed.created_at,
            bytes(signed.root).hex(), audit_event=leaf.event.uuid,
        )  # fmt: skip
