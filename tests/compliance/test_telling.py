"""What happens to requests is told to those whom it concerns, in the same transaction."""

import pytest

from compliance.models import Approval, Notice
from compliance.services.break_glass import break_glass, break_purpose
from compliance.services.revocations import approval_revoke
from portal.kernel.errors import PermissionDenied
from tests.compliance import gated
from tests.compliance.proofs import proof_of
from tests.compliance.scenery import policy_put

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_policy(gated_act, workspace):
    policy_put(workspace)
    gated.subject_put(workspace.pk)


def told():
    return [(notice.topic, notice.to_users) for notice in Notice.objects.order_by("id")]


def test_approvers_are_asked_and_the_requester_learns_the_outcome(
    asked, decides, cora, dia, dora, ann, acting
):
    request = asked()
    assert told() == [("approval_request.opened", sorted([dia.pk, dora.pk]))]
    decides(dia, request)
    assert told()[1:] == [("approval_request.approved", [cora.pk])]
    approval_revoke(actor=acting(ann), approval=Approval.objects.get(), reason="A defect.")
    notice = Notice.objects.order_by("-id")[0]
    assert (notice.topic, notice.data["reason"]) == ("approval.revoked", "A defect.")
    assert notice.url == f"/approvals/{request.pk}"


def test_auditors_are_alerted_of_break_glass(workspace, dia, dora, aude, acting):
    break_glass(
        actor=acting(dia), workspace=workspace, act=gated.ACT, subject_id="v1", params={"target": "champion"},
        reason="The champion answers with errors.", proof=proof_of(dia, break_purpose("v1")),
    )  # fmt: skip
    assert ("break_glass.used", sorted([aude.pk, dora.pk])) in told()


def test_what_is_refused_is_not_told(asked, decides, cora):
    request = asked()
    with pytest.raises(PermissionDenied):
        decides(cora, request)
    assert [topic for topic, _ in told()] == ["approval_request.opened"]
