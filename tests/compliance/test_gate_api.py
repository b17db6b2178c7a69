"""Policies, requests and decisions over the API: from YAML to a moved target, with errors that machines read."""

from datetime import timedelta

import pytest
from django.test import Client

from compliance.models import Approval, ApprovalRequest, Decision
from portal.audit.models import AuditEvent
from portal.kernel.clock import now
from tests.compliance import gated
from tests.compliance.scenery import CHAMPION, policy_put
from tests.conftest import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gated_act", "fresh_cache")]
ACT = {"workspace": "credit", "act": gated.ACT, "subject_id": "v1", "params": {"target": "champion"}}


@pytest.fixture
def call(token_for):
    """`call(dia, "post", "waivers", {…})` speaks to the API with a token of that person."""

    def go(person, method, path, body=None, **headers):
        client = Client(headers={"Authorization": f"Bearer {token_for(person)}", **headers})
        more = {} if body is None else {"data": body, "content_type": "application/json"}
        return getattr(client, method)(f"/api/v1/{path}", **more)

    return go


@pytest.fixture
def opened(call, workspace, cora):
    policy_put(workspace)
    gated.subject_put(workspace.pk)
    answer = call(cora, "post", "approval-requests", {**ACT, "reason": "better"})
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_a_policy_from_yaml_to_force(call, workspace, ann, dia):
    made = call(ann, "post", "policies", {"workspace": "credit", "source": CHAMPION, "reason": "first"})
    assert (made.status_code, made.json()["state"], made.json()["proposed_by"]) == (201, "proposed", "ann")
    path, proved = f"policy-versions/{made.json()['id']}/publications", {"password": PASSWORD}
    assert call(ann, "post", path, proved).status_code == 403
    assert call(dia, "post", path, {}).json()["code"] == "reauthentication_required"
    published = call(dia, "post", path, proved)
    assert (published.status_code, published.json()["state"]) == (201, "published")
    listed = call(dia, "get", "policies").json()["items"]
    assert [(each["name"], each["current_number"]) for each in listed] == [("champion", 1)]
    ending = call(ann, "post", f"policies/{listed[0]['id']}/retirements", {"reason": "replaced"})
    assert ending.status_code == 201
    rejected = call(
        dia, "post", f"policy-versions/{ending.json()['id']}/rejections", {"reason": "It is needed."}
    )
    assert rejected.json()["state"] == "rejected"
    versions = call(dia, "get", f"policies/{listed[0]['id']}/versions").json()["items"]
    assert [each["number"] for each in versions] == [2, 1]


@pytest.mark.parametrize(
    ("source", "line", "key"),
    [
        ("name: x\nrules:\n  - {id: a, title: t, require: 'facts.x >'}\n", 3, "rules[0].require"),
        ("name: x\nnonsense: 1\n", 1, ""),
        ("name: x\napprovals:\n  - {role: king, quorum: 1}\n", 3, "approvals[0].role"),
        ("a: &a [1]\nb: *a\n", 1, ""),
    ],
)
def test_a_bad_policy_names_line_and_key(call, workspace, ann, source, line, key):
    answer = call(ann, "post", "policies", {"workspace": "credit", "source": source})
    body = answer.json()
    assert (answer.status_code, body["code"]) == (400, "bad_policy")
    assert (body["line"], body["key"]) == (line, key)


def test_the_form_of_a_policy_is_published(call, bob):
    schema = call(bob, "get", "policy-schema").json()["json_schema"]
    assert schema["properties"]["rules"]["items"]["required"] == ["id", "title", "require"]


def test_deciding_over_the_api_moves_the_target(call, opened, dia):
    waiting = call(dia, "get", "approval-requests?waiting=true").json()["items"]
    assert [each["id"] for each in waiting] == [opened["id"]]
    decision = {"verdict": "approve", "evidence_digest": opened["evidence_digest"], "password": PASSWORD}
    made = call(dia, "post", f"approval-requests/{opened['id']}/decisions", decision)
    assert (made.status_code, made.json()["role"], made.json()["person"]) == (201, "approver", "dia")
    assert gated.points_to() == "v1"
    approval = call(dia, "get", "approvals").json()["items"][0]
    assert (approval["state"], approval["request_id"]) == ("effective", opened["id"])
    revoked = call(dia, "post", f"approvals/{approval['id']}/revocations", {"reason": "A defect."})
    assert (revoked.status_code, revoked.json()["state"], gated.points_to()) == (201, "revoked", None)


@pytest.mark.parametrize(
    ("secret", "code"),
    [({}, "reauthentication_required"), ({"password": "wrong"}, "reauthentication_failed")],
)
def test_a_token_alone_decides_nothing(call, opened, dia, secret, code):
    decision = {"verdict": "approve", "evidence_digest": opened["evidence_digest"], **secret}
    answer = call(dia, "post", f"approval-requests/{opened['id']}/decisions", decision)
    assert (answer.status_code, answer.json()["code"]) == (403, code)
    assert not Decision.objects.exists()
    failed = AuditEvent.objects.filter(
        action="accounts.session.start", outcome="denied", object_id=str(dia.pk)
    )
    assert failed.count() == (1 if secret else 0)


def test_another_persons_password_decides_nothing(call, opened, dia, ann):
    ann.set_password("another-harbour-82")
    ann.save()
    decision = {
        "verdict": "approve",
        "evidence_digest": opened["evidence_digest"],
        "password": "another-harbour-82",
    }
    assert call(dia, "post", f"approval-requests/{opened['id']}/decisions", decision).status_code == 403
    assert not Decision.objects.exists()


def test_a_stale_digest_is_409_and_ends_the_request(call, opened, dia, workspace):
    gated.subject_put(workspace.pk, digest="f" * 64)
    decision = {"verdict": "approve", "evidence_digest": opened["evidence_digest"], "password": PASSWORD}
    answer = call(dia, "post", f"approval-requests/{opened['id']}/decisions", decision)
    assert (answer.status_code, answer.json()["code"]) == (409, "evidence_changed")
    assert ApprovalRequest.objects.get().state == "invalidated"


def test_if_match_and_idempotency_key(call, opened, cora):
    path = f"approval-requests/{opened['id']}"
    etag = call(cora, "get", path)["ETag"]
    assert call(cora, "post", f"{path}/withdrawals", {}, **{"If-Match": '"other"'}).status_code == 409
    first = call(cora, "post", f"{path}/withdrawals", {}, **{"If-Match": etag})
    assert (first.status_code, first.json()["state"]) == (201, "withdrawn")


def test_others_see_nothing(call, opened, cleo, dia):
    for path in (
        f"approval-requests/{opened['id']}", f"approval-requests/{opened['id']}/decisions",
        f"evaluations/{opened['evaluation_id']}",
    ):  # fmt: skip
        assert call(cleo, "get", path).status_code == 404
    for path in ("approval-requests", "approvals", "evaluations", "waivers", "delegations"):
        assert call(cleo, "get", path).json()["items"] == []
    decision = {"verdict": "approve", "evidence_digest": opened["evidence_digest"], "password": PASSWORD}
    assert call(cleo, "post", f"approval-requests/{opened['id']}/decisions", decision).status_code == 404


def test_an_evaluation_replays_to_the_same_answer(call, opened, bob):
    seen = call(bob, "get", f"evaluations/{opened['evaluation_id']}").json()
    assert seen["facts"]["metrics"] == {"auc": 0.9}
    replay = call(bob, "get", f"evaluations/{opened['evaluation_id']}/replay").json()
    assert (replay["is_equal"], replay["checks"]) == (True, seen["checks"])


def test_a_preview_stores_nothing(call, opened, bob, cleo, workspace):
    before = ApprovalRequest.objects.count()
    gated.subject_put(workspace.pk, facts={**gated.CLEAN, "metrics": {}})
    answer = call(bob, "post", "gate-previews", ACT)
    assert (answer.status_code, answer.json()["passed"]) == (200, False)
    assert ApprovalRequest.objects.count() == before
    assert call(cleo, "post", "gate-previews", ACT).status_code == 404


def test_break_glass_and_its_confirmation(call, workspace, dia, dora):
    policy_put(workspace)
    gated.subject_put(workspace.pk)
    dora.set_password(PASSWORD)
    dora.save()
    body = {**ACT, "reason": "The champion answers with errors.", "password": PASSWORD}
    made = call(dia, "post", "break-glass", body)
    assert (made.status_code, made.json()["is_break_glass"], gated.points_to()) == (201, True, "v1")
    approval = Approval.objects.get()
    done = call(
        dora, "post", f"approvals/{approval.pk}/confirmations", {"verdict": "approve", "password": PASSWORD}
    )
    assert (done.status_code, done.json()["confirmed_by"]) == (201, "dora")


def test_a_waiver_and_a_delegation(call, workspace, cora, dia, bob, cleo):
    policy_put(workspace)
    gated.subject_put(workspace.pk, facts={**gated.CLEAN, "evidence": {}})
    until = (now() + timedelta(days=5)).isoformat()
    body = {**ACT, "policy": "champion", "rule": "scan-clean", "reason": "No files.", "expires_at": until}
    made = call(cora, "post", "waivers", body)
    assert (made.status_code, made.json()["state"]) == (201, "requested")
    done = call(dia, "post", f"waivers/{made.json()['id']}/decisions", {"grants": True, "password": PASSWORD})
    assert (done.status_code, done.json()["state"]) == (201, "granted")
    ended = call(dia, "post", f"waivers/{made.json()['id']}/endings", {"reason": "Fixed."})
    assert ended.json()["state"] == "ended"
    times = {"starts_at": now().isoformat(), "ends_at": until}
    given = call(dia, "post", "delegations", {"workspace": "credit", "to_user": "bob", **times})
    assert (given.status_code, given.json()["to_user"]) == (201, "bob")
    assert (
        call(dia, "post", "delegations", {"workspace": "credit", "to_user": "cleo", **times}).status_code
        == 404
    )
    ended = call(bob, "post", f"delegations/{given.json()['id']}/revocations", {})
    assert ended.json()["revoked_at"] is not None
