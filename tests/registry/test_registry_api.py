"""Registered models under /api/v1: the same operations, with If-Match, Idempotency-Key and problems."""

import pytest

from compliance.models import ApprovalRequest
from jobs.models import JobRun
from registry.models import Assignment, RegisteredModel
from tests.api.conftest import api, own_throttle
from tests.compliance.scenery import policy_put
from tests.registry.registering import POLICY, approved, digested, files_put

pytestmark = pytest.mark.slow  # each builds versions with files and requests about them
__all__ = ["api", "own_throttle"]
MODEL = "registered-models/fraud"


def test_life_of_a_model(api, workspace, cora, ann, bob):
    client = api(cora)
    wish = {"workspace": "credit", "name": "fraud", "tags": {"team": "risk"}}
    made = client.post("registered-models", wish, Idempotency_Key="once")
    assert (made.status_code, made.json()["tags"]) == (201, {"team": "risk"})
    assert client.post("registered-models", wish, Idempotency_Key="once").json() == made.json()
    assert RegisteredModel.objects.count() == 1
    assert client.post("registered-models", wish).json()["code"] == "resource_already_exists"
    assert api(bob).post("registered-models", wish | {"name": "x"}).status_code == 403
    assert [each["name"] for each in api(bob).get("registered-models").json()["items"]] == ["fraud"]
    etag = client.get(MODEL).headers["ETag"]
    assert client.patch(MODEL, {"description": "new"}, If_Match=etag).status_code == 200
    assert client.patch(MODEL, {"description": "late"}, If_Match=etag).json()["code"] == "stale"
    assert client.delete(MODEL).status_code == 403
    assert api(ann).delete(MODEL).status_code == 204
    assert client.get(MODEL).status_code == 404


def test_versions_and_verification(api, fraud, run, ann, bob):
    made = api(ann).post(f"{MODEL}/versions", {"source": files_put(run, "three"), "description": "third"})
    assert (made.status_code, made.json()["version"], made.json()["status"]) == (
        201,
        3,
        "PENDING_REGISTRATION",
    )
    digested(RegisteredModel.objects.get().versions.get(version=3))
    shown = api(bob).get(f"{MODEL}/versions/3")
    assert (shown.json()["status"], len(shown.json()["manifest"])) == ("READY", 2)
    assert shown.json()["run_id"] == run.pk.hex
    assert [each["version"] for each in api(bob).get(f"{MODEL}/versions").json()["items"]] == [3, 2, 1]
    asked = api(ann).post(f"{MODEL}/versions/3/verifications")
    assert (asked.status_code, JobRun.objects.get(pk=asked.json()["job"]).kind) == (
        201,
        "registry.verify_version",
    )
    assert api(bob).post(f"{MODEL}/versions/3/verifications").status_code == 403
    assert api(ann).post(f"{MODEL}/versions", {"source": "file:///etc"}).status_code == 400
    assert api(ann).delete(f"{MODEL}/versions/3").status_code == 204
    assert api(ann).get(f"{MODEL}/versions/3").status_code == 404


def test_aliases_through_the_gate(api, fraud, workspace, cora, ann, settings):
    client = api(cora)
    assert client.put(f"{MODEL}/aliases/shadow", {"version": 1}).json()["version"] == 1
    assert (
        client.put(f"{MODEL}/aliases/shadow", {"version": 2, "reason": "better"}).json()["reason"] == "better"
    )
    history = client.get(f"{MODEL}/aliases/shadow/history").json()["items"]
    assert [(each["version"], each["valid_to"] is None) for each in history] == [(2, True), (1, False)]
    policy_put(workspace, POLICY)
    refused = client.put(f"{MODEL}/aliases/champion", {"version": 1})
    request = ApprovalRequest.objects.get()
    assert (refused.status_code, refused.json()["code"]) == (403, "approval_required")
    assert refused.json()["url"] == f"{settings.PORTAL_URL}/approvals/{request.pk.hex}"
    approval = approved(request)
    moved = client.put(f"{MODEL}/aliases/champion", {"version": 1}).json()
    assert (moved["version"], moved["approval"], moved["digest"]) == (1, str(approval.pk), fraud[0].digest)
    assert {each["alias"] for each in client.get(f"{MODEL}/aliases").json()["items"]} == {
        "shadow",
        "champion",
    }
    assert client.delete(f"{MODEL}/aliases/champion").json()["code"] == "protected"
    assert client.delete(f"{MODEL}/aliases/shadow").status_code == 204
    assert client.get(f"{MODEL}/aliases/shadow").status_code == 404
    assert Assignment.objects.filter(valid_to=None).count() == 1


def test_outsiders_and_names_of_several_workspaces(api, fraud, other, cleo, cora, aude):
    assert api(cleo).get(MODEL).status_code == 404
    api(cleo).post("registered-models", {"workspace": "other", "name": "fraud"})
    assert api(aude).get(MODEL).status_code == 400
    assert api(aude).get(MODEL, {"workspace": "other"}).json()["workspace"] == "other"
    assert api(cora).get(MODEL).json()["workspace"] == "credit"


@pytest.mark.parametrize("wish", [{}, {"version": 0}, {"version": "x"}, {"version": 1, "force": True}])
def test_bad_wishes(api, fraud, cora, wish):
    assert api(cora).put(f"{MODEL}/aliases/champion", wish).status_code == 400
