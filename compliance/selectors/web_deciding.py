"""Whether the reader may decide about a request, for whom, and why not: what the decision form says."""

from dataclasses import dataclass, field

from compliance.models import ApprovalRequest, Decision, Delegation
from compliance.models.approvals import OPEN
from compliance.selectors.web_requests import excluded_ids
from portal.accounts.actor import Actor
from portal.accounts.models import Membership
from portal.kernel.clock import now

_STATES = {
    "draft": "It is a draft: rules do not hold yet, and nobody has been asked.",
    "changes_requested": "Changes were asked for. It can be decided when it is submitted again.",
}


@dataclass(frozen=True)
class Seat:
    """The reader's place at the table. `principals` are those for whom they may decide, themselves among them."""

    principals: list[str] = field(default_factory=list)
    why_not: str = ""

    @property
    def may_decide(self) -> bool:
        return bool(self.principals)


def seat_of(actor: Actor, request: ApprovalRequest, decisions: list[Decision]) -> Seat:
    """What the reader may do about a request. The operation asks all of it again, with the rows locked."""
    why_not = _why_not(actor, request, decisions)
    if why_not:
        return Seat(why_not=why_not)
    asked = {str(each["role"]) for each in request.approvals_needed}
    spoken = _spoken(request, decisions)
    own = actor.roles.get(request.workspace_id, frozenset()) & asked
    principals = [actor.name] if own else []
    principals += [
        each.from_user.username
        for each in _delegations(actor, request, asked)
        if each.from_user_id not in excluded_ids(request) | spoken and not each.from_user.is_auditor
    ]
    if principals:
        return Seat(principals=list(dict.fromkeys(principals)))
    return Seat(
        why_not=f"Deciding needs the role {' or '.join(sorted(asked))} of {request.workspace.name}, which you do not "
        "hold, or a delegation from somebody who does."
    )


def _why_not(actor: Actor, request: ApprovalRequest, decisions: list[Decision]) -> str:
    if request.state != OPEN:
        return _STATES.get(request.state, "")
    if actor.is_auditor:
        return "You are an auditor, who reads everything and decides nothing."
    if actor.user_id == request.requested_by_id:
        return "You asked for it, so other people decide."
    if actor.user_id in excluded_ids(request):
        return "You made the run or the version, or a policy excludes you, so other people decide."
    if actor.user_id in _spoken(request, decisions):
        return "You have decided in this round."
    return ""


def _spoken(request: ApprovalRequest, decisions: list[Decision]) -> set[int]:
    """Who has had their say in this round, themselves or through another."""
    now_said = [each for each in decisions if each.round == request.round]
    return {each.person_id for each in now_said} | {
        each.on_behalf_of_id for each in now_said if each.on_behalf_of_id
    }


def _delegations(actor: Actor, request: ApprovalRequest, roles: set[str]) -> list[Delegation]:
    """Those that hold now, from people who hold the role themselves."""
    at = now()
    held = Delegation.objects.filter(
        workspace_id=request.workspace_id, to_user_id=actor.user_id, revoked_at=None, starts_at__lte=at,
        ends_at__gt=at, role__in=roles, from_user__is_active=True,
    ).select_related("from_user")  # fmt: skip
    holders = Membership.objects.filter(workspace_id=request.workspace_id, role__in=roles)
    pairs = set(holders.values_list("user_id", "role"))
    return [each for each in held if (each.from_user_id, each.role) in pairs]
