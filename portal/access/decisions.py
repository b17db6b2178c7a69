"""May this actor do this to that? Two answers are refusals: not visible (404) and not allowed (403)."""

from portal.access.catalogue import ACTIONS, Action
from portal.accounts.actor import Actor
from portal.kernel.errors import NotFound, PermissionDenied


def _workspace_of(target: object) -> int | None:
    """The workspace of a target; None for what is portal-wide: no target, a user, a token."""
    return getattr(target, "workspace_id", None)


def sees(actor: Actor, target: object | None) -> bool:
    """Whether the actor may know that the target exists."""
    workspace_id = _workspace_of(target)
    return workspace_id is None or actor.sees_everything or workspace_id in actor.roles


def allows(actor: Actor, action: str, target: object | None = None) -> bool:
    """Whether the actor may do the action to the target; `target` is None for what is portal-wide."""
    wanted = ACTIONS[action]
    if actor.allowed is not None:
        return action in actor.allowed
    if wanted.is_write and not _may_write(actor, wanted):
        return False
    if "anyone" in wanted.roles or ("operator" in wanted.roles and actor.is_operator):
        return True
    if not wanted.is_write and actor.sees_everything:
        return True
    workspace_id = _workspace_of(target)
    return workspace_id is not None and not wanted.roles.isdisjoint(actor.roles.get(workspace_id, ()))


def require(actor: Actor, action: str, target: object | None = None) -> None:
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
    if wanted.is_write and not _may_write(actor, wanted):
        return []
    if actor.allowed is not None:
        return None if action in actor.allowed else []
    if not wanted.is_write and actor.sees_everything:
        return None
    return [workspace_id for workspace_id, roles in actor.roles.items() if not wanted.roles.isdisjoint(roles)]


def _may_write(actor: Actor, wanted: Action) -> bool:
    """Read-only tokens never write; an auditor writes nothing but what is their own, whatever roles they hold."""
    return actor.can_write and (not actor.is_auditor or "anyone" in wanted.roles)


def _reason(actor: Actor, action: str) -> str:
    wanted = ACTIONS[action]
    if wanted.is_write and not actor.can_write:
        return f"{action} is refused: this token may only read. Use a token with scope write."
    if wanted.is_write and actor.is_auditor:
        return f"{action} is refused: {actor.name} is an auditor, who reads everything and changes nothing."
    if actor.allowed is not None or not wanted.roles:
        return f"{action} is refused: it is not on the list of what {actor.name} may do."
    needed = " or ".join(sorted(wanted.roles))
    if wanted.roles == {"operator"}:
        return f"{action} is refused: {actor.name} is not an operator of the portal. Ask an operator."
    return (
        f"{action} is refused: {actor.name} needs the role {needed} here. Ask a maintainer of the workspace."
    )
