"""Who may decide: natural persons in the role that the policies name, distinct from those whose work it is."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compliance.models import ApprovalRequest, Decision, Delegation
from compliance.models.approvals import APPROVE
from compliance.services.gate import Assessment
from portal import access
from portal.accounts.actor import Actor
from portal.accounts.models import Membership, User
from portal.accounts.signin.proof import REQUIRED, Proof
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, PermissionDenied


@dataclass(frozen=True)
class Voice:
    """For whom a person speaks, and in which role."""

    person: User
    principal: User
    role: str

    @property
    def on_behalf_of(self) -> User | None:
        return None if self.principal == self.person else self.principal


def persons_excluded(found: Assessment, *, requested_by_id: int) -> set[int]:
    """The requester, the authors that the act names, and whom the policies exclude by username."""
    named = {name for document in found.documents for name in document.get("exclude", [])}
    ids = User.objects.filter(username__in=named).values_list("pk", flat=True) if named else []
    return {requested_by_id, *found.proposal.excluded, *ids}


def proved(actor: Actor, proof: Proof | None, purpose: str) -> str | None:
    """Spend the proof of who acts; when it was made. The portal's own command line is nobody and has none."""
    if proof is not None:
        return proof.spend(user_id=actor.user_id, purpose=purpose).isoformat()
    if actor.kind != "system":
        raise PermissionDenied(
            "Prove that it is you: a token or a session alone decides nothing.", code=REQUIRED
        )
    return None


def person_of(actor: Actor) -> User:
    """The natural person who acts. Raises PermissionDenied for service accounts and the portal's own jobs."""
    person = User.objects.filter(pk=actor.user_id).first() if actor.user_id else None
    if person is None or person.is_service_account or not person.is_active:
        raise PermissionDenied(
            f"{actor.name} is no person: only people decide, each for themselves.", code="not_a_person"
        )
    return person


def voice_of(actor: Actor, request: ApprovalRequest, found: Assessment, on_behalf_of: User | None) -> Voice:
    """In which role this person decides now, for themselves or for whom they stand in. Raises PermissionDenied."""
    person = person_of(actor)
    principal = on_behalf_of or person
    excluded = persons_excluded(found, requested_by_id=request.requested_by_id) | set(request.excluded)
    for each in (person, principal):
        if each.pk in excluded:
            raise PermissionDenied(
                f"{each.username} cannot decide about {request}: they asked for it, it is their work, or a policy "
                "excludes them. Another person has to.", code="excluded",
            )  # fmt: skip
    _once_check(request, person, principal)
    roles = roles_held(principal, request.workspace_id)
    if person != principal:
        roles &= _delegated(request.workspace_id, principal, person)
    return Voice(person, principal, _role(request, person, principal, roles, found.evaluated.needed))


def roles_held(person: User, workspace_id: int) -> set[str]:
    """The roles of a person in a workspace as they are now; an auditor decides nothing, whatever roles they hold."""
    if not person.is_active or person.is_auditor or person.is_service_account:
        return set()
    held = Membership.objects.filter(user=person, workspace=workspace_id)
    return set(held.values_list("role", flat=True))


def missing(needed: Iterable[Mapping[str, Any]], given: Mapping[str, int]) -> dict[str, int]:
    """How many decisions each role still lacks."""
    lacks = {str(each["role"]): int(each["quorum"]) - given.get(str(each["role"]), 0) for each in needed}
    return {role: count for role, count in lacks.items() if count > 0}


def given(request: ApprovalRequest) -> Counter[str]:
    """The approvals of the round that name exactly what is asked for now, by role."""
    roles = Decision.objects.filter(
        request=request, round=request.round, verdict=APPROVE, evidence_digest=request.evidence_digest,
        subject_digest=request.subject_digest,
    ).values_list("role", flat=True)  # fmt: skip
    return Counter(roles)


def _role(
    request: ApprovalRequest,
    person: User,
    principal: User,
    roles: set[str],
    needed: Sequence[Mapping[str, Any]],
) -> str:
    """The role that the decision counts for: of those that the person has, the one that lacks most."""
    asked = {str(each["role"]) for each in needed}
    mine = sorted(roles & asked)
    if not mine:
        who = f"{person.username} for {principal.username}" if person != principal else person.username
        raise PermissionDenied(
            f"{who} cannot decide about {request}: it needs {' and '.join(sorted(asked))} of the workspace, "
            "or somebody to whom such a one has delegated.", code="role_missing",
        )  # fmt: skip
    lacks = missing(needed, given(request))
    return max(mine, key=lambda role: lacks.get(role, 0))


def _once_check(request: ApprovalRequest, person: User, principal: User) -> None:
    """One person counts once a round, whether they speak or somebody speaks for them."""
    spoke = Decision.objects.filter(request=request, round=request.round)
    ids = {pk for pair in spoke.values_list("person", "on_behalf_of") for pk in pair if pk is not None}
    for each in (person, principal):
        if each.pk in ids:
            raise Conflict(f"{each.username} has decided about {request} already.", code="already_decided")


def _delegated(workspace_id: int, principal: User, person: User) -> set[str]:
    at = now()
    held = Delegation.objects.filter(
        workspace=workspace_id, from_user=principal, to_user=person, revoked_at=None, starts_at__lte=at,
        ends_at__gt=at,
    )  # fmt: skip
    return set(held.values_list("role", flat=True))


def requester_check(request: ApprovalRequest, found: Assessment) -> None:
    """Who asked must be able to do the act still: an approval allows it and gives nobody a right.

    Raises Conflict.
    """
    requester = Actor.of_user(request.requested_by)
    if not request.requested_by.is_active or not access.allows(
        requester, request.act, found.proposal.subject
    ):
        raise Conflict(
            f"{requester.name}, who asked for {request}, may not do that any more. Somebody else has to ask for it.",
            code="requester_gone",
        )
