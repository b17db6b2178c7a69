"""`manage.py member_add WORKSPACE USER ROLE`: give a role unless it is held."""

from typing import Any

from django.core.management.base import CommandParser

from portal.accounts.actor import Actor
from portal.accounts.management.base import OperationCommand, user_named, workspace_named
from portal.accounts.models import Membership
from portal.accounts.services.memberships import membership_add


class Command(OperationCommand):
    help = "Give a user a role in a workspace: viewer, contributor, maintainer or approver."

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("workspace")
        parser.add_argument("username")
        parser.add_argument("role")

    def act(self, *, workspace: str, username: str, role: str, **_: Any) -> dict[str, Any]:
        place, user = workspace_named(workspace), user_named(username)
        is_held = Membership.objects.filter(workspace=place, user=user, role=role).exists()
        if not is_held:
            actor = Actor.system("commands.member_add", actions=["accounts.membership.add"])
            membership_add(actor=actor, workspace=place, user=user, role=role)
        outcome = "already" if is_held else "now"
        return {
            "message": f"{username} is {outcome} {role} of {workspace}.",
            "workspace": workspace, "username": username, "role": role, "created": not is_held,
        }  # fmt: skip
