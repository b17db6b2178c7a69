"""Who may do what in a workspace, since when, granted by whom; and where one person holds what two should."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import orjson

from portal.accounts.models import Membership, Role, User, Workspace
from portal.audit.models import AuditEvent

ADDED = "accounts.membership.add"
_WRITING = {Role.CONTRIBUTOR, Role.MAINTAINER}


@dataclass(frozen=True)
class Grant:
    """One role of one person, as the log says that it came to be."""

    user_id: int
    username: str
    role: str
    since: str
    granted_by: str
    event: str
    flags: list[str] = field(default_factory=list)

    @property
    def key(self) -> tuple[int, str]:
        return self.user_id, self.role


def grants_of(workspace: Workspace) -> list[Grant]:
    """Every role held in a workspace now, by person. It asks no permission."""
    members = Membership.objects.filter(workspace=workspace).select_related("user")
    held = list(members.order_by("user__username", "role"))
    roles: dict[int, set[str]] = defaultdict(set)
    for each in held:
        roles[each.user_id].add(each.role)
    added = _added(workspace)
    return [_grant(each, roles[each.user_id], added.get((each.user_id, each.role))) for each in held]


def flags_of(user: User, roles: set[str]) -> list[str]:
    """What a reviewer should look at: duties that belong to different people, and accounts that should hold none."""
    flags = []
    if Role.APPROVER in roles and roles & _WRITING:
        flags.append("makes and approves: one person holds both duties")
    if Role.APPROVER in roles and user.is_service_account:
        flags.append("a service account cannot approve")
    if not user.is_active:
        flags.append("the account is deactivated")
    if user.is_auditor and roles - {Role.VIEWER}:
        flags.append("an auditor holds a role that works here")
    if user.is_operator and roles & {Role.APPROVER, Role.MAINTAINER}:
        flags.append("runs the portal and decides here")
    return flags


@dataclass(frozen=True)
class _Added:
    at: dt.datetime
    by: str
    uuid: str


def _grant(held: Membership, roles: set[str], added: _Added | None) -> Grant:
    since = max(added.at, held.created_at) if added else held.created_at
    return Grant(
        held.user_id, held.user.username, held.role, since.isoformat(), added.by if added else "unknown",
        added.uuid if added else "", flags_of(held.user, roles),
    )  # fmt: skip


def _added(workspace: Workspace) -> dict[tuple[int, str], _Added]:
    """The newest event of every grant; the words of an event may have been erased, and then nobody is named."""
    events = AuditEvent.objects.filter(
        object_type="workspace", object_id=str(workspace.pk), action=ADDED, outcome="done"
    )
    found: dict[tuple[int, str], _Added] = {}
    for event in events.select_related("detail").order_by("id").iterator():
        detail = getattr(event, "detail", None)
        said = orjson.loads(bytes(detail.body)) if detail else {}
        changes = said.get("changes", {})
        member, role = _last(changes.get("member")), _last(changes.get("role"))
        if member.startswith("user:") and member[5:].isdigit():
            by = said.get("actor_name") or event.actor
            found[int(member[5:]), role] = _Added(event.recorded_at, str(by), str(event.uuid))
    return found


def _last(change: Any) -> str:
    return str(change[1]) if isinstance(change, list) and len(change) == 2 else ""
