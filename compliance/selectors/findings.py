"""Reads of findings."""

from uuid import UUID

from django.db.models import Q, QuerySet

from compliance.models import Finding
from portal.accounts.actor import Actor
from portal.accounts.models import Membership, User, Workspace
from portal.kernel.clock import now
from portal.kernel.errors import NotFound

VIEWS = ("open", "overdue", "mine", "closed")


def finding_list(actor: Actor, *, view: str = "") -> QuerySet[Finding]:
    """The findings of the actor's workspaces, newest first."""
    found = Finding.objects.select_related("workspace", "owner", "closed_by").order_by("-id")
    if actor.workspace_ids is not None:
        found = found.filter(workspace_id__in=actor.workspace_ids)
    is_open = Q(is_open=True)
    return found.filter(
        {
            "open": is_open, "overdue": is_open & Q(due_at__lt=now()), "closed": ~is_open,
            "mine": is_open & Q(owner_id=actor.user_id),
        }.get(view, Q())
    )  # fmt: skip


def finding_get(actor: Actor, finding_id: UUID) -> Finding:
    """One finding. Raises NotFound, too, when the actor may not see it."""
    found = finding_list(actor).filter(pk=finding_id).first()
    if found is None:
        raise NotFound("No such finding, or you may not see it.")
    return found


def member_get(actor: Actor, workspace: Workspace, username: str) -> User:
    """A member of a workspace that the actor sees, by name. Raises NotFound."""
    members = Membership.objects.filter(workspace=workspace, user__username=username)
    found = members.select_related("user").first()
    if found is None:
        raise NotFound(f"{username} is no member of {workspace}.")
    return found.user
