"""Delegations: who may give one, to whom, for how long, and who ends it."""

from datetime import timedelta

import pytest

from compliance.models import Delegation
from compliance.services.delegations import delegation_create, delegation_revoke
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied

pytestmark = pytest.mark.django_db


@pytest.fixture
def gives(workspace, acting):
    def go(person, to_user, *, role="approver", start=0, end=5):
        return delegation_create(
            actor=acting(person), workspace=workspace, to_user=to_user, role=role, reason="Holidays.",
            starts_at=now() + timedelta(days=start), ends_at=now() + timedelta(days=end),
        )  # fmt: skip

    return go


def test_an_approver_delegates_to_a_member(gives, dia, bob):
    made = gives(dia, bob)
    assert (made.from_user, made.to_user, made.role, made.revoked_at) == (dia, bob, "approver", None)
    with pytest.raises(Conflict):
        gives(dia, bob, start=1)


def test_not_to_oneself_a_stranger_an_account_or_an_auditor(gives, dia, cleo, robot, aude, workspace):
    aude.memberships.create(workspace=workspace, role="viewer")
    for nobody in (dia, cleo, robot, aude):
        with pytest.raises(InvalidInput):
            gives(dia, nobody)
    assert not Delegation.objects.exists()


@pytest.mark.parametrize("name", ["bob", "cora", "olga", "aude", "cleo"])
def test_who_may_not_decide_has_nothing_to_delegate(gives, name, dia, request):
    with pytest.raises((PermissionDenied, NotFound)):
        gives(request.getfixturevalue(name), dia)


def test_a_role_that_one_does_not_hold(gives, dia, bob):
    for role in ("maintainer", "viewer", "operator"):
        with pytest.raises(PermissionDenied):
            gives(dia, bob, role=role)


@pytest.mark.parametrize(("start", "end"), [(0, 61), (2, 1), (-5, -1)])
def test_time_is_bounded(gives, dia, bob, start, end):
    with pytest.raises(InvalidInput):
        gives(dia, bob, start=start, end=end)


def test_one_of_the_two_or_a_maintainer_ends_it(gives, dia, bob, ann, cora, acting):
    made = gives(dia, bob)
    with pytest.raises(PermissionDenied):
        delegation_revoke(actor=acting(cora), delegation=made)
    assert delegation_revoke(actor=acting(ann), delegation=made).revoked_at is not None
    first = Delegation.objects.get().revoked_at
    delegation_revoke(actor=acting(dia), delegation=made)
    assert Delegation.objects.get().revoked_at == first
