"""Re-certification: planned by tier, asked for by triggers, renewed or revoked by an approver who may."""

import datetime as dt

import pytest

from compliance import following_up
from compliance.following_up import KIND
from compliance.models import Approval, Evidence, Finding, Notice, Recertification
from compliance.selectors.recertifications import needs, recertification_list
from compliance.services.recertifications import (
    recertification_ask,
    recertification_complete,
    recertify_purpose,
)
from jobs.models import JobRun
from jobs.periodic import PERIODIC
from jobs.queue import enqueue
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from tests.audit.events import recorded
from tests.compliance import gated
from tests.compliance.proofs import proof_of
from tests.compliance.scenery import CHAMPION, policy_put

DAY = dt.timedelta(days=1)
RENEWING = CHAMPION + "recertify_after: {high: 30d, default: 365d}\n"
DONE = "compliance.recertification.complete"


@pytest.fixture
def approval(gated_act, workspace, asked, decides, dia):
    """An approval in force, under a policy that asks for a renewal."""
    policy_put(workspace, RENEWING)
    gated.subject_put(workspace.pk)
    decides(dia, asked())
    return Approval.objects.get()


@pytest.fixture
def follow(deliver):
    """Runs the job if the sweeper would ask for it."""

    def run():
        if PERIODIC[KIND].wanted():
            enqueue(KIND, key="test", args={}, actor=Actor.system("test", actions=[]), workspace_id=None)
            deliver(KIND)

    return run


def complete(person, recertification, **given):
    """Complete as a person who has just proved that it is they."""
    proof = given.pop("proof", proof_of(person, recertify_purpose(recertification)))
    return recertification_complete(
        actor=Actor.of_user(person), recertification=recertification, proof=proof, **given
    )


def fails(approval, **given):
    fields = {
        "workspace_id": approval.workspace_id, "subject_type": approval.subject_type,
        "subject_id": approval.subject_id, "subject_label": "x", "kind": "artifact_scan", "outcome": "fail",
        "digest": "f" * 64, "source": "test", "actor": "system:test", "recorded_at": now(),
    }  # fmt: skip
    return Evidence.objects.create(**(fields | given))


def by_trigger():
    return dict(Recertification.objects.filter(completed_at=None).values_list("trigger", "due_at"))


def test_it_is_planned_by_tier(approval, follow, acting, ann, cleo):
    follow()
    planned = Recertification.objects.get()
    assert (planned.trigger, planned.due_at) == ("planned", approval.used_at + 365 * DAY)
    assert not PERIODIC[KIND].wanted()
    assert [each.pk for each in recertification_list(acting(ann), view="open")] == [planned.pk]
    assert not recertification_list(acting(cleo)).exists()
    assert not Notice.objects.filter(topic__startswith="recertification").exists()


def test_a_high_tier_comes_sooner(approval, follow):
    approval.request.risk_tier = "high"
    approval.request.save()
    follow()
    assert by_trigger() == {"planned": approval.used_at + 30 * DAY}


def test_without_the_word_of_a_policy_nothing_is_planned(gated_act, workspace, asked, decides, dia):
    policy_put(workspace)
    gated.subject_put(workspace.pk)
    decides(dia, asked())
    assert needs() == []


def test_failing_evidence_asks_once(approval, follow, dia):
    follow()
    fails(approval)
    follow()
    asked = Recertification.objects.get(trigger="evidence")
    assert asked.due_at - now() < 8 * DAY
    assert Notice.objects.get(topic="recertification.requested").to_users == [dia.pk]
    assert not PERIODIC[KIND].wanted()
    complete(dia, asked, outcome="renewed", statement="seen")
    assert not PERIODIC[KIND].wanted()
    fails(approval, recorded_at=now() + DAY)
    assert [need.trigger for need in needs()] == ["evidence"]


def test_evidence_from_before_asks_nothing(approval):
    fails(approval, recorded_at=approval.used_at - DAY)
    fails(approval, subject_id="another")
    fails(approval, outcome="pass")
    assert [need.trigger for need in needs()] == ["planned"]


def test_a_grave_finding_asks_and_a_small_one_does_not(approval, follow, workspace):
    def find(severity):
        Finding.objects.create(
            workspace=workspace, key=severity, subject_type=approval.subject_type, subject_id=approval.subject_id,
            subject_label="x", title="x", severity=severity, source="x", due_at=now() + DAY, opened_by="x",
        )  # fmt: skip

    find("medium")
    follow()
    assert set(by_trigger()) == {"planned"}
    find("critical")
    follow()
    assert set(by_trigger()) == {"planned", "finding"}


def test_a_new_version_of_the_policy_asks(approval, follow, workspace):
    policy_put(workspace, RENEWING.replace("0.8", "0.85"))
    follow()
    assert set(by_trigger()) == {"planned", "policy"}
    policy_put(workspace, RENEWING.replace("champion", "unrelated"))
    assert needs() == []


def test_renewed_it_is_planned_anew_from_then(approval, follow, dia):
    follow()
    planned = Recertification.objects.get()
    done = complete(dia, planned, outcome="renewed", statement="Drift is small.")
    assert (done.outcome, done.completed_by) == ("renewed", dia)
    follow()
    assert done.completed_at is not None
    assert by_trigger() == {"planned": done.completed_at + 365 * DAY}


def test_revoked_the_target_moves_back_in_the_same_commit(approval, follow, dia):
    follow()
    assert gated.points_to() == "v1"
    complete(
        dia, Recertification.objects.get(), outcome="revoked",
        statement="It drifted.",
    )  # fmt: skip
    approval.refresh_from_db()
    assert (approval.state, approval.end_reason, gated.points_to()) == ("revoked", "It drifted.", None)
    assert recorded()[-3:] == [
        (gated.ACT, "done"), ("compliance.approval.revoke", "done"), (DONE, "done"),
    ]  # fmt: skip


def test_it_takes_a_proof_for_this_very_one(approval, follow, dia):
    follow()
    planned = Recertification.objects.get()
    for proof in (None, proof_of(dia, "recertify:another")):
        with pytest.raises(PermissionDenied) as no:
            complete(dia, planned, outcome="revoked", statement="x", proof=proof)
        assert no.value.code == "reauthentication_required"
    assert gated.points_to() == "v1"


@pytest.mark.parametrize("who", ["ann", "cora", "bob", "olga", "aude"])
def test_only_approvers_complete(request, approval, follow, who):
    follow()
    with pytest.raises(PermissionDenied):
        complete(
            request.getfixturevalue(who), Recertification.objects.get(),
            outcome="renewed", statement="x",
        )  # fmt: skip
    assert recorded()[-1] == (DONE, "denied")


def test_an_outsider_learns_nothing(approval, follow, cleo):
    follow()
    with pytest.raises(NotFound):
        complete(
            cleo,
            Recertification.objects.get(),
            outcome="renewed",
            statement="x",
        )


def test_who_asked_or_made_it_may_not(approval, follow, dia, dora):
    follow()
    approval.request.excluded = [dora.pk]
    approval.request.save()
    with pytest.raises(PermissionDenied) as no:
        complete(
            dora,
            Recertification.objects.get(),
            outcome="renewed",
            statement="x",
        )
    assert no.value.code == "excluded"


def test_bad_completions(approval, follow, dia):
    follow()
    planned = Recertification.objects.get()
    for outcome, statement in (("perhaps", "x"), ("renewed", " "), ("renewed", "x" * 2001)):
        with pytest.raises(InvalidInput):
            complete(dia, planned, outcome=outcome, statement=statement)
    complete(dia, planned, outcome="renewed", statement="x")
    with pytest.raises(Conflict):
        complete(dia, planned, outcome="revoked", statement="x")
    assert gated.points_to() == "v1"


def test_it_ends_with_its_approval(approval, follow):
    follow()
    Approval.objects.update(state="superseded", ended_at=now())
    follow()
    ended = Recertification.objects.get()
    assert (ended.outcome, ended.statement) == ("", "The approval ended: superseded.")
    assert ended.completed_at is not None


def test_people_are_reminded_once_and_then_weekly(approval, follow, dia, workspace, ann):
    follow()
    Recertification.objects.update(due_at=now() + 10 * DAY)
    follow()
    follow()
    [near] = Notice.objects.filter(topic="recertification.due")
    assert near.to_users == [dia.pk]
    Recertification.objects.update(due_at=now() - 8 * DAY)
    Finding.objects.create(
        workspace=workspace, key="k", subject_type="x", subject_id="x", subject_label="x", title="Late",
        severity="low", source="x", due_at=now() - DAY, opened_by="x",
    )  # fmt: skip
    follow()
    follow()
    assert Notice.objects.filter(topic="recertification.overdue").count() == 1
    assert Notice.objects.get(topic="finding.overdue").to_users == [ann.pk]
    Finding.objects.update(due_at=now() - 8 * DAY)
    assert PERIODIC[KIND].wanted()


def test_a_job_that_dies_halfway_is_finished_by_the_next(approval, follow, workspace, monkeypatch):
    policy_put(workspace, RENEWING.replace("0.8", "0.85"))
    fails(approval)
    asked: list[str] = []

    def dies_at_the_second(**given):
        asked.append(given["trigger"])
        if len(asked) == 2:
            raise RuntimeError("killed")
        return recertification_ask(**given)

    monkeypatch.setattr(following_up, "recertification_ask", dies_at_the_second)
    follow()
    assert Recertification.objects.count() == 1
    monkeypatch.setattr(following_up, "recertification_ask", recertification_ask)
    JobRun.objects.update(state="failed", finished_at=now())
    follow()
    assert sorted(by_trigger()) == ["evidence", "planned", "policy"]
