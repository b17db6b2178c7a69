"""Break-glass: one person for some hours, then confirmed or moved back. And revocation in the same commit."""

import pytest

from compliance.models import Approval, ApprovalRequest, Decision
from compliance.models.approvals import PENDING_STATES
from compliance.services.break_glass import break_glass, break_glass_confirm, break_purpose, confirm_purpose
from compliance.services.revocations import approval_revoke
from jobs.queue import enqueue
from jobs.runner import run_job
from jobs.sweeper import SWEEPER
from portal.audit.models import AuditEvent
from portal.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, PolicyViolation
from tests.compliance import gated
from tests.compliance.proofs import proof_of
from tests.compliance.scenery import CHAMPION, policy_put

pytestmark = pytest.mark.django_db
PAST = "2020-01-01T00:00Z"


@pytest.fixture
def breaks(gated_act, workspace, acting):
    policy_put(workspace)
    gated.subject_put(workspace.pk)

    def go(person, *, subject="v1", reason="The champion answers with errors.", proof=None):
        return break_glass(
            actor=acting(person), workspace=workspace, act=gated.ACT, subject_id=subject,
            params={"target": "champion"}, reason=reason, proof=proof or proof_of(person, break_purpose(subject)),
        )  # fmt: skip

    return go


@pytest.fixture
def confirms(acting):
    def go(person, approval, verdict="approve", **more):
        proof = proof_of(person, confirm_purpose(approval))
        return break_glass_confirm(
            actor=acting(person), approval=approval, verdict=verdict, proof=proof, **more
        )

    return go


def swept():
    return run_job(enqueue("compliance.expire", key="t", args={}, actor=SWEEPER, workspace_id=None).pk)


def test_one_person_moves_the_target_for_some_hours(breaks, dia):
    request = breaks(dia)
    approval = Approval.objects.get()
    assert (request.state, request.is_break_glass, gated.points_to()) == ("approved", True, "v1")
    assert approval.confirm_by is not None
    assert 7.9 < (approval.confirm_by - approval.effective_at).total_seconds() / 3600 <= 8
    assert approval.confirmed_by is None
    assert Decision.objects.get().person == dia


def test_a_second_person_confirms(breaks, confirms, dia, dora):
    breaks(dia)
    approval = Approval.objects.get()
    with pytest.raises(PermissionDenied):
        confirms(dia, approval)
    confirms(dora, approval)
    Approval.objects.update(confirm_by=PAST)
    swept()
    approval.refresh_from_db()
    assert (approval.state, approval.confirmed_by, gated.points_to()) == ("effective", dora, "v1")
    with pytest.raises(Conflict):
        confirms(dora, approval)


def test_what_the_rules_refuse_by_now_is_not_confirmed(breaks, confirms, dia, dora, workspace):
    breaks(dia)
    approval = Approval.objects.get()
    found = {"artifact_scan": {"outcome": "fail", "age_hours": 0.1, "digest": "f" * 64}}
    gated.subject_put(workspace.pk, facts={**gated.CLEAN, "evidence": found})
    with pytest.raises(PolicyViolation):
        confirms(dora, approval)
    assert Decision.objects.count() == 1
    confirms(dora, approval, "reject", reason="The scan found something.")
    first, second = Decision.objects.order_by("decided_at")
    assert first.evidence_digest != second.evidence_digest
    assert gated.points_to() is None


def test_a_second_person_refuses_and_the_target_moves_back(breaks, confirms, dia, dora):
    breaks(dia)
    with pytest.raises(InvalidInput):
        confirms(dora, Approval.objects.get(), "reject")
    confirms(dora, Approval.objects.get(), "reject", reason="There was no emergency.")
    assert (Approval.objects.get().state, gated.points_to()) == ("revoked", None)


def test_unconfirmed_it_is_revoked_by_the_clock_and_the_target_moves_back(
    breaks, decides, asked, dia, dora, workspace
):
    gated.subject_put(workspace.pk, subject="v0")
    decides(dora, asked(subject="v0"))
    first = Approval.objects.get()
    breaks(dia)
    first.refresh_from_db()
    assert (first.state, gated.points_to()) == ("superseded", "v1")
    swept()
    assert gated.points_to() == "v1"
    Approval.objects.filter(confirm_by__isnull=False).update(confirm_by=PAST)
    assert swept()
    assert gated.points_to() == "v0"
    first.refresh_from_db()
    assert first.state == "effective"
    assert Approval.objects.get(confirm_by__isnull=False).state == "revoked"
    assert (
        AuditEvent.objects.filter(
            actor="system:compliance.expire", action="compliance.approval.revoke"
        ).count()
        == 1
    )
    assert swept()
    assert gated.points_to() == "v0"


@pytest.mark.parametrize("name", ["bob", "cora", "olga", "aude", "cleo", "robot"])
def test_nobody_else_breaks_it(breaks, name, request):
    with pytest.raises((PermissionDenied, NotFound)):
        breaks(request.getfixturevalue(name))
    assert (gated.points_to(), Approval.objects.exists()) == (None, False)


def test_not_the_author(breaks, dia, workspace):
    gated.subject_put(workspace.pk, authors=(dia.pk,))
    with pytest.raises(PermissionDenied) as no:
        breaks(dia)
    assert no.value.code == "excluded"


def test_rules_hold_in_an_emergency_too(breaks, dia, workspace):
    gated.subject_put(workspace.pk, facts={**gated.CLEAN, "metrics": {"auc": 0.1}})
    with pytest.raises(PolicyViolation):
        breaks(dia)
    assert gated.points_to() is None


def test_a_policy_that_does_not_allow_it_is_obeyed(breaks, dia, workspace):
    policy_put(
        workspace,
        CHAMPION.replace("name: champion", "name: strict").replace("allowed: true", "allowed: false"),
    )
    with pytest.raises(PolicyViolation) as no:
        breaks(dia)
    assert no.value.code == "no_break_glass"


def test_it_needs_a_reason_and_a_proof(breaks, dia):
    with pytest.raises(InvalidInput):
        breaks(dia, reason="now")
    with pytest.raises(PermissionDenied):
        breaks(dia, proof=proof_of(dia, "decide:x"))
    assert gated.points_to() is None


def test_a_pending_request_for_the_same_is_overtaken(breaks, asked, dia):
    request = asked()
    breaks(dia)
    request.refresh_from_db()
    assert request.state == "invalidated"
    assert not ApprovalRequest.objects.filter(state__in=PENDING_STATES).exists()


@pytest.fixture
def granted(gated_act, workspace, asked, decides, dia):
    policy_put(workspace)
    gated.subject_put(workspace.pk)
    decides(dia, asked())
    return Approval.objects.get()


def test_revoking_moves_back_in_the_same_commit(granted, ann, acting):
    approval_revoke(actor=acting(ann), approval=granted, reason="A defect was found.")
    granted.refresh_from_db()
    assert (granted.state, granted.end_reason, gated.points_to()) == ("revoked", "A defect was found.", None)
    with pytest.raises(Conflict):
        approval_revoke(actor=acting(ann), approval=granted, reason="Again.")


def test_if_the_move_back_fails_the_approval_stands(granted, ann, acting, monkeypatch):
    def fails(**_):
        raise Conflict("Locked.")

    monkeypatch.setattr(gated, "_back", fails)
    with pytest.raises(Conflict):
        approval_revoke(actor=acting(ann), approval=granted, reason="A defect was found.")
    granted.refresh_from_db()
    assert (granted.state, gated.points_to()) == ("effective", "v1")


@pytest.mark.parametrize("name", ["bob", "cora", "olga", "aude", "cleo"])
def test_who_may_not_revoke(granted, acting, name, request):
    with pytest.raises((PermissionDenied, NotFound)):
        approval_revoke(actor=acting(request.getfixturevalue(name)), approval=granted, reason="No.")
    granted.refresh_from_db()
    assert (granted.state, gated.points_to()) == ("effective", "v1")


def test_a_deleted_subject_can_be_revoked(granted, ann, acting):
    gated.subject_delete()
    approval_revoke(actor=acting(ann), approval=granted, reason="It is gone.")
    assert gated.points_to() is None
