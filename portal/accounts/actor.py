"""Who acts: a signed-in user, a token, or one of the portal's own jobs. There is always one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from portal.accounts.models import Membership, User


@dataclass(frozen=True)
class Actor:
    """The caller of an operation, with the grants that held when the request came in.

    `roles` maps a workspace id to the roles held there; a token's list is already cut to its workspaces.
    `allowed` is set for system actors only: the actions that this one job or command may do.
    """

    kind: str
    name: str
    user_id: int | None = None
    token_id: UUID | None = None
    roles: Mapping[int, frozenset[str]] = field(default_factory=dict)
    is_operator: bool = False
    is_auditor: bool = False
    can_write: bool = True
    allowed: frozenset[str] | None = None
    request_id: str = ""

    @property
    def workspace_ids(self) -> list[int] | None:
        """The workspaces that the actor sees; None stands for all of them."""
        if self.sees_everything:
            return None
        return list(self.roles)

    @property
    def sees_everything(self) -> bool:
        return self.kind == "system" or self.is_operator or self.is_auditor

    @property
    def is_authenticated(self) -> bool:
        """Django and its friends ask this of whatever stands in `request.user`."""
        return True

    @property
    def reference(self) -> str:
        """How the audit log names the actor: by kind and id, never by a name that can change."""
        return f"user:{self.user_id}" if self.user_id is not None else f"system:{self.name}"

    def limited_to(self, *actions: str) -> "Actor":
        """The same person, token or job with exactly these actions. A method, so that it reaches through the lazy
        actor of a page's request."""
        return replace(self, allowed=frozenset(actions), is_operator=False, is_auditor=False)

    @classmethod
    def system(cls, name: str, *, actions: Iterable[str], request_id: str = "") -> "Actor":
        """A job or command of the portal itself, with its own short list of actions."""
        return cls(kind="system", name=name, allowed=frozenset(actions), request_id=request_id)

    @classmethod
    def of_user(cls, user: User, *, request_id: str = "") -> "Actor":
        """The person behind a session."""
        grants = Membership.objects.filter(user=user).values_list("workspace_id", "role")
        return cls(
            kind="user",
            name=user.username,
            user_id=user.pk,
            roles=group_roles(grants),
            is_operator=user.is_operator,
            is_auditor=user.is_auditor,
            request_id=request_id,
        )


def group_roles(grants: Iterable[Any]) -> dict[int, frozenset[str]]:
    """`(workspace_id, role)` pairs as one set of roles per workspace."""
    found: dict[int, set[str]] = {}
    for workspace_id, role in grants:
        found.setdefault(workspace_id, set()).add(role)
    return {workspace_id: frozenset(roles) for workspace_id, roles in found.items()}
