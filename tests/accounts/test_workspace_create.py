"""workspace_create and workspace_update."""

import pytest

from portal.accounts.models import Workspace
from portal.accounts.services.workspaces import workspace_create, workspace_update
from portal.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from portal.kernel.versions import version_of
from tests.audit.events import detail_of, latest, recorded

CREATE, UPDATE = "accounts.workspace.create", "accounts.workspace.update"


def test_an_operator_makes_a_workspace(acting, olga):
    made = workspace_create(actor=acting(olga), name="fraud", description="Card fraud")
    event = latest()
    assert (event.action, event.outcome, event.object_id) == (CREATE, "done", str(made.pk))
    assert detail_of(event)["changes"]["name"] == [None, "fraud"]


@pytest.mark.parametrize("who", ["ann", "aude"])
def test_others_may_not(request, acting, who):
    actor = acting(request.getfixturevalue(who))
    with pytest.raises(PermissionDenied):
        workspace_create(actor=actor, name="fraud")
    assert not Workspace.objects.filter(name="fraud").exists()
    assert recorded() == [(CREATE, "denied")]


def test_a_superuser_flag_grants_nothing(acting, bob):
    bob.is_superuser = bob.is_staff = True
    bob.save()
    with pytest.raises(PermissionDenied):
        workspace_create(actor=acting(bob), name="fraud")


def test_a_name_is_taken_once(acting, olga, workspace):
    with pytest.raises(Conflict, match="exists already"):
        workspace_create(actor=acting(olga), name="credit")
    assert Workspace.objects.count() == 1
    assert recorded() == [(CREATE, "refused")]


@pytest.mark.parametrize("name", ["", "Credit", "a b", "-a", "a-", "a" * 64, "a\n", "ä", "a/b"])
def test_names_are_slugs(acting, olga, name):
    with pytest.raises(InvalidInput):
        workspace_create(actor=acting(olga), name=name)
    assert not Workspace.objects.exists()


def test_a_maintainer_describes(acting, ann, workspace):
    workspace_update(actor=acting(ann), workspace=workspace, description="Loans")
    assert detail_of(latest())["changes"] == {"description": ["", "Loans"]}


def test_a_viewer_does_not_describe(acting, bob, workspace):
    with pytest.raises(PermissionDenied):
        workspace_update(actor=acting(bob), workspace=workspace, description="mine")
    workspace.refresh_from_db()
    assert workspace.description == ""
    assert recorded() == [(UPDATE, "denied")]


def test_an_outsider_does_not_see_it(acting, cleo, workspace):
    with pytest.raises(NotFound):
        workspace_update(actor=acting(cleo), workspace=workspace, description="mine")
    assert recorded() == [(UPDATE, "denied")]


def test_a_stale_edit_is_a_conflict(acting, ann, workspace):
    seen = version_of(workspace)
    workspace_update(actor=acting(ann), workspace=workspace, description="first", expected_version=seen)
    with pytest.raises(Conflict, match="changed by somebody else"):
        workspace_update(actor=acting(ann), workspace=workspace, description="second", expected_version=seen)
    workspace.refresh_from_db()
    assert workspace.description == "first"
    assert recorded() == [(UPDATE, "done"), (UPDATE, "refused")]
