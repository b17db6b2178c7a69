"""Break-glass, confirmation, revocation, waivers, delegations and findings in the browser."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from compliance.models import Approval, ApprovalRequest, Delegation, Finding, Waiver
from experiments.models import Experiment, LatestMetric
from portal.accounts.models import Membership, User
from portal.kernel.clock import now
from registry.models import Assignment, ModelVersion
from tests.browser.scenery_names import POLICY
from tests.conftest import PASSWORD
from tests.web import governed

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_cache"),
]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def as_(client: Client) -> Any:
    def use(user: User) -> Client:
        client.force_login(user, backend=BACKEND)
        return client

    return use


@pytest.fixture
def version(experiment: Experiment, cora: User, ann: User, dia: User) -> ModelVersion:
    """Version 1 of `scorer`; nothing says yet what goes in and what comes out of it."""
    governed.policy_in_force(experiment.workspace, POLICY, proposer=ann, decider=dia)
    run = governed.run_row(experiment, cora)
    LatestMetric.objects.create(
        run=run, experiment_id=experiment.pk, key="auc", value=0.9, step=0, timestamp=1, loose=0
    )
    return governed.version_row(
        governed.model_row(experiment.workspace, owner=cora), run=run, created_by=cora
    )


@pytest.fixture
def asked(version: ModelVersion, cora: User, as_: Any) -> ApprovalRequest:
    governed.evidence_row(version, "model_version", body={"signature": {"inputs": ["x"], "outputs": ["y"]}})
    as_(cora).post("/models/credit/scorer/versions/1/aliases", {"alias": "champion"})
    return ApprovalRequest.objects.get()


def path_of(asked: ApprovalRequest) -> str:
    return f"/approvals/{asked.pk}"


def champion() -> list[int]:
    return [each.version.version for each in Assignment.objects.filter(name="champion", valid_to=None)]


def glass_broken(asked: ApprovalRequest, ann: User, as_: Any) -> ApprovalRequest:
    """ann maintains; what she does alone."""
    assert "Break the glass" in as_(ann).get(path_of(asked)).text
    as_(ann).post(
        f"{path_of(asked)}/break-glass", {"reason": "Scores are wrong in production.", "secret": PASSWORD}
    )
    return ApprovalRequest.objects.get(is_break_glass=True)


def test_breaking_the_glass_moves_at_once_and_a_second_person_confirms(
    asked: ApprovalRequest, ann: User, dia: User, cora: User, as_: Any
) -> None:
    assert "Break the glass" not in as_(cora).get(path_of(asked)).text
    done = glass_broken(asked, ann, as_)
    assert champion() == [1]
    assert "approval-confirm" not in as_(ann).get(path_of(done)).text
    as_(dia).post(f"{path_of(done)}/confirm", {"verdict": "approve", "secret": PASSWORD})
    assert Approval.objects.get().confirmed_by == dia


def test_what_nobody_confirms_can_be_taken_back(
    asked: ApprovalRequest, ann: User, dia: User, as_: Any
) -> None:
    done = glass_broken(asked, ann, as_)
    as_(dia).post(
        f"{path_of(done)}/confirm", {"verdict": "reject", "reason": "It could wait.", "secret": PASSWORD}
    )
    assert (Approval.objects.get().state, champion()) == ("revoked", [])


def test_revoking_moves_the_alias_back(asked: ApprovalRequest, dia: User, bob: User, as_: Any) -> None:
    decision = {"verdict": "approve", "secret": PASSWORD, "seen_digest": asked.evidence_digest}
    as_(dia).post(f"{path_of(asked)}/decisions", decision)
    assert champion() == [1]
    assert "Revoke the approval" not in as_(bob).get(path_of(asked)).text
    as_(bob).post(f"{path_of(asked)}/revoke", {"reason": "No."})
    assert champion() == [1]
    as_(dia).post(f"{path_of(asked)}/revoke", {"reason": "The data was wrong."})
    assert (Approval.objects.get().state, champion()) == ("revoked", [])


def test_a_rule_is_waived_on_the_page_of_a_draft(
    version: ModelVersion, cora: User, dia: User, as_: Any
) -> None:
    as_(cora).post("/models/credit/scorer/versions/1/aliases", {"alias": "champion"})
    draft = ApprovalRequest.objects.get()
    assert draft.state == "draft"
    assert "Ask for a waiver" in as_(cora).get(path_of(draft)).text
    wish = {"policy_name": "champion", "rule": "schema", "reason": "Being added.",
            "expires_at": f"{now() + timedelta(days=9):%Y-%m-%d}"}  # fmt: skip
    answer = as_(cora).post(f"{path_of(draft)}/waivers", wish, follow=True)
    waiver = Waiver.objects.get()
    assert "another approver decides" in answer.text
    as_(dia).post(f"/waivers/{waiver.pk}/decision", {"verdict": "grant", "secret": PASSWORD})
    waiver.refresh_from_db()
    assert (waiver.state, waiver.decided_by) == ("granted", dia)
    as_(cora).post(f"{path_of(draft)}/submit")
    draft.refresh_from_db()
    assert draft.state == "open"
    assert "waived" in as_(dia).get(path_of(draft)).text


def test_a_delegate_decides_for_who_is_away(asked: ApprovalRequest, dia: User, bob: User, as_: Any) -> None:
    wish = {"workspace": "credit", "to_user": "bob", "role": "approver", "reason": "Holidays.",
            "starts_at": f"{now() - timedelta(days=1):%Y-%m-%dT%H:%M}",
            "ends_at": f"{now() + timedelta(days=5):%Y-%m-%dT%H:%M}"}  # fmt: skip
    as_(dia).post("/delegations/new", wish)
    assert as_(bob).get(path_of(asked)).context["seat"].principals == ["dia"]
    decision = {
        "verdict": "approve",
        "secret": PASSWORD,
        "seen_digest": asked.evidence_digest,
        "on_behalf_of": "dia",
    }
    as_(bob).post(f"{path_of(asked)}/decisions", decision)
    assert champion() == [1]
    assert "dia" in as_(bob).get("/delegations").text
    as_(dia).post(f"/delegations/{Delegation.objects.get().pk}/end")
    assert Delegation.objects.get().revoked_at is not None


def test_nobody_delegates_to_a_stranger(asked: ApprovalRequest, dia: User, cleo: User, as_: Any) -> None:
    wish = {
        "workspace": "credit",
        "to_user": "cleo",
        "role": "approver",
        "starts_at": "2026-01-01",
        "ends_at": "2099-01-01",
    }
    assert as_(dia).post("/delegations/new", wish).status_code == 400
    assert not Delegation.objects.exists()


def test_a_finding_is_assigned_moved_and_closed(
    version: ModelVersion, ann: User, bob: User, as_: Any
) -> None:
    found = governed.finding_row(version)
    path = f"/findings/{found.pk}"
    as_(bob).post(f"{path}/owner", {"owner": "bob"})
    assert Finding.objects.get().owner is None
    as_(ann).post(f"{path}/owner", {"owner": "bob"})
    due = now() + timedelta(days=20)
    as_(ann).post(f"{path}/due", {"due_at": f"{due:%Y-%m-%d}", "reason": "A scan has to be repeated."})
    found.refresh_from_db()
    assert (found.owner, found.due_at.date()) == (bob, due.date())
    as_(bob).post(f"{path}/close", {"closure": "Scanned again in job 12."})
    found.refresh_from_db()
    assert (found.is_open, found.closed_by) == (False, bob)


def test_members_only(asked: ApprovalRequest, cleo: User, version: ModelVersion, as_: Any) -> None:
    Membership.objects.create(
        user=cleo, workspace=asked.workspace.__class__.objects.create(name="third"), role="approver"
    )
    for path in ("break-glass", "confirm", "revoke", "waivers"):
        data = {"verdict": "approve", "policy_name": "champion", "rule": "schema", "expires_at": "2099-01-01"}
        assert as_(cleo).post(f"{path_of(asked)}/{path}", data).status_code == 404
    assert (
        as_(cleo).post(f"/findings/{governed.finding_row(version).pk}/close", {"closure": "x"}).status_code
        == 404
    )
