"""May this actor do this to that? Two answers are refusals: not visible (404) and not allowed (403)."""

from typing import Protocol

from portal.access.catalogue import ACTIONS
from portal.accounts.actor import Actor
from portal.kernel.errors import NotFound, PermissionDenied


class InWorkspace(Protocol):
    """Any row that belongs to a workspace."""

    @property
    def workspace_id(self) -> int: ...


def sees(actor: Actor, target: InWorkspace | None) -> bool:
    """Whether the actor may know that the target exists."""
    return target is None or actor.sees_everything or target.workspace_id in actor.roles


def allows(actor: Actor, action: str, target: InWorkspace | None = None) -> bool:
    """Whether the actor may do the action to the target; `target` is None for what is portal-wide."""
    wanted = ACTIONS[action]
    if actor.allowed is not None:
        return action in actor.allowed
    if wanted.is_write and not actor.can_write:
        return False
    if "anyone" in wanted.roles or ("operator" in wanted.roles and actor.is_operator):
        return True
    if not wanted.is_write and actor.sees_everything:
        return True
    return target is not None and not wanted.roles.isdisjoint(actor.roles.get(target.workspace_id, ()))


def require(actor: Actor, action: str, target: InWorkspace | None = None) -> None:
    """Pass, or raise: NotFound when the actor may not see the target, PermissionDenied when they may."""
    if allows(actor, action, target):
        return
    if not sees(actor, target):
        raise NotFound(f"No such {ACTIONS[action].subject}, or you may not see it.")
    refusal = PermissionDenied(_reason(actor, action), action=action)
    refusal.target = target
    raise refusal


def workspaces_allowing(actor: Actor, action: str) -> list[int] | None:
    """The workspaces in which the actor may do the action, for a query to filter by; None means all."""
    wanted = ACTIONS[action]
    if wanted.is_write and not actor.can_write:
        return []
    if actor.allowed is not None:
        return None if action in actor.allowed else []
    if not wanted.is_write and actor.sees_everything:
        return None
    return [workspace_id for workspace_id, roles in actor.roles.items() if not wanted.roles.isdisjoint(roles)]


def _reason(actor: Actor, action: str) -> str:
    wanted = ACTIONS[action]
    if wanted.is_write and not actor.can_write:
        return f"{action} is refused: this token may only read. Use a token with scope write."
    if actor.allowed is not None or not wanted.roles:
        return f"{action} is refused: it is not on the list of what {actor.name} may do."
    needed = " or ".join(sorted(wanted.roles))
    if wanted.roles == {"operator"}:
        return f"{action} is refused: {actor.name} is not an operator of the portal. Ask an operator."
    return f"{action} is refused: {actor.name} needs the role {needed} here. Ask a maintainer of the workspace."
