"""`manage.py workspace_create NAME`: make a workspace unless it is there."""

from typing import Any

from django.core.management.base import CommandParser

from portal.accounts.actor import Actor
from portal.accounts.management.base import OperationCommand
from portal.accounts.models import Workspace
from portal.accounts.services.workspaces import workspace_create


class Command(OperationCommand):
    help = "Make a workspace. One of that name that exists is left as it is."

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--description", default="")

    def act(self, *, name: str, description: str, **_: Any) -> dict[str, Any]:
        found = Workspace.objects.filter(name=name).first()
        actor = Actor.system("commands.workspace_create", actions=["accounts.workspace.create"])
        workspace = found or workspace_create(actor=actor, name=name, description=description)
        outcome = "exists already" if found else "was made"
        return {
            "message": f"Workspace {workspace} {outcome}.",
            "id": workspace.pk, "name": workspace.name, "created": found is None,
        }  # fmt: skip
