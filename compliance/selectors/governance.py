"""What an actor sees of policies, requests, approvals, waivers, delegations and evaluations."""

from typing import TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from compliance.models import (
    Approval,
    ApprovalRequest,
    Decision,
    Delegation,
    GateEvaluation,
    Policy,
    PolicyVersion,
    Waiver,
)
from portal.accounts.actor import Actor
from portal.accounts.models import User
from portal.kernel.errors import NotFound

M = TypeVar("M", bound=Model)


def policies_visible(actor: Actor) -> QuerySet[Policy]:
    """Portal-wide policies, and those of the actor's workspaces."""
    rows = Policy.objects.select_related("workspace", "current")
    return rows if actor.workspace_ids is None else rows.filter(_here_or_everywhere(actor))


def policy_versions_visible(actor: Actor) -> QuerySet[PolicyVersion]:
    """The versions of those policies, also proposed and rejected ones."""
    rows = PolicyVersion.objects.select_related("policy", "workspace", "proposed_by", "decided_by")
    return rows if actor.workspace_ids is None else rows.filter(_here_or_everywhere(actor))


def requests_seen(actor: Actor) -> QuerySet[ApprovalRequest]:
    rows = ApprovalRequest.objects.select_related("workspace", "requested_by", "evaluation", "approval")
    return _inside(actor, rows)


def decisions_seen(actor: Actor, request: ApprovalRequest) -> QuerySet[Decision]:
    return request.decisions.select_related("person", "on_behalf_of")


def approvals_seen(actor: Actor) -> QuerySet[Approval]:
    return _inside(actor, Approval.objects.select_related("workspace", "request", "confirmed_by"))


def waivers_seen(actor: Actor) -> QuerySet[Waiver]:
    return _inside(actor, Waiver.objects.select_related("workspace", "requested_by", "decided_by"))


def delegations_seen(actor: Actor) -> QuerySet[Delegation]:
    return _inside(actor, Delegation.objects.select_related("workspace", "from_user", "to_user"))


def evaluations_seen(actor: Actor) -> QuerySet[GateEvaluation]:
    rows = GateEvaluation.objects.select_related("workspace").prefetch_related("policy_versions__policy")
    return _inside(actor, rows)


def one_of(rows: QuerySet[M], key: UUID) -> M:
    """The row of a key. Raises NotFound, with the same words for one that is not there and one not seen."""
    found = rows.filter(pk=key).first()
    if found is None:
        raise NotFound(f"There is no such {rows.model._meta.verbose_name}, or you may not see it.")
    return found


def member_named(workspace_id: int, username: str) -> User:
    """A member of a workspace by name. Raises NotFound for everybody else, whether there is such a user or not."""
    found = User.objects.filter(username=username, memberships__workspace=workspace_id).first()
    if found is None:
        raise NotFound(f"{username[:150]} is no member of the workspace.")
    return found


def _inside(actor: Actor, rows: QuerySet[M]) -> QuerySet[M]:
    return rows if actor.workspace_ids is None else rows.filter(workspace_id__in=actor.workspace_ids)


def _here_or_everywhere(actor: Actor) -> Q:
    return Q(workspace=None) | Q(workspace_id__in=actor.workspace_ids)
