"""Findings, AI systems and policies as pages show them."""

from typing import TypeVar
from uuid import UUID

from django.db.models import Model, OuterRef, Q, QuerySet, Subquery

from compliance.models import AISystem, Finding, Policy, PolicyVersion
from compliance.models.follow_up import SEVERITIES
from compliance.models.policies import PROPOSED
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.kernel.errors import NotFound

Row = TypeVar("Row", bound=Model)
FINDING_VIEWS = ("open", "overdue", "mine", "closed")


def finding_rows(
    actor: Actor,
    *,
    view: str = "open",
    severity: str = "",
    text: str = "",
    before: UUID | None = None,
    limit: int = 50,
) -> tuple[list[Finding], str | None]:
    """One page of findings: the newest first, and the token of the next page."""
    findings = _seen(actor, Finding.objects.select_related("workspace", "owner")).order_by("-id")
    findings = findings.filter(_of_view(actor, view))
    if severity in SEVERITIES:
        findings = findings.filter(severity=severity)
    if text:
        findings = findings.filter(Q(title__icontains=text) | Q(subject_label__icontains=text))
    if before:
        findings = findings.filter(pk__lt=before)
    rows = list(findings[: limit + 1])
    return rows[:limit], rows[limit - 1].pk.hex if len(rows) > limit else None


def finding_shown(actor: Actor, key: UUID) -> Finding:
    """One finding. Raises NotFound, too, when it is not visible."""
    findings = Finding.objects.select_related("workspace", "owner", "closed_by")
    found = _seen(actor, findings).filter(pk=key).first()
    if found is None:
        raise NotFound("There is no such finding, or you may not see it.")
    return found


def system_rows(actor: Actor, *, text: str = "", retired: bool = False) -> list[AISystem]:
    """AI systems by name."""
    systems = _seen(actor, AISystem.objects.select_related("workspace", "owner"))
    systems = systems.filter(retired_at__isnull=not retired, name__icontains=text)
    return list(systems.order_by("name")[:500])


def system_shown(actor: Actor, key: UUID) -> AISystem:
    """One AI system. Raises NotFound, too, when it is not visible."""
    found = _seen(actor, AISystem.objects.select_related("workspace", "owner")).filter(pk=key).first()
    if found is None:
        raise NotFound("There is no such AI system, or you may not see it.")
    return found


def policies_visible(actor: Actor) -> QuerySet[Policy]:
    """The policies that hold where the actor is a member: those of the portal, and of their workspaces."""
    proposed = PolicyVersion.objects.filter(policy=OuterRef("pk"), state=PROPOSED).values("number")[:1]
    policies = Policy.objects.select_related("workspace", "current").annotate(waiting=Subquery(proposed))
    policies = policies.order_by("workspace__name", "name")
    if actor.workspace_ids is None:
        return policies
    return policies.filter(Q(workspace=None) | Q(workspace_id__in=actor.workspace_ids))


def policy_shown(actor: Actor, key: UUID) -> Policy:
    """One policy. Raises NotFound, too, when it is not visible."""
    found = policies_visible(actor).filter(pk=key).first()
    if found is None:
        raise NotFound("There is no such policy, or you may not see it.")
    return found


def policy_versions(policy: Policy) -> list[PolicyVersion]:
    """The versions of a policy, newest first."""
    return list(policy.versions.select_related("proposed_by", "decided_by").order_by("-number"))


def policy_version_shown(policy: Policy, number: int) -> PolicyVersion:
    """One version of a policy. Raises NotFound."""
    found = policy.versions.select_related("policy__workspace").filter(number=number).first()
    if found is None:
        raise NotFound(f"The policy has no version {number}.")
    return found


def _of_view(actor: Actor, view: str) -> Q:
    if view == "closed":
        return Q(is_open=False)
    if view == "overdue":
        return Q(is_open=True, due_at__lt=now())
    return Q(is_open=True, owner_id=actor.user_id) if view == "mine" else Q(is_open=True)


def _seen(actor: Actor, rows: QuerySet[Row]) -> QuerySet[Row]:
    return rows if actor.workspace_ids is None else rows.filter(workspace_id__in=actor.workspace_ids)
