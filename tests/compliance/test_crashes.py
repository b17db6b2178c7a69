"""A process that is killed between any two steps leaves all of a decision behind, or nothing of it.

For every n the decision is tried in a child that dies by SIGKILL right before its n-th statement (or commit), until one
comes through. After each death the rows are looked at: decision, approval, request, target, audit events and notices
are either all there or all missing.
"""

from dataclasses import dataclass

import pytest
from django.db import connection

from compliance.gates import GATED_ACTS
from compliance.models import Approval, ApprovalRequest, Decision, Notice
from compliance.services.break_glass import break_glass, break_purpose
from compliance.services.decisions import approval_decide, purpose_of
from compliance.services.requests import approval_request_open
from compliance.services.revocations import approval_revoke
from portal.accounts.actor import Actor
from portal.audit.models import AuditEvent
from portal.kernel import sql
from registry.models import Assignment
from tests.compliance import gated
from tests.compliance.crashing import dies_at
from tests.compliance.proofs import proof_of
from tests.compliance.scenery import CHAMPION, policy_put
from tests.registry.conftest import store, version_of

__all__ = ["store", "version_of"]
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
MOST_STEPS = 400
REGISTRY = """
name: registry
applies_to: {aliases: [champion]}
approvals: [{role: approver, quorum: 1}]
break_glass: {allowed: true, hours: 4}
"""


@dataclass(frozen=True)
class Left:
    """What the database holds after a death."""

    decisions: int
    approvals: list[str]
    requests: list[str]
    target: str | None
    events: list[str]
    notices: list[str]


@pytest.fixture
def act(monkeypatch, request, workspace, cora):
    """`(act, subject id, params, where the target points)`: that of the tests, or the real alias of a version."""
    if request.param == "gated":
        monkeypatch.setitem(GATED_ACTS, gated.ACT, gated.GATED)
        sql.execute(gated.DROP)
        for table in gated.TABLES.split(";"):
            sql.execute(table)
        policy_put(workspace, CHAMPION)
        gated.subject_put(workspace.pk)
        yield gated.ACT, "v1", {"target": "champion"}, gated.points_to
        sql.execute(gated.DROP)
        return
    version_of = request.getfixturevalue("version_of")
    version = version_of({"model.txt": b"weights"})
    policy_put(workspace, REGISTRY)
    yield "registry.alias.move", str(version.pk), {"alias": "champion"}, alias_points_to


def alias_points_to():
    held = Assignment.objects.filter(name="champion", valid_to=None).select_related("version").first()
    return f"v{held.version.version}" if held else None


def left(points_to):
    actions = AuditEvent.objects.filter(outcome="done").order_by("id").values_list("action", flat=True)
    return Left(
        Decision.objects.count(), list(Approval.objects.order_by("id").values_list("state", flat=True)),
        list(ApprovalRequest.objects.order_by("id").values_list("state", flat=True)), points_to(), list(actions),
        list(Notice.objects.order_by("id").values_list("topic", flat=True)),
    )  # fmt: skip


def killed_everywhere(work, points_to):
    """Kill at every step in turn; `(what was there before, what was there after, deaths)`, having checked the rest."""
    before = left(points_to)
    for deadly in range(1, MOST_STEPS):
        died = dies_at(deadly, work)
        settled()
        now = left(points_to)
        if now != before:
            return before, now, deadly - 1
        assert died, "it came through and left nothing"
    raise AssertionError("It never came through.")


def settled():
    """Wait until the server has noticed that the client died, and rolled back."""
    connection.close()
    others = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND backend_type = 'client backend'"
    )
    for _ in range(500):
        found = sql.row(f"{others} AND pg_sleep(0.01) IS NOT NULL")
        if found and found[0] == 0:
            return
    raise AssertionError("A connection of the dead is still there.")


def opened(act, workspace, cora):
    name, subject_id, params, _ = act
    return approval_request_open(
        actor=Actor.of_user(cora), workspace=workspace, act=name, subject_id=subject_id, params=params
    )


BOTH = pytest.mark.parametrize("act", ["gated", "registry"], indirect=True)


@BOTH
def test_a_decision_is_there_wholly_or_not_at_all(act, workspace, cora, dia):
    request = opened(act, workspace, cora)
    before, after, deaths = killed_everywhere(
        lambda: approval_decide(
            actor=Actor.of_user(dia),
            request=request,
            verdict="approve",
            proof=proof_of(dia, purpose_of(request)),
        ),
        act[3],
    )
    assert deaths > 25
    assert (before.decisions, before.approvals, before.target) == (0, [], None)
    assert (after.decisions, after.approvals, after.requests, after.target) == (
        1,
        ["effective"],
        ["approved"],
        "v1",
    )
    assert after.events[len(before.events) :] == [
        "compliance.approval.grant", act[0], "compliance.approval.use", "compliance.decision.make",
    ]  # fmt: skip
    assert after.notices[len(before.notices) :] == ["approval_request.approved"]


@BOTH
def test_a_revocation_too(act, workspace, cora, dia, ann):
    request = opened(act, workspace, cora)
    approval_decide(
        actor=Actor.of_user(dia), request=request, verdict="approve", proof=proof_of(dia, purpose_of(request))
    )
    approval = Approval.objects.get()
    before, after, deaths = killed_everywhere(
        lambda: approval_revoke(actor=Actor.of_user(ann), approval=approval, reason="A defect."), act[3]
    )
    assert deaths > 10
    assert (before.approvals, before.target) == (["effective"], "v1")
    assert (after.approvals, after.target) == (["revoked"], None)
    assert after.events[len(before.events) :] == [act[0], "compliance.approval.revoke"]


@BOTH
def test_break_glass_too(act, workspace, dia, aude):
    name, subject_id, params, points_to = act
    before, after, deaths = killed_everywhere(
        lambda: break_glass(
            actor=Actor.of_user(dia), workspace=workspace, act=name, subject_id=subject_id, params=params,
            reason="The champion answers with errors.", proof=proof_of(dia, break_purpose(subject_id)),
        ),
        points_to,
    )  # fmt: skip
    assert deaths > 25
    assert (before.requests, before.target) == ([], None)
    assert (after.decisions, after.approvals, after.requests, after.target) == (
        1,
        ["effective"],
        ["approved"],
        "v1",
    )
    assert after.notices == ["break_glass.used"]
