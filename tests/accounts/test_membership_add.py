"""membership_add."""

import pytest

from portal.accounts.models import Membership
from portal.accounts.services.memberships import membership_add
from portal.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from tests.audit.events import detail_of, latest, recorded

ADD = "accounts.membership.add"


def test_a_maintainer_gives_a_role(acting, ann, cleo, workspace):
    held = membership_add(actor=acting(ann), workspace=workspace, user=cleo, role="contributor")
    assert (held.user, held.role) == (cleo, "contributor")
    event = latest()
    assert (event.action, event.outcome, event.object_type) == (ADD, "done", "workspace")
    assert event.object_id == str(workspace.pk)
    assert event.workspace_id == workspace.pk
    assert detail_of(event)["changes"]["role"] == [None, "contributor"]


def test_an_operator_may_too(acting, olga, cleo, workspace):
    membership_add(actor=acting(olga), workspace=workspace, user=cleo, role="viewer")
    assert recorded() == [(ADD, "done")]


@pytest.mark.parametrize("who", ["bob", "cora", "dia", "aude"])
def test_others_inside_may_not(request, acting, who, cleo, workspace):
    actor = acting(request.getfixturevalue(who))
    before = Membership.objects.count()
    with pytest.raises(PermissionDenied):
        membership_add(actor=actor, workspace=workspace, user=cleo, role="viewer")
    assert Membership.objects.count() == before
    assert recorded() == [(ADD, "denied")]


def test_an_outsider_learns_nothing(acting, cleo, workspace):
    with pytest.raises(NotFound):
        membership_add(actor=acting(cleo), workspace=workspace, user=cleo, role="maintainer")
    assert not Membership.objects.filter(workspace=workspace).exists()
    assert recorded() == [(ADD, "denied")]


def test_a_role_that_is_held_is_a_conflict(acting, ann, bob, workspace):
    with pytest.raises(Conflict, match="already"):
        membership_add(actor=acting(ann), workspace=workspace, user=bob, role="viewer")
    assert Membership.objects.filter(user=bob).count() == 1
    assert recorded() == [(ADD, "refused")]


def test_a_deactivated_user_gets_nothing(acting, ann, cleo, workspace):
    cleo.is_active = False
    cleo.save()
    with pytest.raises(Conflict, match="deactivated"):
        membership_add(actor=acting(ann), workspace=workspace, user=cleo, role="viewer")
    assert not Membership.objects.filter(workspace=workspace, user=cleo).exists()


def test_roles_are_a_closed_list(acting, ann, cleo, workspace):
    with pytest.raises(InvalidInput):
        membership_add(actor=acting(ann), workspace=workspace, user=cleo, role="owner")
    assert not Membership.objects.filter(workspace=workspace, user=cleo).exists()
