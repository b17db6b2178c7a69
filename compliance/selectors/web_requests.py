"""Approval requests as pages show them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from compliance.models import Approval, ApprovalRequest, Decision
from compliance.models.approvals import APPROVE, PENDING_STATES, REQUEST_STATES
from portal.accounts.actor import Actor
from portal.accounts.models import Membership, User
from portal.kernel.errors import NotFound

VIEWS = ("pending", "ended", "all")


@dataclass(frozen=True)
class Delta:
    """A metric of the facts, beside that of what the target points to now."""

    key: str
    value: float
    champion: float | None

    @property
    def delta(self) -> float | None:
        return None if self.champion is None else self.value - self.champion


@dataclass(frozen=True)
class Needed:
    """One line of who must say yes: the role, how many, who has, and who still could."""

    role: str
    quorum: int
    given: list[str] = field(default_factory=list)
    open_to: list[str] = field(default_factory=list)

    @property
    def missing(self) -> int:
        return max(self.quorum - len(self.given), 0)


@dataclass(frozen=True)
class Excluded:
    """A person who may not decide, and why."""

    name: str
    why: str


def requests_visible(actor: Actor) -> QuerySet[ApprovalRequest]:
    """The requests of the actor's workspaces, newest first."""
    requests = ApprovalRequest.objects.select_related("workspace", "requested_by").order_by("-id")
    return requests if actor.workspace_ids is None else requests.filter(workspace_id__in=actor.workspace_ids)


def request_rows(
    actor: Actor, *, view: str = "pending", state: str = "", text: str = "", before: UUID | None = None,
    limit: int = 50,
) -> tuple[list[ApprovalRequest], str | None]:  # fmt: skip
    """One page of requests, newest first, and the token of the next page."""
    requests = requests_visible(actor)
    if state in REQUEST_STATES:
        requests = requests.filter(state=state)
    elif view != "all":
        pending = Q(state__in=PENDING_STATES)
        requests = requests.filter(pending if view == "pending" else ~pending)
    if text:
        requests = requests.filter(Q(subject_label__icontains=text) | Q(target_label__icontains=text))
    if before:
        requests = requests.filter(pk__lt=before)
    rows = list(requests[: limit + 1])
    return rows[:limit], rows[limit - 1].pk.hex if len(rows) > limit else None


def request_shown(actor: Actor, key: UUID) -> ApprovalRequest:
    """One request with its evaluation. Raises NotFound, too, when it is not visible."""
    found = requests_visible(actor).select_related("evaluation").filter(pk=key).first()
    if found is None:
        raise NotFound("There is no such approval request, or you may not see it.")
    return found


def approval_of(request: ApprovalRequest) -> Approval | None:
    """What came of a request, if it was approved."""
    return Approval.objects.filter(request=request).select_related("confirmed_by").first()


def decisions_of(request: ApprovalRequest) -> list[Decision]:
    """Every decision of every round, newest first."""
    decisions = Decision.objects.filter(request=request).select_related("person", "on_behalf_of")
    return list(decisions.order_by("-decided_at", "-id"))


def deltas_of(facts: Mapping[str, Any]) -> list[Delta]:
    """The metrics that the rules saw, beside the champion's."""
    champion = (facts.get("champion") or {}).get("metrics") or {}
    mine = facts.get("metrics") or {}
    return [Delta(key, mine[key], champion.get(key)) for key in sorted(mine)]


def needed_of(request: ApprovalRequest, decisions: list[Decision]) -> list[Needed]:
    """Who still must decide, role by role; nobody counts who is excluded."""
    yes = [each for each in decisions if each.round == request.round and each.verdict == APPROVE]
    return [_needed(request, dict(each), yes, decisions) for each in request.approvals_needed]


def _needed(
    request: ApprovalRequest, wanted: Mapping[str, Any], yes: list[Decision], decisions: list[Decision]
) -> Needed:
    role = str(wanted.get("role", "approver"))
    given = [each.person.username for each in yes if each.role == role]
    said = {each.person_id for each in decisions if each.round == request.round}
    members = Membership.objects.filter(
        workspace=request.workspace, role=role, user__is_active=True, user__is_service_account=False
    )
    could = members.exclude(user_id__in=said | set(excluded_ids(request))).order_by("user__username")
    return Needed(
        role, int(wanted.get("quorum", 1)), given, list(could.values_list("user__username", flat=True))
    )


def excluded_ids(request: ApprovalRequest) -> set[int]:
    """The persons who may not decide."""
    return {request.requested_by_id, *(int(each) for each in request.excluded)}


def excluded_of(request: ApprovalRequest) -> list[Excluded]:
    """Who may not decide, and why."""
    people = User.objects.filter(pk__in=excluded_ids(request)).order_by("username")
    return [Excluded(each.username, _why(request, each.pk)) for each in people]


def _why(request: ApprovalRequest, user_id: int) -> str:
    return "asked for it" if user_id == request.requested_by_id else "made the run or the version"
