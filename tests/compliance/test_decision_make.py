"""Deciding: who may, on what, and that the last needed decision makes approval, move and record together."""

import pytest

from compliance.gates import GATED_ACTS, GatedAct
from compliance.models import Approval, Decision, Delegation
from portal.accounts.models import Membership, User
from portal.audit.models import AuditEvent
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, PolicyViolation
from tests.compliance import gated
from tests.compliance.proofs import proof_of
from tests.compliance.scenery import CHAMPION, policy_put

pytestmark = pytest.mark.django_db
DIRTY = {**gated.CLEAN, "evidence": {"artifact_scan": {"outcome": "fail", "digest": "e" * 64}}}


@pytest.fixture
def request_(gated_act, workspace, asked):
    policy_put(workspace)
    gated.subject_put(workspace.pk)
    return asked()


def unchanged(request):
    request.refresh_from_db()
    return not Decision.objects.exists() and not Approval.objects.exists() and gated.points_to() is None


def events():
    return list(
        AuditEvent.objects.order_by("id")
        .exclude(action="compliance.request.create")
        .values_list("actor", "action", "outcome")
    )


def test_the_last_needed_decision_moves_the_target(request_, decides, dia):
    decision = decides(dia, request_, reason="AUC and scan are fine")
    request_.refresh_from_db()
    approval = Approval.objects.get()
    assert (request_.state, approval.state, approval.request) == ("approved", "effective", request_)
    assert approval.used_at is not None
    assert gated.points_to() == "v1"
    assert (decision.role, decision.subject_digest, decision.evidence_digest) == (
        "approver", request_.subject_digest, request_.evidence_digest,
    )  # fmt: skip
    who = f"user:{dia.pk}"
    assert events() == [
        (who, "compliance.approval.grant", "done"),
        (who, gated.ACT, "done"),
        (who, "compliance.approval.use", "done"),
        (who, "compliance.decision.make", "done"),
    ]


def test_without_apply_the_approval_waits_unused(gated_act, workspace, asked, decides, dia):
    policy_put(workspace)
    gated.subject_put(workspace.pk)
    decides(dia, asked(apply_on_approval=False))
    approval = Approval.objects.get()
    assert (approval.used_at, gated.points_to()) == (None, None)
    assert approval.expires_at is not None
    assert approval.expires_at > now()


def test_a_high_tier_needs_two_persons(gated_act, workspace, asked, decides, dia, dora):
    policy_put(workspace)
    gated.subject_put(workspace.pk, tier="high")
    request = asked()
    decides(dia, request)
    request.refresh_from_db()
    assert (request.state, gated.points_to()) == ("open", None)
    with pytest.raises(Conflict) as again:
        decides(dia, request)
    assert again.value.code == "already_decided"
    decides(dora, request)
    request.refresh_from_db()
    assert (request.state, gated.points_to()) == ("approved", "v1")


def test_two_roles_need_two_persons_even_where_one_holds_both(
    gated_act, workspace, asked, decides, dia, dora, ann
):
    policy_put(
        workspace, CHAMPION.replace("request_expires", "  - {role: maintainer, quorum: 1}\nrequest_expires")
    )
    gated.subject_put(workspace.pk)
    Membership.objects.create(user=dia, workspace=workspace, role="maintainer")
    request = asked()
    decides(dia, request)
    assert gated.points_to() is None
    with pytest.raises(Conflict):
        decides(dia, request)
    second = ann if Decision.objects.get().role == "approver" else dora
    decides(second, request)
    assert set(Decision.objects.values_list("role", flat=True)) == {"approver", "maintainer"}
    assert gated.points_to() == "v1"


@pytest.mark.parametrize("who", ["requester", "author", "named"])
def test_excluded_persons_are_refused(gated_act, workspace, asked, decides, dia, who, acting):
    policy_put(workspace, CHAMPION + ("exclude: [dia]\n" if who == "named" else ""))
    gated.subject_put(workspace.pk, authors=(dia.pk,) if who == "author" else ())
    Membership.objects.create(user=dia, workspace=workspace, role="contributor")
    request = asked(actor=acting(dia)) if who == "requester" else asked()
    with pytest.raises(PermissionDenied) as no:
        decides(dia, request)
    assert no.value.code == "excluded"
    assert unchanged(request)
    assert events() == [(f"user:{dia.pk}", "compliance.decision.make", "denied")]


def test_a_maintainer_cannot_decide_their_own_request(gated_act, workspace, asked, decides, ann, acting):
    policy_put(workspace, CHAMPION.replace("role: approver", "role: maintainer"))
    gated.subject_put(workspace.pk)
    request = asked(actor=acting(ann))
    with pytest.raises(PermissionDenied):
        decides(ann, request)
    assert unchanged(request)


@pytest.mark.parametrize("name", ["ann", "bob", "cora"])
def test_other_roles_do_not_decide(request_, decides, name, request):
    person = request.getfixturevalue(name)
    with pytest.raises(PermissionDenied):
        decides(person, request_)
    assert unchanged(request_)


@pytest.mark.parametrize("name", ["olga", "aude", "cleo", "robot"])
def test_nobody_outside_decides_whatever_they_are_in_the_portal(request_, decides, name, request):
    person = request.getfixturevalue(name)
    person.is_superuser = person.is_staff = True
    person.save()
    with pytest.raises((PermissionDenied, NotFound)):
        decides(person, request_)
    assert unchanged(request_)


def test_an_auditor_who_is_an_approver_too_does_not_decide(request_, decides, dia):
    User.objects.filter(pk=dia.pk).update(is_auditor=True)
    with pytest.raises(PermissionDenied):
        decides(User.objects.get(pk=dia.pk), request_)
    assert unchanged(request_)


def test_a_service_account_with_the_role_does_not_decide(request_, decides, robot, workspace):
    Membership.objects.create(user=robot, workspace=workspace, role="approver")
    with pytest.raises(PermissionDenied) as no:
        decides(robot, request_)
    assert no.value.code == "not_a_person"
    assert unchanged(request_)


def test_a_proof_for_something_else_decides_nothing(request_, decides, dia):
    with pytest.raises(PermissionDenied) as no:
        decides(dia, request_, proof=proof_of(dia, "decide:other"))
    assert no.value.code == "reauthentication_required"
    assert unchanged(request_)


def test_a_rejection_ends_the_request(request_, decides, dia):
    with pytest.raises(InvalidInput):
        decides(dia, request_, "reject")
    decides(dia, request_, "reject", reason="The data is stale.")
    request_.refresh_from_db()
    assert (request_.state, request_.close_reason) == ("rejected", "The data is stale.")
    assert not Approval.objects.exists()


def test_changed_evidence_ends_the_request_with_409(request_, decides, dia, workspace):
    gated.subject_put(workspace.pk, facts={**gated.CLEAN, "card": {"number": 2, "sections": {}}})
    with pytest.raises(Conflict) as no:
        decides(dia, request_)
    assert no.value.code == "evidence_changed"
    assert unchanged(request_)
    assert request_.state == "invalidated"
    assert events() == [
        (f"user:{dia.pk}", "compliance.decision.make", "refused"),
        ("system:compliance.gate", "compliance.request.invalidate", "done"),
    ]


def test_a_new_policy_ends_it_too(request_, decides, dia, workspace):
    policy_put(workspace, CHAMPION.replace("0.8", "0.7"))
    with pytest.raises(Conflict):
        decides(dia, request_)
    assert unchanged(request_)
    assert request_.state == "invalidated"


def test_a_subject_that_is_gone_ends_it(request_, decides, dia):
    gated.subject_delete()
    with pytest.raises(Conflict):
        decides(dia, request_)
    request_.refresh_from_db()
    assert request_.state == "invalidated"


def test_a_digest_that_is_not_the_one_decided_on_is_refused(request_, decides, dia):
    with pytest.raises(Conflict) as no:
        decides(dia, request_, seen_digest="0" * 64)
    assert no.value.code == "stale"
    assert unchanged(request_)
    assert request_.state == "open"


def test_rules_are_evaluated_again_at_the_deciding_moment(request_, decides, dia, workspace):
    gated.subject_put(workspace.pk, facts={**gated.CLEAN, "metrics": {"auc": 0.5}})
    with pytest.raises(PolicyViolation, match="champion/auc"):
        decides(dia, request_)
    assert unchanged(request_)
    assert request_.state == "open"


def test_an_expired_request_is_not_decided(request_, decides, dia):
    type(request_).objects.update(expires_at="2020-01-01T00:00Z")
    with pytest.raises(Conflict) as no:
        decides(dia, request_)
    assert no.value.code == "expired"
    assert unchanged(request_)


def test_a_requester_who_lost_their_role_gets_no_move(request_, decides, dia, cora):
    Membership.objects.filter(user=cora).delete()
    with pytest.raises(Conflict) as no:
        decides(dia, request_)
    assert no.value.code == "requester_gone"
    assert unchanged(request_)


def test_a_move_that_fails_takes_the_decision_with_it(request_, decides, dia, monkeypatch):
    def broken(**_):
        raise Conflict("The target is locked.")

    monkeypatch.setitem(GATED_ACTS, gated.ACT, GatedAct(gated.ACT, gated.propose, broken, gated.revert))
    with pytest.raises(Conflict, match="locked"):
        decides(dia, request_)
    assert unchanged(request_)
    assert request_.state == "open"


def delegated(workspace, from_user, to_user, **more):
    times = {"starts_at": "2020-01-01T00:00Z", "ends_at": "2999-01-01T00:00Z"}
    return Delegation.objects.create(
        workspace=workspace, from_user=from_user, to_user=to_user, role="approver", **{**times, **more}
    )


def test_a_delegate_decides_for_the_absent_one_and_counts_as_one(request_, decides, workspace, dia, bob):
    delegated(workspace, dia, bob)
    decision = decides(bob, request_, on_behalf_of=dia)
    assert (decision.person, decision.on_behalf_of, decision.role) == (bob, dia, "approver")
    assert gated.points_to() == "v1"


@pytest.mark.parametrize(
    "times",
    [
        {"ends_at": "2020-02-01T00:00Z"},
        {"starts_at": "2998-01-01T00:00Z"},
        {"revoked_at": "2020-02-01T00:00Z"},
    ],
)
def test_a_delegation_holds_for_its_time_only(request_, decides, workspace, dia, bob, times):
    delegated(workspace, dia, bob, **times)
    with pytest.raises(PermissionDenied):
        decides(bob, request_, on_behalf_of=dia)
    assert unchanged(request_)


def test_neither_of_the_two_may_be_excluded(request_, decides, workspace, dia, cora, bob):
    delegated(workspace, dia, cora)
    delegated(workspace, cora, bob)
    Membership.objects.create(user=cora, workspace=workspace, role="approver")
    for person, principal in ((cora, dia), (bob, cora)):
        with pytest.raises(PermissionDenied) as no:
            decides(person, request_, on_behalf_of=principal)
        assert no.value.code == "excluded"
    assert unchanged(request_)


def test_one_person_cannot_count_twice_through_a_delegate(
    gated_act, workspace, asked, decides, dia, dora, bob
):
    policy_put(workspace)
    gated.subject_put(workspace.pk, tier="high")
    request = asked()
    delegated(workspace, dia, bob)
    delegated(workspace, dora, dia)
    decides(bob, request, on_behalf_of=dia)
    for person, principal in ((dia, None), (dia, dora), (bob, dia)):
        with pytest.raises(Conflict):
            decides(person, request, on_behalf_of=principal)
    request.refresh_from_db()
    assert (request.state, gated.points_to()) == ("open", None)
