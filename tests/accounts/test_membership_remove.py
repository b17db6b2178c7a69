"""membership_remove."""

import pytest

from portal.accounts.models import Membership
from portal.accounts.services.memberships import membership_remove
from portal.kernel.errors import Conflict, NotFound, PermissionDenied
from tests.audit.events import detail_of, latest, recorded

REMOVE = "accounts.membership.remove"


def test_a_maintainer_takes_a_role_away(acting, ann, bob, workspace):
    membership_remove(actor=acting(ann), workspace=workspace, user=bob, role="viewer", reason="left")
    assert not Membership.objects.filter(user=bob).exists()
    assert recorded() == [(REMOVE, "done")]
    said = detail_of(latest())
    assert said["changes"]["member_name"] == ["bob", None]
    assert said["reason"] == "left"


def test_a_viewer_may_not(acting, ann, bob, workspace):
    with pytest.raises(PermissionDenied):
        membership_remove(actor=acting(bob), workspace=workspace, user=ann, role="maintainer")
    assert Membership.objects.filter(user=ann).exists()
    assert recorded() == [(REMOVE, "denied")]


def test_an_outsider_learns_nothing(acting, ann, bob, cleo, workspace):
    with pytest.raises(NotFound):
        membership_remove(actor=acting(cleo), workspace=workspace, user=bob, role="viewer")
    assert Membership.objects.filter(user=bob).exists()
    assert recorded() == [(REMOVE, "denied")]


def test_the_last_maintainer_stays(acting, ann, workspace):
    with pytest.raises(Conflict, match="last maintainer"):
        membership_remove(actor=acting(ann), workspace=workspace, user=ann, role="maintainer")
    assert Membership.objects.filter(user=ann).exists()
    assert recorded() == [(REMOVE, "refused")]


def test_a_deactivated_maintainer_does_not_count(acting, ann, cora, workspace):
    Membership.objects.create(workspace=workspace, user=cora, role="maintainer")
    cora.is_active = False
    cora.save()
    with pytest.raises(Conflict):
        membership_remove(actor=acting(ann), workspace=workspace, user=ann, role="maintainer")


def test_repeating_finds_nothing_to_remove(acting, ann, bob, workspace):
    membership_remove(actor=acting(ann), workspace=workspace, user=bob, role="viewer")
    with pytest.raises(NotFound):
        membership_remove(actor=acting(ann), workspace=workspace, user=bob, role="viewer")
    assert recorded() == [(REMOVE, "done"), (REMOVE, "denied")]
