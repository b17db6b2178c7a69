"""What holds for every call: problems, bad bodies, idempotency, headers, the description of the API."""

import pytest

from portal.accounts.models import User, Workspace
from portal.api.models import IdempotencyKey


def test_without_a_credential(client, db):
    answer = client.get("/api/v1/workspaces")
    assert answer.status_code == 401
    assert answer.json()["code"] == "unauthenticated"
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_an_unknown_address_is_a_problem_too(api, client, ann):
    assert api(ann).get("nothing/here").json()["code"] == "not_found"
    assert client.get("/api/v1/nothing/here").status_code == 401


def test_an_undeclared_method(api, ann):
    answer = api(ann).put("workspaces", {"name": "x"})
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b'"text"', b"{}", b'{"name": null}', b'{"name": 5e999}', b'{"name": NaN}',
        b'{"name": "a\\u0000b"}', b'{"name": "\\ud800"}', b"\xff\xfe", b'{"name": "ok", "extra": 1}', b"[" * 5000,
        b'{"name": {"a": 1}}', b'{"name": ["a"]}',
        b'{"name": "' + b"a" * 5000 + b'"}',
    ],
)  # fmt: skip
def test_bad_bodies_are_refused_and_nothing_is_made(api, olga, body):
    answer = api(olga).client.post("/api/v1/workspaces", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_input"
    assert not Workspace.objects.exists()


def test_an_integer_for_text_is_taken_as_text_or_refused_but_never_fails(api, olga):
    assert api(olga).post("workspaces", {"name": 7}).status_code in (201, 400)


def test_too_much(api, olga):
    body = b'{"name": "' + b"a" * (1024 * 1024) + b'"}'
    answer = api(olga).client.post("/api/v1/workspaces", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_json_only(api, olga):
    answer = api(olga).client.post("/api/v1/workspaces", "name=fraud", content_type="text/plain")
    assert answer.status_code == 415
    assert not Workspace.objects.exists()


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0},
        {"limit": 201},
        {"limit": "x"},
        {"cursor": "!!"},
        {"cursor": "YWJj"},
        {"cursor": "\x00"},
        {"page": 2},
    ],
)
def test_bad_queries(api, ann, query):
    assert api(ann).get("workspaces", query).status_code == 400


def test_a_cursor_beyond_every_number(api, ann):
    assert api(ann).get("workspaces", {"cursor": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk"}).status_code in (200, 400)


def test_a_request_sent_twice_is_done_once(api, olga):
    caller = api(olga)
    first = caller.post("workspaces", {"name": "fraud"}, Idempotency_Key="k1")
    again = caller.post("workspaces", {"name": "fraud"}, Idempotency_Key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Workspace.objects.count() == 1


def test_another_request_under_the_same_key(api, olga):
    caller = api(olga)
    caller.post("workspaces", {"name": "fraud"}, Idempotency_Key="k1")
    other = caller.post("workspaces", {"name": "else"}, Idempotency_Key="k1")
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")


def test_keys_belong_to_their_caller(api, olga):
    User.objects.create(username="otto", email="otto@example.org", is_operator=True)
    api(olga).post("workspaces", {"name": "fraud"}, Idempotency_Key="k1")
    answer = api(User.objects.get(username="otto")).post("workspaces", {"name": "else"}, Idempotency_Key="k1")
    assert answer.status_code == 201


def test_a_refused_request_can_be_corrected_under_its_key(api, olga, workspace):
    caller = api(olga)
    assert caller.post("workspaces", {"name": "credit"}, Idempotency_Key="k1").status_code == 409
    assert not IdempotencyKey.objects.exists()
    assert caller.post("workspaces", {"name": "fraud"}, Idempotency_Key="k1").status_code == 201


def test_a_secret_is_not_kept_for_repeating(client, ann):
    client.force_login(ann, backend="allauth.account.auth_backends.AuthenticationBackend")
    body, headers = {"name": "ci", "scope": "read"}, {"Idempotency-Key": "k1"}
    first = client.post("/api/v1/tokens", body, content_type="application/json", headers=headers)
    again = client.post("/api/v1/tokens", body, content_type="application/json", headers=headers)
    assert (first.status_code, again.status_code, again.json()["code"]) == (201, 409, "already_done")
    assert IdempotencyKey.objects.get().body is None


def test_events_by_object_and_workspace(api, ann, cleo, workspace):
    api(ann).patch("workspaces/credit", {"description": "Loans"})
    mine = (
        api(ann)
        .get("audit/events", {"workspace": "credit", "action": "accounts.workspace.update"})
        .json()["items"]
    )
    assert [event["changes"] for event in mine] == [{"description": ["", "Loans"]}]
    by_object = (
        api(ann).get("audit/events", {"object_type": "workspace", "object_id": str(workspace.pk)}).json()
    )
    assert by_object["items"] == mine
    assert api(cleo).get("audit/events", {"object_type": "workspace"}).json()["items"] == []
    assert api(cleo).get("audit/events", {"workspace": "credit"}).status_code == 404


def test_calls_are_bounded_per_caller(api, ann, monkeypatch):
    monkeypatch.setattr("portal.api.throttling.ActorThrottle.rate", "2/min", raising=False)
    caller = api(ann)
    assert [caller.get("me").status_code for _ in range(3)] == [200, 200, 429]
    assert caller.get("me").json()["code"] == "throttled"


def test_the_description_names_actions_as_operations(api, ann):
    document = api(ann).get("schema", {"format": "json"}).json()
    assert document["openapi"].startswith("3.1")
    assert document["paths"]["/api/v1/workspaces"]["post"]["operationId"] == "accounts.workspace.create"
    problem = document["paths"]["/api/v1/me"]["get"]["responses"]["default"]["content"]
    assert "application/problem+json" in problem


def test_the_documentation_has_nothing_inline_and_nothing_foreign(client, ann):
    client.force_login(ann, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.get("/api/v1/docs")
    text = page.content.decode()
    assert page.status_code == 200
    assert "<style" not in text
    assert "<script>" not in text
    assert "http" not in text.replace("http-equiv", "")
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    script = client.get("/api/v1/docs?script=")
    assert script.headers["Content-Type"].startswith("application/javascript")
    assert b"/api/v1/schema" in script.content


def test_what_django_refuses_before_any_view_is_a_problem_too(client):
    refused = client.get("/api/v1/endpoints", headers={"Host": "no host"})
    assert (refused.status_code, refused.headers["Content-Type"]) == (400, "application/problem+json")
    assert refused.json()["code"] == "bad_request"
