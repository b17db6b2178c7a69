"""Who acts: a signed-in user, a token, or one of the portal's own jobs. There is always one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from portal.accounts.models import User
from portal.kernel import sql

# What stands for a grant to audit among roles: it is none, and gives the rights of a viewer where it holds.
GRANT = "grant"
# Memberships, and the grants to audit that hold now; a grant without a workspace holds everywhere.
_ROLES = f"""
SELECT workspace_id, role FROM accounts_membership WHERE user_id = %(user)s
UNION ALL SELECT workspace_id, '{GRANT}' FROM accounts_auditorgrant
WHERE user_id = %(user)s AND revoked_at IS NULL AND starts_at <= clock_timestamp() AND ends_at > clock_timestamp()
"""  # noqa: S608 - a constant of ours


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
    # The workspaces that the actor reads because a grant to audit them holds.
    audited: frozenset[int] = frozenset()

    def audits(self, workspace_id: int | None) -> bool:
        """Whether the actor is there as an auditor: always, or for a time."""
        return self.is_auditor or workspace_id in self.audited

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
        grants = sql.rows(_ROLES, {"user": user.pk})
        return cls(
            kind="user",
            name=user.username,
            user_id=user.pk,
            roles=group_roles(grants),
            is_operator=user.is_operator,
            is_auditor=user.is_auditor or (None, GRANT) in grants,
            request_id=request_id,
            audited=audited_of(grants),
        )


def group_roles(grants: Iterable[Any]) -> dict[int, frozenset[str]]:
    """`(workspace_id, role)` pairs as one set of roles per workspace."""
    found: dict[int, set[str]] = {}
    for workspace_id, role in grants:
        if workspace_id is not None:
            found.setdefault(workspace_id, set()).add("viewer" if role == GRANT else role)
    return {workspace_id: frozenset(roles) for workspace_id, roles in found.items()}


def audited_of(grants: Iterable[Any]) -> frozenset[int]:
    """The workspaces among `(workspace_id, role)` pairs that are there by a grant to audit."""
    return frozenset(
        workspace_id for workspace_id, role in grants if role == GRANT and workspace_id is not None
    )
