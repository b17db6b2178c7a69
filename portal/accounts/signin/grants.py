"""What the groups of the identity provider grant, brought in line at every single sign-on.

The mapping governs exactly the grants that it mentions: those are added while a group holds and removed when
none does. A grant that no group could give was made by hand and stays.
"""

from dataclasses import dataclass, field
from typing import Any

import structlog
from django.conf import settings

from portal.accounts.actor import Actor
from portal.accounts.models import Membership, User, Workspace
from portal.accounts.services.memberships import membership_add, membership_remove
from portal.accounts.services.users import UserChanges, user_update
from portal.accounts.signin.claims import claims_of

log = structlog.get_logger("signin")
ACTIONS = ("accounts.membership.add", "accounts.membership.remove", "accounts.user.update")
REASON = "groups of the identity provider"


@dataclass
class Grants:
    """Roles in workspaces by name, and portal-wide roles."""

    memberships: set[tuple[str, str]] = field(default_factory=set)
    portal_roles: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.memberships or self.portal_roles)


def groups_of(extra_data: dict[str, Any]) -> set[str]:
    """The groups of a person; a claim of another shape counts as none."""
    found = claims_of(extra_data).get(settings.OIDC_GROUPS_CLAIM)
    return {group for group in found if isinstance(group, str)} if isinstance(found, list) else set()


def grants_of(groups: set[str]) -> Grants:
    """What these groups grant together."""
    granted = Grants()
    for group in groups & settings.OIDC_GROUP_ROLES.keys():
        meaning = settings.OIDC_GROUP_ROLES[group]
        if isinstance(meaning, str):
            granted.portal_roles.add(meaning)
        else:
            granted.memberships |= {(name, role) for name, roles in meaning.items() for role in roles}
    return granted


def grants_apply(user: User, groups: set[str], *, request_id: str) -> None:
    """Add and remove grants until they are what the groups say, one audited operation each."""
    actor = Actor.system("signin.oidc", actions=ACTIONS, request_id=request_id)
    wanted, governed = grants_of(groups), grants_of(set(settings.OIDC_GROUP_ROLES))
    held = set(Membership.objects.filter(user=user).values_list("workspace__name", "role"))
    workspaces = {workspace.name: workspace for workspace in Workspace.objects.all()}
    for name, role in sorted((held & governed.memberships) - wanted.memberships):
        membership_remove(actor=actor, workspace=workspaces[name], user=user, role=role, reason=REASON)
    for name, role in sorted(wanted.memberships - held):
        if name not in workspaces:
            log.warning("group grants a role in an unknown workspace", workspace=name, role=role)
            continue
        membership_add(actor=actor, workspace=workspaces[name], user=user, role=role, reason=REASON)
    _portal_roles_apply(actor, user, wanted.portal_roles, governed.portal_roles)


def _portal_roles_apply(actor: Actor, user: User, wanted: set[str], governed: set[str]) -> None:
    is_auditor = "auditor" in wanted if "auditor" in governed else user.is_auditor
    is_operator = "operator" in wanted if "operator" in governed else user.is_operator
    # Nobody audits their own acts: whom the groups make both is the one that changes nothing.
    is_operator = is_operator and not is_auditor
    if (is_operator, is_auditor) != (user.is_operator, user.is_auditor):
        changes = UserChanges(is_operator=is_operator, is_auditor=is_auditor)
        user_update(actor=actor, user=user, changes=changes)
        user.refresh_from_db(fields=["is_operator", "is_auditor"])
