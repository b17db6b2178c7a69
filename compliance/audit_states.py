"""Who may do what, and what was approved: roles in workspaces, flags of operators and auditors, approvals in force."""

from collections.abc import Iterator
from typing import Any

from compliance.exports.states import State, state_declare
from compliance.models import Approval
from compliance.models.approvals import EFFECTIVE
from portal.accounts.models import Membership, User


def _roles() -> Iterator[dict[str, Any]]:
    rows = Membership.objects.order_by("pk").values_list("workspace_id", "user_id", "role")
    for workspace_id, user_id, role in rows.iterator():
        yield {"object": f"workspace:{workspace_id}", "member": f"user:{user_id}", "role": role}


def _flags() -> Iterator[dict[str, Any]]:
    for user in User.objects.order_by("pk").iterator():
        for flag in ("is_operator", "is_auditor", "is_superuser"):
            if getattr(user, flag):
                yield {"object": f"user:{user.pk}", "flag": flag}


def _approvals() -> Iterator[dict[str, Any]]:
    for key in (
        Approval.objects.filter(state=EFFECTIVE).order_by("pk").values_list("pk", flat=True).iterator()
    ):
        yield {"object": f"approval:{key.hex}"}


state_declare(State("approvals", _approvals))
state_declare(State("workspace_roles", _roles))
state_declare(State("portal_flags", _flags))
