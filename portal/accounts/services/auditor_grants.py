"""Letting a person audit for a time. The end comes by itself: every request asks which grants hold now."""

import datetime as dt

from portal.accounts.actor import Actor
from portal.accounts.models import AuditorGrant, Membership, Role, User, Workspace
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput, PermissionDenied
from portal.operations import operation

LONGEST_DAYS = 180
_REASON_LENGTH = 1000


@operation("accounts.auditor_grant.give", on="user")
def auditor_grant_give(
    *, actor: Actor, user: User, ends_at: dt.datetime, reason: str, workspace: Workspace | None = None,
    starts_at: dt.datetime | None = None,
) -> AuditorGrant:  # fmt: skip
    """Let `user` read as an auditor until a date, everywhere or in one workspace.

    Raises PermissionDenied for oneself, Conflict for those who would audit their own work.
    """
    if user.pk == actor.user_id:
        raise PermissionDenied(f"{actor.name} cannot let themselves audit. Ask another operator.")
    begin = max(starts_at or now(), now())
    if not begin < ends_at <= begin + dt.timedelta(days=LONGEST_DAYS):
        raise InvalidInput(f"A grant to audit ends after it starts, and within {LONGEST_DAYS} days.")
    if not reason.strip() or len(reason) > _REASON_LENGTH or "\x00" in reason:
        raise InvalidInput(f"Say why {user.username} audits, in at most {_REASON_LENGTH} characters.")
    _person_check(user, workspace)
    return AuditorGrant.objects.create(
        user=user, workspace=workspace, reason=reason, starts_at=begin, ends_at=ends_at,
        granted_by_id=actor.user_id,
    )  # fmt: skip


@operation("accounts.auditor_grant.revoke", on="grant")
def auditor_grant_revoke(*, actor: Actor, grant: AuditorGrant, reason: str = "") -> AuditorGrant:
    """End it with the person's next request. Raises Conflict when it has ended."""
    if grant.revoked_at is not None or grant.ends_at <= now():
        raise Conflict(f"The grant ({grant}) has ended already.", code="already_ended")
    grant.revoked_at, grant.revoked_by_id = now(), actor.user_id
    grant.save(update_fields=["revoked_at", "revoked_by"])
    return grant


def _person_check(user: User, workspace: Workspace | None) -> None:
    if user.is_service_account or not user.is_active:
        raise Conflict(f"{user.username} is no active person, and only such audit.")
    if user.is_auditor:
        raise Conflict(f"{user.username} is an auditor already, everywhere and without an end.")
    if user.is_operator:
        raise Conflict(f"{user.username} runs the portal, and nobody audits their own acts.")
    writes = Membership.objects.filter(user=user).exclude(role=Role.VIEWER)
    if workspace is not None and writes.filter(workspace=workspace).exists():
        raise Conflict(
            f"{user.username} works in {workspace}, and nobody audits their own work. Take the role away first."
        )
