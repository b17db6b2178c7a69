"""Who may do what, since when, and who gave it: roles in workspaces, grants to audit, portal-wide flags."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q

from compliance.selectors.grants import grants_of
from portal.accounts.actor import Actor
from portal.accounts.models import AuditorGrant, User
from portal.accounts.selectors import workspaces_visible
from portal.kernel.clock import now


@dataclass(frozen=True)
class Right:
    """One right of one person. `workspace` is empty for what holds everywhere, `granted_by` where no event says it."""

    person: str
    role: str
    workspace: str
    since: dt.datetime | None
    until: dt.datetime | None = None
    granted_by: str = ""
    event: str = ""
    reason: str = ""
    flags: tuple[str, ...] = ()


def rights_held(actor: Actor) -> list[Right]:
    """All that hold now in what the actor sees, by person."""
    found = [*_inside(actor), *_auditing(actor), *_portal_wide(actor)]
    return sorted(found, key=lambda each: (each.person, each.workspace, each.role))


def auditor_grants(actor: Actor) -> list[AuditorGrant]:
    """The grants to audit that hold now."""
    rows = AuditorGrant.objects.filter(revoked_at=None, ends_at__gt=now())
    seen = actor.workspace_ids
    rows = rows if seen is None else rows.filter(workspace_id__in=seen)
    return list(rows.select_related("user", "workspace", "granted_by").order_by("user__username", "pk"))


def _inside(actor: Actor) -> list[Right]:
    return [
        Right(
            grant.username, grant.role, workspace.name, dt.datetime.fromisoformat(grant.since),
            granted_by="" if grant.granted_by == "unknown" else grant.granted_by, event=grant.event,
            flags=tuple(grant.flags),
        )
        for workspace in workspaces_visible(actor)
        for grant in grants_of(workspace)
    ]  # fmt: skip


def _auditing(actor: Actor) -> list[Right]:
    return [
        Right(
            row.user.username, "auditor for a time", row.workspace.name if row.workspace else "", row.starts_at,
            row.ends_at, granted_by=row.granted_by.username if row.granted_by else "", reason=row.reason,
        )
        for row in auditor_grants(actor)
    ]  # fmt: skip


def _portal_wide(actor: Actor) -> list[Right]:
    """Operators, and auditors without an end; told to those only who see everything."""
    if not actor.sees_everything:
        return []
    found = []
    for user in User.objects.filter(Q(is_operator=True) | Q(is_auditor=True)):
        flags: tuple[str, ...] = ()
        if user.is_operator and user.is_auditor:
            flags += ("runs the portal and audits it",)
        if not user.is_active:
            flags += ("the account is deactivated",)
        held = (("operator", user.is_operator), ("auditor", user.is_auditor))
        found += [
            Right(user.username, role, "", user.date_joined, flags=flags) for role, is_held in held if is_held
        ]
    return found
