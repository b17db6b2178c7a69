"""Making and describing workspaces."""

from django.core.exceptions import ValidationError

from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.versions import version_check
from portal.operations import operation


@operation("accounts.workspace.create")
def workspace_create(*, actor: Actor, name: str, description: str = "") -> Workspace:
    """Make an empty workspace. Raises Conflict when the name is taken."""
    workspace = Workspace(name=name, description=description)
    _fields_check(workspace)
    if Workspace.objects.filter(name=name).exists():
        raise Conflict(f"The workspace {name} exists already. Choose another name.", code="already_exists")
    workspace.save(force_insert=True)
    return workspace


@operation("accounts.workspace.update", on="workspace")
def workspace_update(
    *, actor: Actor, workspace: Workspace, description: str, expected_version: str | None = None
) -> Workspace:
    """Change the description; the name stays, since clients and artifact paths hold on to it."""
    version_check(workspace, expected_version)
    workspace.description = description
    _fields_check(workspace)
    workspace.save(update_fields=["description"])
    return workspace


def _fields_check(workspace: Workspace) -> None:
    try:
        workspace.clean_fields()
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages), fields=error.message_dict) from error
