"""Many approvers at the same moment: exactly the quorum counts, one approval, one move. Races for one target."""

from collections import Counter
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from compliance.gates import GATED_ACTS
from compliance.models import Approval, ApprovalRequest, Decision
from compliance.services.decisions import approval_decide, purpose_of
from compliance.services.invalidation import evidence_changed
from compliance.services.requests import approval_request_open
from compliance.services.revocations import approval_revoke
from portal.accounts.actor import Actor
from portal.audit.models import AuditEvent
from portal.kernel import sql
from portal.kernel.errors import DomainError
from tests.compliance import gated
from tests.compliance.conftest import approver
from tests.compliance.proofs import proof_of
from tests.compliance.scenery import policy_put
from tests.experiments.threads import at_once

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
APPROVERS = 50


@pytest.fixture(autouse=True)
def act(monkeypatch, workspace):
    monkeypatch.setitem(GATED_ACTS, gated.ACT, gated.GATED)
    sql.execute(gated.DROP)
    for table in gated.TABLES.split(";"):
        sql.execute(table)
    policy_put(workspace)
    yield
    sql.execute(gated.DROP)


def opened(workspace, cora, subject="v1"):
    return approval_request_open(
        actor=Actor.of_user(cora),
        workspace=workspace,
        act=gated.ACT,
        subject_id=subject,
        params={"target": "champion"},
    )


def outcome(work):
    """`done`, or the code of the refusal."""
    try:
        work()
        return "done"
    except DomainError as no:
        return no.code


def decision(person, request, verdict="approve", reason=""):
    return approval_decide(
        actor=Actor.of_user(person), request=request, verdict=verdict, reason=reason,
        proof=proof_of(person, purpose_of(request)),
    )  # fmt: skip


def test_of_fifty_approvers_exactly_the_quorum_counts(workspace, cora):
    gated.subject_put(workspace.pk, tier="high")
    request = opened(workspace, cora)
    people = [approver(f"p{number}", workspace) for number in range(APPROVERS)]
    outcomes = Counter(at_once([partial(outcome, partial(decision, person, request)) for person in people]))
    assert outcomes == {"done": 2, "invalid_state": APPROVERS - 2}
    assert Decision.objects.count() == 2
    assert len(set(Decision.objects.values_list("person", flat=True))) == 2
    approval = Approval.objects.get()
    assert (approval.state, gated.points_to()) == ("effective", "v1")
    actions = Counter(AuditEvent.objects.filter(outcome="done").values_list("action", flat=True))
    assert (
        actions[gated.ACT],
        actions["compliance.decision.make"],
        actions["compliance.approval.grant"],
    ) == (1, 2, 1)
    refused = AuditEvent.objects.filter(action="compliance.decision.make", outcome="refused").count()
    assert refused == APPROVERS - 2


def test_one_person_twice_at_once_counts_once(workspace, cora, dia):
    gated.subject_put(workspace.pk, tier="high")
    request = opened(workspace, cora)
    outcomes = Counter(at_once([partial(outcome, partial(decision, dia, request)) for _ in range(8)]))
    assert outcomes == {"done": 1, "already_decided": 7}
    assert gated.points_to() is None


def test_two_requests_race_for_one_target(workspace, cora, dia, ann):
    dora = approver("dora", workspace)
    for number in range(6):
        subjects = [f"a{number}", f"b{number}"]
        for subject in subjects:
            gated.subject_put(workspace.pk, subject=subject)
        first, second = (opened(workspace, cora, subject) for subject in subjects)
        calls = [partial(decision, dia, first), partial(decision, dora, second)]
        assert at_once([partial(outcome, call) for call in calls]) == ["done", "done"]
        standing = Approval.objects.filter(target_key="gated:champion", state="effective")
        assert [approval.subject_id for approval in standing] == [gated.points_to()]
    assert Approval.objects.filter(state="superseded").count() == 11


def test_approving_and_rejecting_at_once_leaves_one_outcome(workspace, cora, dia):
    dora = approver("dora", workspace)
    for number in range(6):
        gated.subject_put(workspace.pk, subject=f"s{number}")
        request = opened(workspace, cora, f"s{number}")
        calls = [partial(decision, dia, request), partial(decision, dora, request, "reject", "No.")]
        assert sorted(at_once([partial(outcome, call) for call in calls])) == ["done", "invalid_state"]
        request.refresh_from_db()
        is_approved = Approval.objects.filter(request=request).exists()
        assert request.state == ("approved" if is_approved else "rejected")


def test_opening_the_same_request_at_once_makes_one(workspace, cora):
    gated.subject_put(workspace.pk)
    made = at_once([partial(opened, workspace, cora) for _ in range(12)])
    assert len({request.pk for request in made}) == 1
    assert ApprovalRequest.objects.count() == 1


def test_evidence_that_changes_while_people_decide_never_leaves_a_stale_approval(workspace, cora, dia):
    for number in range(8):
        subject = f"e{number}"
        gated.subject_put(workspace.pk, subject=subject)
        request = opened(workspace, cora, subject)

        def change(subject=subject):
            with transaction.atomic():
                gated.subject_put(workspace.pk, subject=subject, facts={**gated.CLEAN, "card": {"number": 2}})
                evidence_changed(
                    actor=Actor.system("t", actions=[]),
                    subject_type="gated",
                    subject_id=subject,
                    reason="card",
                )

        decided, _ = at_once([partial(outcome, partial(decision, dia, request)), change])
        request.refresh_from_db()
        assert (decided, request.state) in {
            ("done", "approved"), ("evidence_changed", "invalidated"), ("invalid_state", "invalidated"),
        }  # fmt: skip


def test_revoking_twice_at_once_moves_back_once(workspace, cora, dia, ann):
    gated.subject_put(workspace.pk)
    decision(dia, opened(workspace, cora))
    approval = Approval.objects.get()
    revoke = partial(approval_revoke, approval=approval, reason="A defect.")
    calls: list[Any] = [
        partial(outcome, partial(revoke, actor=Actor.of_user(person))) for person in (ann, dia) * 4
    ]
    assert sorted(at_once(calls)) == ["done"] + ["invalid_state"] * 7
    assert gated.points_to() is None
