"""From the page of a version to a decision: what the gate says, who is asked, who may decide and how they prove it."""

from typing import Any

import pytest
from django.test import Client

from compliance.models import ApprovalRequest, Decision
from experiments.models import Experiment, LatestMetric
from portal.accounts.models import Membership, User
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
VERSION = "/models/credit/scorer/versions/2"


@pytest.fixture
def version(experiment: Experiment, cora: User, ann: User, dia: User) -> ModelVersion:
    """Version 2 of `scorer` by cora, with what the policy on `champion` asks for."""
    governed.policy_in_force(experiment.workspace, POLICY, proposer=ann, decider=dia)
    model = governed.model_row(experiment.workspace, owner=cora)
    governed.assignment_row(governed.version_row(model, digest="1" * 64), days_ago=30)
    run = governed.run_row(experiment, cora)
    LatestMetric.objects.create(
        run=run, experiment_id=experiment.pk, key="auc", value=0.9, step=0, timestamp=1, loose=0
    )
    made = governed.version_row(model, run=run, created_by=cora)
    governed.evidence_row(made, "model_version", body={"signature": {"inputs": ["x"], "outputs": ["y"]}})
    return made


@pytest.fixture
def as_(client: Client) -> Any:
    """`as_(user).get(path)` and `.post(path, data)`."""

    def use(user: User) -> Client:
        client.force_login(user, backend=BACKEND)
        return client

    return use


@pytest.fixture
def asked(version: ModelVersion, cora: User, as_: Any) -> ApprovalRequest:
    as_(cora).post(f"{VERSION}/aliases", {"alias": "champion", "reason": "Better on every slice."})
    return ApprovalRequest.objects.get()


def said(asked: ApprovalRequest, **changes: str) -> dict[str, str]:
    return {"verdict": "approve", "secret": PASSWORD, "seen_digest": asked.evidence_digest} | changes


def champion() -> int:
    return Assignment.objects.get(name="champion", valid_to=None).version.version


def test_the_gate_says_beforehand_what_it_will_say(version: ModelVersion, cora: User, as_: Any) -> None:
    panel = as_(cora).get(VERSION).context["gate"]
    assert [(row.outcome, row.rule) for row in panel.rows] == [("pass", "auc"), ("pass", "schema")]
    assert {fact.path: fact.value for fact in panel.rows[0].facts} == {"metrics.auc": "0.9"}
    assert (panel.is_free, panel.needed) == (False, [{"role": "approver", "quorum": 1}])
    free = as_(cora).get(VERSION, {"alias": "challenger"}).context["gate"]
    assert free.is_free
    assert as_(cora).get(VERSION, {"alias": "not an alias!"}).context["gate"].alias == "champion"


def test_a_free_alias_moves_at_once_and_can_be_removed(version: ModelVersion, cora: User, as_: Any) -> None:
    as_(cora).post(f"{VERSION}/aliases", {"alias": "challenger"})
    assert Assignment.objects.get(name="challenger", valid_to=None).version == version
    as_(cora).post("/models/credit/scorer/aliases/remove", {"alias": "challenger"})
    assert not Assignment.objects.filter(name="challenger", valid_to=None).exists()


def test_a_protected_alias_asks_and_leads_to_the_request(version: ModelVersion, cora: User, as_: Any) -> None:
    answer = as_(cora).post(f"{VERSION}/aliases", {"alias": "champion", "reason": "Better."})
    made = ApprovalRequest.objects.get()
    assert answer.url == f"/approvals/{made.pk.hex}" or answer.url == f"/approvals/{made.pk}"
    assert (made.state, made.reason, champion()) == ("open", "Better.", 1)
    page = as_(cora).get(VERSION).text
    assert "See the request" in page
    assert "alias protected" in as_(cora).get("/models/credit/scorer").text


def test_an_approver_decides_and_the_alias_moves(asked: ApprovalRequest, dia: User, as_: Any) -> None:
    assert as_(dia).get(f"/approvals/{asked.pk}").context["seat"].may_decide
    answer = as_(dia).post(f"/approvals/{asked.pk}/decisions", said(asked), follow=True)
    assert "points to scorer v2 now" in answer.text
    assert champion() == 2
    assert Decision.objects.get().person == dia


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [({"secret": "wrong"}, "did not prove"), ({"secret": ""}, "give your password"),
     ({"verdict": "reject", "reason": ""}, "Say why"), ({"seen_digest": "0" * 64}, "other evidence")],
)  # fmt: skip
def test_a_refused_decision_keeps_what_was_typed(
    asked: ApprovalRequest, dia: User, as_: Any, changes: dict[str, str], sentence: str
) -> None:
    typed = {"reason": "I looked at the slices."} | changes
    answer = as_(dia).post(f"/approvals/{asked.pk}/decisions", said(asked, **typed))
    assert 400 <= answer.status_code < 500
    assert sentence in answer.text
    assert typed["reason"] in answer.text
    assert PASSWORD not in answer.text
    assert (champion(), Decision.objects.count()) == (1, 0)


def test_whose_work_it_is_sees_why_others_decide(
    asked: ApprovalRequest, cora: User, bob: User, as_: Any
) -> None:
    Membership.objects.create(user=cora, workspace=asked.workspace, role="approver")
    seat = as_(cora).get(f"/approvals/{asked.pk}").context["seat"]
    assert (seat.may_decide, seat.why_not) == (False, "You asked for it, so other people decide.")
    assert "needs the role approver" in as_(bob).get(f"/approvals/{asked.pk}").text
    for user in (cora, bob):
        answer = as_(user).post(f"/approvals/{asked.pk}/decisions", said(asked))
        assert answer.status_code == 403
    assert Decision.objects.count() == 0


def test_who_has_decided_is_told_so(asked: ApprovalRequest, dia: User, as_: Any) -> None:
    ApprovalRequest.objects.update(approvals_needed=[{"role": "approver", "quorum": 2}])
    typed = said(asked, verdict="ask_changes", reason="Add the slices.")
    as_(dia).post(f"/approvals/{asked.pk}/decisions", typed)
    page = as_(dia).get(f"/approvals/{asked.pk}")
    assert "Changes were asked for" in page.text
    assert page.context["decisions"][0].reason == "Add the slices."


def test_a_requester_submits_again_and_withdraws(
    asked: ApprovalRequest, dia: User, cora: User, as_: Any
) -> None:
    path = f"/approvals/{asked.pk}"
    as_(dia).post(f"{path}/decisions", said(asked, verdict="ask_changes", reason="Add the slices."))
    as_(cora).post(f"{path}/submit")
    asked.refresh_from_db()
    assert (asked.state, asked.round) == ("open", 2)
    as_(cora).post(f"{path}/withdraw", {"reason": "Another version is better."})
    asked.refresh_from_db()
    assert (asked.state, asked.close_reason) == ("withdrawn", "Another version is better.")


def test_outsiders_find_nothing(asked: ApprovalRequest, cleo: User, as_: Any) -> None:
    for path in ("decisions", "submit", "withdraw"):
        assert as_(cleo).post(f"/approvals/{asked.pk}/{path}", said(asked)).status_code == 404
    assert as_(cleo).post(f"{VERSION}/aliases", {"alias": "champion"}).status_code == 404


def inbox_of(client: Client) -> list[tuple[str, str]]:
    return [(item.label, item.asked) for item in client.get("/inbox").context["items"]]


def test_the_inbox_holds_what_a_person_can_do_something_about(
    asked: ApprovalRequest, dia: User, cora: User, ann: User, bob: User, cleo: User, as_: Any
) -> None:
    assert inbox_of(as_(dia)) == [("champion of scorer to scorer v2", "Your decision")]
    assert "Your decision" in as_(dia).get("/").text
    for user in (cora, ann, bob, cleo):
        assert inbox_of(as_(user)) == []
    as_(dia).post(f"/approvals/{asked.pk}/decisions", said(asked, verdict="ask_changes", reason="Slices."))
    assert inbox_of(as_(dia)) == []
    assert inbox_of(as_(cora)) == [("champion of scorer to scorer v2", "Yours to mend and submit")]
    count = [
        entry.count for group in as_(cora).get("/tokens").context["navigation"] for entry in group.entries
    ]
    assert sum(count) == 1


def test_findings_and_waivers_wait_as_well(
    version: ModelVersion, dia: User, cora: User, bob: User, as_: Any
) -> None:
    governed.finding_row(version, owner=bob)
    waiver = governed.waiver_row(version, cora)
    assert inbox_of(as_(bob)) == [("A byte of model.skops differs", "See to it: high")]
    assert inbox_of(as_(dia)) == [(str(waiver), "Grant or refuse it")]
    assert inbox_of(as_(cora)) == []
