"""Who belongs to a workspace. Both acts are events of the workspace, so that its trail shows every grant."""

from typing import Any

from portal.accounts.actor import Actor
from portal.accounts.models import Membership, Role, User, Workspace
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.operations import Changed, operation


@operation("accounts.membership.add", on="workspace")
def membership_add(
    *, actor: Actor, workspace: Workspace, user: User, role: str, reason: str = ""
) -> Changed[Membership]:
    """Give a user one role. Raises Conflict when they hold it already or are deactivated."""
    if role not in Role.values:
        raise InvalidInput(f"{role} is not a role. The roles are {', '.join(Role.values)}.")
    if not user.is_active:
        raise Conflict(f"{user.username} is deactivated. An operator has to activate the account first.")
    held, is_new = Membership.objects.get_or_create(workspace=workspace, user=user, role=role)
    if not is_new:
        raise Conflict(f"{user.username} is {role} of {workspace} already.", code="already_exists")
    return Changed(held, before={}, after=_facts(user, role))


@operation("accounts.membership.remove", on="workspace")
def membership_remove(
    *, actor: Actor, workspace: Workspace, user: User, role: str, reason: str = ""
) -> Changed[None]:
    """Take one role away. Raises Conflict for the last maintainer, since nobody could add another."""
    held = Membership.objects.filter(workspace=workspace, user=user, role=role).first()
    if held is None:
        raise NotFound(f"{user.username} is not {role} of {workspace}.")
    # The identity provider's word ends a grant at once, even the last maintainer's; an operator can add another.
    is_kept = role == Role.MAINTAINER and actor.kind != "system"
    if is_kept and not _other_maintainers_exist(workspace, user):
        raise Conflict(
            f"{user.username} is the last maintainer of {workspace}. Add another maintainer first."
        )
    held.delete()
    return Changed(None, before=_facts(user, role), after={})


def _facts(user: User, role: str) -> dict[str, Any]:
    return {"member": f"user:{user.pk}", "member_name": user.username, "role": role}


def _other_maintainers_exist(workspace: Workspace, user: User) -> bool:
    others = Membership.objects.filter(workspace=workspace, role=Role.MAINTAINER, user__is_active=True)
    return others.exclude(user=user).exists()
