"""Asking for a scoring: the gate inside, what is refused, and who may."""

import pytest
from django.db import transaction

from compliance.gates import GATED_ACTS
from compliance.models import ApprovalRequest
from compliance.services.gate import lent
from deployments.models import BatchScoring, Revision
from deployments.scoring.asking import Asked
from deployments.scoring.beginning import score_or_request
from deployments.scoring.proposals import SCORE
from jobs.models import JobRun
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.errors import Conflict, InvalidInput, PolicyViolation
from tests.api.conftest import api, own_throttle
from tests.audit.events import recorded
from tests.compliance.scenery import policy_put
from tests.deployments.datasets import dataset_make
from tests.deployments.test_deploy import POLICY, decided, deploy, revoked, serve
from tests.registry.registering import approved

__all__ = ["api", "own_throttle"]
ROWS = b"id,age\n1,30\n2,40\n"


@pytest.fixture
def loans(workspace, cora, store):
    schema = [
        {"name": "id", "type": "int64", "nullable": False},
        {"name": "age", "type": "int64", "nullable": False},
    ]
    return dataset_make(cora, workspace, {"loans.csv": ROWS}, schema=schema, row_count=2)


def score(person, version, dataset, environment="prod", **asked):
    return score_or_request(
        actor=Actor.of_user(person),
        version=version,
        dataset=dataset,
        environment=environment,
        asked=Asked(**asked),
    )


def granted(person, request):
    """The approved scoring of a request, begun as the decision of a person."""
    approval, actor = approved(request), lent(Actor.of_user(person), SCORE)
    with transaction.atomic():
        proposal = GATED_ACTS[SCORE].propose(request.subject_id, request.params)
        GATED_ACTS[SCORE].apply(actor=actor, proposal=proposal, approval=approval, reason="fine")
    approval.refresh_from_db()
    return approval


def test_a_free_environment_scores_at_once(versions, loans, cora):
    made = score(cora, versions[0], loans, "dev", keep=("id", "id"))
    assert (made.digest, made.approval, made.requested_by) == (versions[0].digest, None, cora)
    assert made.asked == {
        "output": "loans-scored", "prediction": "prediction", "keep": ["id"], "rows_per_part": 50_000, "memory_mb": 2048
    }  # fmt: skip
    assert JobRun.objects.get(kind="deployments.score").args == {"scoring_id": made.pk.hex}
    assert recorded()[-1] == (SCORE, "done")


def test_a_protected_environment_scores_with_what_was_approved(versions, loans, workspace, cora, dia):
    policy_put(workspace, POLICY)
    with pytest.raises(PolicyViolation, match="/approvals/") as no:
        score(cora, versions[0], loans, keep=("id",))
    assert no.value.code == "approval_required"
    assert not BatchScoring.objects.exists()
    approval = granted(dia, ApprovalRequest.objects.get(state="open"))
    made = BatchScoring.objects.get()
    assert (made.approval, made.requested_by, made.asked["keep"]) == (approval, cora, ["id"])
    assert approval.used_at is not None
    assert score(cora, versions[0], loans).approval == approval  # the same again stands under it
    with pytest.raises(PolicyViolation):
        score(cora, versions[1], loans)  # other files
    approval.state, approval.ended_at = "revoked", approval.effective_at
    approval.save()
    with transaction.atomic():
        GATED_ACTS[SCORE].revert(actor=lent(Actor.of_user(dia), SCORE), approval=approval, reason="drift")
    assert {each.job.state for each in BatchScoring.objects.all()} == {"cancelled"}
    assert {each.ended_at is None for each in BatchScoring.objects.all()} == {False}
    with pytest.raises(PolicyViolation):
        score(cora, versions[0], loans)


def test_what_serves_with_an_approval_scores_in_its_environment_only(
    endpoint_of, versions, loans, workspace, cora, dia, api
):
    policy_put(workspace, POLICY.replace("[prod]", "[prod, staging]"))
    endpoint = endpoint_of("scores", "prod")
    with pytest.raises(PolicyViolation):
        deploy(cora, endpoint, versions[0])
    approval = decided(dia, ApprovalRequest.objects.get(state="open"))
    serve(endpoint, Revision.objects.get())
    made = api(cora).post("batch-scorings", {"workspace": "credit", "endpoint": "scores", "dataset": "loans"})
    assert made.status_code == 201, made.json()
    assert (made.json()["environment"], made.json()["version"]) == ("prod", 1)
    scoring = BatchScoring.objects.get()
    assert (scoring.approval, scoring.revision) == (approval, Revision.objects.get())
    with pytest.raises(PolicyViolation):
        score(cora, versions[0], loans, "staging")
    revoked(dia, approval)
    scoring.job.refresh_from_db()
    assert scoring.job.state == "cancelled"
    gone = api(cora).post("batch-scorings", {"workspace": "credit", "endpoint": "scores", "dataset": "loans"})
    assert (gone.status_code, gone.json()["code"]) == (409, "nothing_serves")


def test_what_cannot_be_scored_is_refused(versions, loans, cora, workspace):
    with pytest.raises(InvalidInput, match="has no column name"):
        score(cora, versions[0], loans, "dev", keep=("name",))
    with pytest.raises(InvalidInput, match="There is no environment"):
        score(cora, versions[0], loans, "moon")
    with pytest.raises(InvalidInput, match="is none of"):
        score(cora, versions[0], dataset_make(cora, workspace, {"a.json": b"[]"}, "json"), "dev")
    with pytest.raises(InvalidInput, match="memory_mb"):
        score(cora, versions[0], loans, "dev", memory_mb=1)
    elsewhere = Workspace.objects.create(name="elsewhere")
    loans.workspace = elsewhere
    with pytest.raises(InvalidInput, match="different workspaces"):
        score(cora, versions[0], loans, "dev")
    versions[0].status = "PENDING_REGISTRATION"
    versions[0].save()
    loans.refresh_from_db()
    with pytest.raises(Conflict, match="PENDING"):
        score(cora, versions[0], loans, "dev")


def test_who_may_score_and_see(api, versions, loans, cora, bob, cleo):
    wish = {"workspace": "credit", "model": "fraud", "version": 1, "dataset": "loans", "keep": ["id"]}
    assert api(bob).post("batch-scorings", wish).status_code == 403
    both = api(cora).post("batch-scorings", {**wish, "endpoint": "scores"})
    assert (both.status_code, both.json()["code"]) == (400, "invalid_input")
    made = api(cora).post("batch-scorings", wish).json()
    assert (made["state"], made["dataset_version"], made["digest"]) == ("queued", 1, versions[0].digest)
    one = f"batch-scorings/{made['id']}"
    assert api(bob).get(one).json()["asked"]["keep"] == ["id"]
    assert api(cleo).get(one).status_code == 404
    assert api(cleo).get("batch-scorings").json()["items"] == []
    assert api(cleo).post(f"{one}/retries", {}).status_code == 404
    cancelled = api(cora).post(f"jobs/{made['job']}/cancellations", {})
    assert cancelled.status_code in (200, 201), cancelled.json()
    assert api(cora).get(one).json()["ended_at"]
    again = api(cora).post(f"{one}/retries", {"reason": "again"})
    assert (again.status_code, again.json()["asked"]) == (201, made["asked"])
    assert len(api(bob).get("batch-scorings?dataset=loans&model=fraud").json()["items"]) == 2


def test_pages_of_a_scoring(client, versions, loans, cora, bob):
    client.force_login(cora)
    form = f"/models/credit/fraud/versions/{versions[0].version}/score"
    assert "loans v1" in client.get(form).content.decode()
    asked = {
        "dataset": "loans/1",
        "environment": "dev",
        "keep": "id, nobody",
        "prediction": "p",
        "memory_mb": 512,
    }
    assert "has no column nobody" in client.post(form, asked).content.decode()
    made = client.post(form, {**asked, "keep": "id"})
    scoring = BatchScoring.objects.get()
    assert (made.status_code, made["Location"]) == (302, f"/scorings/{scoring.pk}")
    assert "stands here when the job is done" in client.get(made["Location"]).content.decode()
    place = {"column": "age", "expected": "long", "found": "x", "row": 3, "file": "loans.csv"}
    scoring.problem = {"code": "wrong_type", "detail": "no", **place}
    scoring.save()
    client.post(f"/jobs/{scoring.job_id}/cancel", {})
    page = client.get(made["Location"]).content.decode()
    assert "3 of loans.csv" in page
    assert "Score it again" in page
    again = client.post(f"{made['Location']}/again", {})
    assert (
        again["Location"] == f"/scorings/{BatchScoring.objects.first().pk}"
        or BatchScoring.objects.count() == 2
    )
    assert "loans v1" in client.get("/scorings").content.decode()
    client.force_login(bob)
    assert client.post(f"{made['Location']}/again", {}).status_code == 302
    assert BatchScoring.objects.count() == 2
