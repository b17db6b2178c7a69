"""Delegations: for a time, another person may decide where one could. Whom an act excludes stays excluded."""

import datetime as dt

from compliance.models import Delegation
from compliance.policies.form import DECIDING_ROLES
from compliance.services.persons import person_of, roles_held
from compliance.services.requests import text_check
from portal.accounts.actor import Actor
from portal.accounts.models import User, Workspace
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput, PermissionDenied
from portal.operations import operation

LONGEST = dt.timedelta(days=60)


@operation("compliance.delegation.create", on="workspace", lock="share")
def delegation_create(
    *, actor: Actor, workspace: Workspace, to_user: User, role: str, starts_at: dt.datetime, ends_at: dt.datetime,
    reason: str = "",
) -> Delegation:  # fmt: skip
    """Let another member of the workspace decide in one's own place, from then till then."""
    text_check(reason)
    _time_check(starts_at, ends_at)
    person = person_of(actor)
    if role not in DECIDING_ROLES or role not in roles_held(person, workspace.pk):
        raise PermissionDenied(
            f"{person.username} cannot delegate the role {role[:40]}: they do not hold it here."
        )
    if to_user.pk == person.pk:
        raise InvalidInput("Delegate to somebody else.")
    if not roles_held(to_user, workspace.pk):
        raise InvalidInput(f"{to_user.username} is no member of {workspace}, or no person who decides.")
    same = Delegation.objects.filter(
        workspace=workspace, from_user=person, to_user=to_user, role=role, revoked_at=None, starts_at__lt=ends_at,
        ends_at__gt=starts_at,
    )  # fmt: skip
    if same.exists():
        raise Conflict(f"{person.username} has delegated to {to_user.username} for this time already.")
    return Delegation.objects.create(
        workspace=workspace, from_user=person, to_user=to_user, role=role, reason=reason[:1000],
        starts_at=starts_at, ends_at=ends_at,
    )  # fmt: skip


@operation("compliance.delegation.revoke", on="delegation")
def delegation_revoke(*, actor: Actor, delegation: Delegation, reason: str = "") -> Delegation:
    """End a delegation at once; ending it again changes nothing. It is for who gave it, or a maintainer."""
    text_check(reason)
    is_own = actor.user_id in (delegation.from_user_id, delegation.to_user_id)
    if not is_own and "maintainer" not in actor.roles.get(delegation.workspace_id, ()):
        raise PermissionDenied(
            "A delegation is ended by one of the two, or by a maintainer of the workspace."
        )
    delegation.revoked_at = delegation.revoked_at or now()
    delegation.save(update_fields=["revoked_at"])
    return delegation


def _time_check(starts_at: dt.datetime, ends_at: dt.datetime) -> None:
    if starts_at.tzinfo is None or ends_at.tzinfo is None:
        raise InvalidInput("Times need their zone, such as Z.")
    if not (now() < ends_at and starts_at < ends_at <= starts_at + LONGEST):
        raise InvalidInput(
            f"A delegation begins before it ends, ends in the future, and lasts {LONGEST.days} days at most."
        )
