"""Views of the runs table that a workspace keeps under a name, of which one is what the table opens with."""

from experiments.models import Experiment, SavedView
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.errors import InvalidInput
from portal.operations import operation

QUERY_LENGTH, NAME_LENGTH = 8_000, 100


@operation("experiments.view.save", on="workspace")
def view_save(
    *, actor: Actor, workspace: Workspace, experiment: Experiment | None, name: str, query: str
) -> SavedView:
    """Keep a state of the table under a name; a view of this name is overwritten. Raises InvalidInput."""
    if not name.strip() or len(name) > NAME_LENGTH or "\0" in name + query or len(query) > QUERY_LENGTH:
        raise InvalidInput(f"Name the view, in at most {NAME_LENGTH} characters.")
    if experiment is not None and experiment.workspace_id != workspace.pk:
        raise InvalidInput("A view of an experiment belongs to the experiment's workspace.")
    view = SavedView.objects.filter(workspace=workspace, experiment=experiment, name=name.strip()).first()
    view = view or SavedView(
        workspace=workspace, experiment=experiment, name=name.strip(), created_by_id=actor.user_id
    )
    view.query = query
    view.save()
    return view


@operation("experiments.view.default", on="view")
def view_default(*, actor: Actor, view: SavedView, is_default: bool) -> SavedView:
    """Let the table open with this view, in the place of another one; or with none again."""
    if is_default:
        others = SavedView.objects.filter(workspace=view.workspace, experiment=view.experiment)
        others.filter(is_default=True).exclude(pk=view.pk).update(is_default=False)
    view.is_default = is_default
    view.save(update_fields=["is_default", "updated_at"])
    return view


@operation("experiments.view.delete", on="view")
def view_delete(*, actor: Actor, view: SavedView) -> SavedView:
    """Forget a view; the runs that it shows stay as they are."""
    SavedView.objects.filter(pk=view.pk).delete()
    return view
