"""Opening a request: draft while rules fail, open when only persons are missing, once per target and subject."""

import pytest
from django.db import transaction

from compliance.models import Approval, ApprovalRequest, Decision, GateEvaluation
from compliance.services.gate import rule
from compliance.services.invalidation import evidence_changed, requests_invalidate
from compliance.services.requests import approval_request_open
from portal.accounts.actor import Actor
from portal.audit.models import AuditEvent
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, PolicyViolation
from tests.compliance import gated
from tests.compliance.scenery import CHAMPION, policy_put

pytestmark = pytest.mark.django_db
DIRTY = {**gated.CLEAN, "evidence": {"artifact_scan": {"outcome": "fail", "digest": "e" * 64}}}


@pytest.fixture(autouse=True)
def a_subject(gated_act, workspace):
    gated.subject_put(workspace.pk)


def events(action):
    return list(AuditEvent.objects.filter(action=action).values_list("actor", "outcome"))


def test_it_is_open_when_only_persons_are_missing(asked, workspace, cora):
    policy_put(workspace)
    request = asked(reason="better AUC")
    assert (request.state, request.round, request.approvals_needed) == (
        "open", 1, [{"role": "approver", "quorum": 1}],
    )  # fmt: skip
    assert request.excluded == [cora.pk]
    assert request.evaluation.passed
    assert request.evaluation.facts["metrics"] == {"auc": 0.9}
    assert len(request.evidence_digest) == 64
    assert events("compliance.request.create") == [(f"user:{cora.pk}", "done")]


def test_it_is_a_draft_while_rules_fail(asked, workspace):
    policy_put(workspace)
    gated.subject_put(workspace.pk, facts=DIRTY)
    request = asked()
    assert request.state == "draft"
    assert [check["outcome"] for check in request.evaluation.checks] == ["pass", "fail"] or [
        check["outcome"] for check in request.evaluation.checks
    ] == ["fail", "pass"]


def test_files_that_nobody_has_read_cannot_be_asked_about(asked, workspace, cora):
    policy_put(workspace)
    gated.subject_put(workspace.pk, digest="")
    with pytest.raises(Conflict) as refused:
        asked()
    assert refused.value.code == "not_ready"
    assert not ApprovalRequest.objects.exists()
    assert events("compliance.request.create") == [(f"user:{cora.pk}", "refused")]


def test_a_missing_fact_is_an_error_that_names_it(asked, workspace):
    policy_put(workspace)
    gated.subject_put(workspace.pk, facts={**gated.CLEAN, "metrics": {}})
    check = asked().evaluation.checks[1]
    assert check["outcome"] == "error"
    assert "facts.metrics.auc is missing" in check["message"]


def test_asking_again_gives_the_pending_one(asked, workspace):
    policy_put(workspace)
    assert asked().pk == asked().pk
    assert ApprovalRequest.objects.count() == 1


def test_asking_again_opens_a_draft_whose_rules_hold_now(asked, workspace):
    policy_put(workspace)
    gated.subject_put(workspace.pk, facts=DIRTY)
    first = asked()
    gated.subject_put(workspace.pk)
    again = asked()
    assert (again.pk, again.state) == (first.pk, "open")


def test_asking_again_replaces_an_open_one_that_is_stale(asked, workspace):
    policy_put(workspace)
    first = asked()
    gated.subject_put(workspace.pk, digest="f" * 64)
    again = asked()
    first.refresh_from_db()
    assert (first.state, again.state, again.subject_digest) == ("invalidated", "open", "f" * 64)
    assert events("compliance.request.invalidate") == [("system:compliance.gate", "done")]


def test_the_authors_and_those_whom_a_policy_names_are_excluded(asked, workspace, ann, cora, dia):
    policy_put(workspace, CHAMPION + "exclude: [dia]\n")
    gated.subject_put(workspace.pk, authors=(ann.pk,))
    assert asked().excluded == sorted([ann.pk, cora.pk, dia.pk])


def test_the_quorum_is_that_of_the_risk_tier(asked, workspace):
    policy_put(workspace)
    gated.subject_put(workspace.pk, tier="high")
    assert asked().approvals_needed == [{"role": "approver", "quorum": 2}]


def test_nothing_is_asked_where_no_policy_applies(asked, workspace):
    policy_put(workspace)
    with pytest.raises(Conflict) as refused:
        asked(target="challenger")
    assert refused.value.code == "not_needed"
    assert ApprovalRequest.objects.count() == 0
    assert events("compliance.request.create")[0][1] == "refused"


def test_rules_that_no_person_can_approve_are_named(asked, workspace):
    source = CHAMPION.split("approvals:")[0]
    policy_put(workspace, source)
    gated.subject_put(workspace.pk, facts=DIRTY)
    with pytest.raises(PolicyViolation, match="champion/scan-clean"):
        asked()


def test_who_may_not_act_may_not_ask(asked, workspace, bob, dia, acting):
    policy_put(workspace)
    for person in (bob, dia):
        with pytest.raises(PermissionDenied):
            asked(actor=acting(person))
    assert ApprovalRequest.objects.count() == 0


def test_operators_superusers_and_auditors_cannot_ask(asked, workspace, olga, aude, acting):
    policy_put(workspace)
    olga.is_superuser = True
    olga.save()
    for person in (olga, aude):
        with pytest.raises(PermissionDenied):
            asked(actor=acting(person))


def test_an_outsider_learns_nothing(asked, workspace, cleo, acting):
    policy_put(workspace)
    with pytest.raises(NotFound):
        asked(actor=acting(cleo))


def test_a_subject_of_another_workspace_is_not_there(asked, workspace, other):
    policy_put(workspace)
    gated.subject_put(other.pk, subject="w1")
    with pytest.raises(NotFound):
        asked(subject="w1")


def test_an_unknown_act_is_refused(asked, workspace, cora, acting):
    with pytest.raises(InvalidInput) as refused:
        approval_request_open(
            actor=acting(cora), workspace=workspace, act="models.fly", subject_id="v1", params={}
        )
    assert refused.value.code == "unknown_act"


def test_the_gate_is_free_where_nothing_applies_and_stores_what_it_saw_where_something_does(
    workspace, cora, acting
):
    with transaction.atomic():
        assert rule(actor=acting(cora), proposal=gated.propose("v1", {"target": "champion"})).is_free
    assert GateEvaluation.objects.count() == 0
    policy_put(workspace)
    with transaction.atomic():
        ruling = rule(actor=acting(cora), proposal=gated.propose("v1", {"target": "champion"}))
    assert (ruling.allows, ruling.failing, ruling.needed) == (False, (), ({"role": "approver", "quorum": 1},))
    assert GateEvaluation.objects.count() == 1


def approved(request):
    return Approval.objects.create(
        workspace_id=request.workspace_id, request=request, act=request.act, target_key=request.target_key,
        subject_type=request.subject_type, subject_id=request.subject_id, subject_digest=request.subject_digest,
        evidence_digest=request.evidence_digest, effective_at=now(), expires_at="2999-01-01T00:00Z",
    )  # fmt: skip


def test_an_approval_allows_exactly_its_digests(asked, workspace, cora, acting):
    policy_put(workspace)
    approval = approved(asked())

    def ruled():
        with transaction.atomic():
            return rule(actor=acting(cora), proposal=gated.propose("v1", {"target": "champion"}))

    assert ruled().approval == approval
    gated.subject_put(workspace.pk, digest="f" * 64)
    assert not ruled().allows
    gated.subject_put(workspace.pk)
    policy_put(workspace, CHAMPION.replace("0.8", "0.85"))
    assert not ruled().allows


def test_new_evidence_ends_open_requests_and_unused_approvals(asked, workspace):
    policy_put(workspace)
    request = asked()
    approval = approved(request)
    actor = Actor.system("jobs.scan", actions=[])
    with transaction.atomic():
        evidence_changed(actor=actor, subject_type="gated", subject_id="v1", reason="The same again.")
    request.refresh_from_db()
    assert request.state == "open"
    gated.subject_put(workspace.pk, facts=DIRTY)
    with transaction.atomic():
        evidence_changed(actor=actor, subject_type="gated", subject_id="v1", reason="Scanned anew.")
    request.refresh_from_db()
    approval.refresh_from_db()
    assert (request.state, request.close_reason, approval.state) == ("invalidated", "Scanned anew.", "lapsed")


def card_changed(workspace):
    """Other evidence, with which the rules hold."""
    gated.subject_put(workspace.pk, facts={**gated.CLEAN, "card": {"number": 2, "sections": {}}})
    with transaction.atomic():
        evidence_changed(
            actor=Actor.system("x", actions=[]), subject_type="gated", subject_id="v1", reason="The card."
        )


def test_a_request_on_which_nobody_decided_goes_on_with_new_evidence(asked, workspace):
    policy_put(workspace)
    request = asked()
    was = (request.evidence_digest, request.evaluation_id)
    card_changed(workspace)
    again = ApprovalRequest.objects.get()
    assert (again.pk, again.state, again.expires_at) == (request.pk, "open", request.expires_at)
    assert again.evidence_digest != was[0]
    assert again.evaluation.facts["card"]["number"] == 2
    assert events("compliance.request.restate") == [("system:compliance.gate", "done")]


def test_a_request_that_somebody_decided_on_ends_with_new_evidence(asked, workspace, dia):
    policy_put(workspace)
    request = asked()
    Decision.objects.create(
        request=request, workspace=workspace, round=request.round, person=dia, role="approver", verdict="approve",
        reason="", subject_digest=request.subject_digest, evidence_digest=request.evidence_digest,
        reauthenticated_at=now(), decided_at=now(),
    )  # fmt: skip
    card_changed(workspace)
    request.refresh_from_db()
    assert (request.state, request.close_reason) == ("invalidated", "The card.")


def test_a_used_approval_stands_when_evidence_changes(asked, workspace):
    policy_put(workspace)
    approval = approved(asked())
    Approval.objects.update(used_at=now())
    gated.subject_put(workspace.pk, facts=DIRTY)
    with transaction.atomic():
        evidence_changed(
            actor=Actor.system("x", actions=[]), subject_type="gated", subject_id="v1", reason="Scanned anew."
        )
    approval.refresh_from_db()
    assert approval.state == "effective"


def test_a_subject_that_is_deleted_takes_its_requests_along(asked, workspace):
    policy_put(workspace)
    gated.subject_put(workspace.pk, facts=DIRTY)
    request = asked()
    gated.subject_delete()
    with transaction.atomic():
        requests_invalidate(
            actor=Actor.system("x", actions=[]),
            subject_type="gated",
            subject_id="v1",
            reason="The version was deleted.",
        )
    request.refresh_from_db()
    assert request.state == "invalidated"
    assert request.closed_at is not None
