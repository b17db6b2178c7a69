"""Endpoints over the API: the same gate, and addresses that say nothing to who may not see them."""

import pytest

from compliance.models import ApprovalRequest
from deployments.models import Revision
from tests.api.conftest import api, own_throttle
from tests.compliance.scenery import policy_put
from tests.deployments.test_deploy import POLICY, decided, serve

__all__ = ["api", "own_throttle"]
ONE = "endpoints/scores"


@pytest.fixture
def scores(api, versions, cora):
    wish = {
        "workspace": "credit",
        "name": "scores",
        "environment": "prod",
        "settings": {"resources": {"replicas": 2}},
    }
    made = api(cora).post("endpoints", wish)
    assert made.status_code == 201, made.json()
    assert made.json()["settings"]["resources"] == {
        "replicas": 2,
        "cpus": 1,
        "memory_mb": 2048,
        "batch_rows": 1,
    }
    return made.json()


def steered(client, viewer):
    """The roll-out that waits is paused, resumed and promoted."""
    current = f"{ONE}/rollouts/current"
    assert viewer.post(f"{current}/pauses", {}).status_code == 403
    assert client.post(f"{current}/pauses", {}).json()["state"] == "paused"
    assert client.post(f"{current}/pauses", {}).status_code == 409
    assert client.post(f"{current}/resumes", {}).json()["state"] == "waiting"
    assert client.post(f"{current}/promotions", {"reason": "fine"}).json()["state"] == "completed"
    assert client.post(f"{current}/aborts", {"reason": "late"}).json()["code"] == "no_rollout"


def test_life_of_an_endpoint(api, scores, cora, ann, bob, cleo):
    client = api(cora)
    made = client.post(f"{ONE}/revisions", {"model": "fraud", "version": 1, "reason": "first"})
    assert (made.status_code, made.json()["number"], made.json()["observed_state"]) == (201, 1, "pending")
    first = Revision.objects.get()
    serve(first.endpoint, first)
    second = client.post(
        f"{ONE}/revisions", {"model": "fraud", "version": 2, "rollout": {"strategy": "canary"}}
    )
    assert second.status_code == 201
    serve(first.endpoint, Revision.objects.get(number=2))
    found = api(bob).get(ONE).json()
    assert [(each["version"], each["percent"]) for each in found["traffic"]] == [(2, 100)]
    assert [each["state"] for each in api(bob).get(f"{ONE}/rollouts").json()["items"]] == [
        "waiting",
        "aborted",
    ]
    steered(client, api(bob))
    assert api(bob).post(f"{ONE}/rollbacks", {"reason": "slow"}).status_code == 403
    back = client.post(f"{ONE}/rollbacks", {"reason": "slow"})
    assert (back.status_code, back.json()["number"]) == (201, 1)
    moves = api(bob).get(f"{ONE}/traffic").json()["items"]
    assert [(each["revision"], each["until"] is None, each["reason"]) for each in moves] == [
        (1, True, "slow"), (2, False, ""), (1, False, ""),
    ]  # fmt: skip
    assert client.post(f"{ONE}/stops", {"reason": "wrong"}).json()["is_stopped"] is True
    assert client.post(f"{ONE}/starts", {}).status_code == 403
    assert api(ann).post(f"{ONE}/starts", {}).json()["is_stopped"] is False
    assert api(ann).post(f"{ONE}/drills", {}).status_code == 201
    assert [each["number"] for each in api(bob).get(f"{ONE}/revisions").json()["items"]] == [2, 1]
    assert (
        client.patch(ONE, {"settings": {"limits": {"concurrency": 8}}}).json()["settings"]["limits"][
            "concurrency"
        ]
        == 8
    )
    assert client.delete(ONE).status_code == 403
    assert api(ann).delete(ONE).status_code == 204
    assert client.get(ONE).status_code == 404


def test_the_gate_answers_before_and_instead(api, scores, workspace, cora, dia):
    policy_put(workspace, POLICY)
    client = api(cora)
    asked = client.get(f"{ONE}/gate", {"model": "fraud", "version": 1}).json()
    assert (asked["allows"], asked["passed"], asked["needed"][0]["role"]) == (False, True, "approver")
    refused = client.post(f"{ONE}/revisions", {"model": "fraud", "version": 1})
    assert (refused.status_code, refused.json()["code"]) == (403, "approval_required")
    request = ApprovalRequest.objects.get()
    assert refused.json()["url"].endswith(f"/approvals/{request.pk.hex}")
    assert not Revision.objects.exists()
    decided(dia, request)
    assert api(dia).get(f"{ONE}/revisions").json()["items"][0]["approval"] == str(request.approval.pk)


@pytest.mark.parametrize("path", ["", "/revisions", "/revisions/1", "/traffic", "/rollouts", "/drills"])
def test_not_visible_is_not_there(api, scores, cleo, path):
    assert api(cleo).get(f"{ONE}{path}").status_code == 404
    assert api(cleo).get("endpoints").json()["items"] == []


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("endpoints", {"workspace": "credit", "name": "No Name", "environment": "dev"}, "invalid_name"),
        ("endpoints", {"workspace": "credit", "name": "x", "environment": "dev", "target": "moon"}, "unknown_target"),
        ("endpoints", {"workspace": "credit", "name": "x", "environment": "dev", "settings": []}, "invalid_settings"),
        ("endpoints", {"workspace": "credit", "name": "scores", "environment": "dev"}, "name_taken"),
        (f"{ONE}/revisions", {"model": "fraud", "version": 9}, "resource_does_not_exist"),
        (f"{ONE}/revisions", {"model": "fraud", "version": 1, "rollout": {"steps": []}}, "invalid_rollout"),
        (f"{ONE}/rollbacks", {"reason": "x"}, "nothing_before"),
        (f"{ONE}/drills", {}, "invalid_state"),
    ],
)  # fmt: skip
def test_bad_input(api, scores, ann, path, body, code):
    refused = api(ann).post(path, body)
    assert refused.json().get("code") == code, refused.json()
    assert 400 <= refused.status_code < 500
