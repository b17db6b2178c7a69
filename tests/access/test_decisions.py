"""The one question: may this actor do this to that?"""

import pytest

from portal import access
from portal.accounts.actor import Actor
from portal.kernel.errors import NotFound, PermissionDenied


def test_an_unlisted_action_is_an_error_not_a_yes(acting, olga):
    with pytest.raises(KeyError):
        access.allows(acting(olga), "no.such.action")


def test_not_visible_is_not_found_and_visible_is_denied(acting, bob, cleo, workspace):
    with pytest.raises(NotFound):
        access.require(acting(cleo), "experiments.run.read", workspace)
    with pytest.raises(PermissionDenied) as caught:
        access.require(acting(bob), "experiments.run.create", workspace)
    assert caught.value.target == workspace
    assert "contributor" in caught.value.detail


def test_a_superuser_flag_grants_nothing(acting, cleo, workspace):
    cleo.is_superuser = cleo.is_staff = True
    cleo.save()
    actor = acting(cleo)
    assert [name for name in access.ACTIONS if access.allows(actor, name, workspace)] == [
        name for name, action in access.ACTIONS.items() if "anyone" in action.roles
    ]


def test_an_operator_writes_nothing_inside_a_workspace(acting, olga, workspace):
    actor = acting(olga)
    inside = [
        name
        for name, action in access.ACTIONS.items()
        if action.is_write and name.startswith("experiments.") and "anyone" not in action.roles
    ]
    assert [name for name in inside if access.allows(actor, name, workspace)] == []


def test_an_auditor_writes_nothing_whatever_roles_they_hold(acting, aude, workspace):
    aude.memberships.create(workspace=workspace, role="maintainer")
    actor = acting(aude)
    allowed = [
        name
        for name, action in access.ACTIONS.items()
        if action.is_write and access.allows(actor, name, workspace)
    ]
    assert [name for name in allowed if "anyone" not in access.ACTIONS[name].roles] == []
    assert access.workspaces_allowing(actor, "experiments.run.create") == []
    with pytest.raises(PermissionDenied, match="auditor"):
        access.require(actor, "experiments.run.create", workspace)


def test_queries_filter_by_the_same_rule(acting, ann, aude, cleo, workspace, other):
    assert access.workspaces_allowing(acting(ann), "experiments.run.create") == [workspace.pk]
    assert access.workspaces_allowing(acting(cleo), "experiments.run.read") == [other.pk]
    assert access.workspaces_allowing(acting(aude), "experiments.run.read") is None
    tidy = Actor.system("jobs.tidy", actions=["experiments.run.read"])
    assert access.workspaces_allowing(tidy, "experiments.run.read") is None
    assert access.workspaces_allowing(tidy, "experiments.run.create") == []


def test_what_is_portal_wide_belongs_to_no_workspace(acting, ann, bob, olga):
    assert not access.allows(acting(ann), "accounts.user.update", bob)
    assert access.allows(acting(olga), "accounts.user.update", bob)
    assert not access.allows(acting(ann), "experiments.run.create")
