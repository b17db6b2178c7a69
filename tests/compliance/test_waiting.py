"""What waits for whom, in one statement."""

from datetime import timedelta

import pytest

from compliance.selectors.waiting import requests_waiting
from compliance.services.break_glass import break_glass, break_purpose
from compliance.services.delegations import delegation_create
from portal.accounts.models import User
from portal.kernel.clock import now
from tests.compliance import gated
from tests.compliance.proofs import proof_of
from tests.compliance.scenery import policy_put

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_policy(gated_act, workspace):
    policy_put(workspace)
    gated.subject_put(workspace.pk, tier="high")


@pytest.fixture
def waits(acting):
    return lambda person: [(each.kind, each.principal_id) for each in requests_waiting(acting(person))]


def test_approvers_until_they_have_decided_or_the_quorum_is_there(
    asked, waits, decides, dia, dora, ann, bob, cleo, aude
):
    request = asked()
    assert waits(dia) == [("decide", dia.pk)]
    for person in (ann, bob, cleo, aude):
        assert waits(person) == []
    decides(dia, request)
    assert (waits(dia), waits(dora)) == ([], [("decide", dora.pk)])
    decides(dora, request)
    assert (waits(dia), waits(dora)) == ([], [])


def test_not_for_the_excluded(asked, waits, workspace, dia):
    gated.subject_put(workspace.pk, authors=(dia.pk,))
    asked()
    assert waits(dia) == []


def test_for_the_delegate_while_the_delegation_holds(asked, waits, workspace, dia, bob, acting, decides):
    request = asked()
    delegation_create(
        actor=acting(dia), workspace=workspace, to_user=bob, role="approver", starts_at=now(),
        ends_at=now() + timedelta(days=1),
    )  # fmt: skip
    assert waits(bob) == [("delegated", dia.pk)]
    User.objects.filter(pk=dia.pk).update(is_active=False)
    assert waits(bob) == []
    User.objects.filter(pk=dia.pk).update(is_active=True)
    decides(dia, request)
    assert waits(bob) == []


def test_for_who_asked_when_it_is_theirs_to_mend(asked, waits, decides, cora, dia):
    request = asked()
    assert waits(cora) == []
    decides(dia, request, "ask_changes", reason="The card.")
    assert waits(cora) == [("mend", cora.pk)]
    assert waits(dia) == []


def test_break_glass_waits_for_a_second_person(waits, workspace, dia, dora, acting):
    break_glass(
        actor=acting(dia), workspace=workspace, act=gated.ACT, subject_id="v1", params={"target": "champion"},
        reason="The champion answers with errors.", proof=proof_of(dia, break_purpose("v1")),
    )  # fmt: skip
    assert (waits(dia), waits(dora)) == ([], [("confirm", dora.pk)])
