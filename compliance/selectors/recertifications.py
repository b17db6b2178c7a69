"""Re-certifications: those that there are, and those that there should be."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import DateTimeField, Exists, F, OuterRef, Q, QuerySet, Subquery

from compliance.models import Approval, Evidence, Finding, PolicyVersion, Recertification
from compliance.models.approvals import EFFECTIVE
from compliance.policies.document import duration
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.kernel.errors import NotFound

PLANNED, BY_EVIDENCE, BY_FINDING, BY_POLICY = "planned", "evidence", "finding", "policy"
TRIGGERS = (PLANNED, BY_EVIDENCE, BY_FINDING, BY_POLICY)
SOON = dt.timedelta(days=14)
AT_ONCE = 200
_DUE_AFTER = {
    BY_EVIDENCE: dt.timedelta(days=7),
    BY_FINDING: dt.timedelta(days=7),
    BY_POLICY: dt.timedelta(days=30),
}
_WORDS = {
    BY_EVIDENCE: "Evidence about it has failed since it was approved.",
    BY_FINDING: "A grave finding about it was opened since it was approved.",
    BY_POLICY: "The policy under which it was approved has a new version.",
}


@dataclass(frozen=True)
class Need:
    """A re-certification that is missing: of which approval, why, and until when."""

    approval: Approval
    trigger: str
    detail: str
    due_at: dt.datetime


def recertification_list(actor: Actor, *, view: str = "") -> QuerySet[Recertification]:
    """Those of the actor's workspaces, newest first; `open`, `due` (within two weeks), `overdue` or `completed`."""
    found = Recertification.objects.select_related("workspace", "approval__request", "completed_by").order_by(
        "-id"
    )
    if actor.workspace_ids is not None:
        found = found.filter(workspace_id__in=actor.workspace_ids)
    return found.filter(_of_view(view))


def recertification_get(actor: Actor, recertification_id: UUID) -> Recertification:
    """One re-certification. Raises NotFound, too, when the actor may not see it."""
    found = recertification_list(actor).filter(pk=recertification_id).first()
    if found is None:
        raise NotFound("No such re-certification, or you may not see it.")
    return found


def needs() -> list[Need]:
    """What must be asked for now: plans without a date, and triggers that nobody has answered."""
    return [
        *_plans(),
        *(need for trigger in (BY_EVIDENCE, BY_FINDING, BY_POLICY) for need in _triggered(trigger)),
    ]


def moot() -> QuerySet[Recertification]:
    """Open ones whose approval has ended meanwhile."""
    is_open = Recertification.objects.filter(completed_at=None, approval__isnull=False)
    return is_open.exclude(approval__state=EFFECTIVE).order_by("id")


def upcoming() -> QuerySet[Recertification]:
    """Open ones that are due within two weeks, or overdue."""
    soon = Recertification.objects.filter(completed_at=None, due_at__lte=now() + SOON)
    return soon.filter(approval__state=EFFECTIVE).select_related("approval__request").order_by("due_at", "id")


def excluded_of(recertification: Recertification) -> set[int]:
    """Who may not renew: who asked for the approval, and who made its subject."""
    approval = recertification.approval
    if approval is None:
        return set()
    request = approval.request
    return {request.requested_by_id, *(int(pk) for pk in request.excluded)}


def _of_view(view: str) -> Q:
    is_open = Q(completed_at=None)
    return {
        "open": is_open, "due": is_open & Q(due_at__lte=now() + SOON), "overdue": is_open & Q(due_at__lt=now()),
        "completed": ~is_open,
    }.get(view, Q())  # fmt: skip


def _in_force() -> QuerySet[Approval]:
    used = Approval.objects.filter(state=EFFECTIVE, used_at__isnull=False)
    return used.select_related("request").order_by("id")


def _plans() -> list[Need]:
    """Approvals in force whose policies ask for a renewal by tier, and that have no date for it yet."""
    planned = Recertification.objects.filter(approval=OuterRef("pk"), trigger=PLANNED, completed_at=None)
    asked = PolicyVersion.objects.filter(
        evaluations=OuterRef("request__evaluation"), document__has_key="recertify_after"
    )
    renewed = Recertification.objects.filter(approval=OuterRef("pk"), outcome="renewed").order_by(
        "-completed_at"
    )
    found = (
        _in_force().filter(~Exists(planned), Exists(asked))
        .annotate(renewed_at=Subquery(renewed.values("completed_at")[:1]))
    )  # fmt: skip
    return [need for approval in found[:AT_ONCE] if (need := _plan(approval))]


def _plan(approval: Approval) -> Need | None:
    tier = approval.request.risk_tier or "unclassified"
    documents = approval.request.evaluation.policy_versions.values_list("document", flat=True)
    asked = [document.get("recertify_after") or {} for document in documents]
    spans = [duration(text) for each in asked if (text := each.get(tier) or each.get("default"))]
    if not spans:
        return None
    start = getattr(approval, "renewed_at", None) or approval.used_at or approval.effective_at
    return Need(approval, PLANNED, f"By risk tier: {tier}.", start + min(spans))


def _triggered(trigger: str) -> list[Need]:
    """Approvals in force about which something happened that nobody has looked at since."""
    seen = Recertification.objects.filter(approval=OuterRef("pk"), trigger=trigger)
    answered = seen.filter(Q(completed_at=None) | Q(created_at__gte=OuterRef("happened_at")))
    found = (
        _in_force().annotate(happened_at=Subquery(_happened(trigger), output_field=DateTimeField()))
        .filter(~Exists(answered), happened_at__isnull=False)
    )  # fmt: skip
    return [
        Need(approval, trigger, _WORDS[trigger], approval.happened_at + _DUE_AFTER[trigger])
        for approval in found[:AT_ONCE]
    ]


def _happened(trigger: str) -> QuerySet[Any, Any]:
    """When the latest thing of a kind happened about the approval of the outer query."""
    about = {"subject_type": OuterRef("subject_type"), "subject_id": OuterRef("subject_id")}
    since = OuterRef("used_at")
    if trigger == BY_EVIDENCE:
        failed = Evidence.objects.filter(**about, outcome="fail", recorded_at__gt=since)
        return failed.order_by("-recorded_at").values("recorded_at")[:1]
    if trigger == BY_FINDING:
        grave = Finding.objects.filter(**about, is_open=True, severity__in=["high", "critical"])
        return grave.filter(opened_at__gt=since).order_by("-opened_at").values("opened_at")[:1]
    newer = PolicyVersion.objects.filter(
        policy__versions__evaluations=OuterRef("request__evaluation"), policy__current=F("pk"),
        decided_at__gt=since,
    )  # fmt: skip
    return newer.order_by("-decided_at").values("decided_at")[:1]
