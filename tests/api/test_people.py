"""Users, tokens and the caller over /api/v1/."""

import base64

import pytest
from django.test import Client

from portal.accounts.models import ApiToken, User
from portal.accounts.tokens import token_authenticate
from tests.conftest import PASSWORD

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def test_me(api, ann):
    answer = api(ann, scope="read").get("me").json()
    assert answer == {
        "username": "ann", "kind": "token", "is_operator": False, "is_auditor": False, "can_write": False,
        "workspaces": {"credit": ["maintainer"]},
    }  # fmt: skip


def test_users_are_for_operators(api, olga, ann):
    assert api(ann).get("users").status_code == 403
    assert {item["username"] for item in api(olga).get("users").json()["items"]} == {"olga", "ann"}


def test_nobody_else_learns_who_exists(api, ann, bob):
    assert api(ann).get("users/bob").status_code == api(ann).get("users/nobody").status_code == 404
    assert api(ann).patch("users/bob", {"is_active": False}).status_code == 404


def test_an_operator_makes_and_deactivates_a_user(api, olga):
    made = api(olga).post(
        "users", {"username": "eve", "email": "eve@example.org", "password": "ocean-lantern-9-x"}
    )
    assert made.status_code == 201
    assert "password" not in made.json()
    changed = api(olga).patch("users/eve", {"is_active": False}, If_Match=made.headers["ETag"])
    assert changed.json()["is_active"] is False


def test_a_weak_password_is_refused(api, olga):
    answer = api(olga).post(
        "users", {"username": "eve", "email": "eve@example.org", "password": "password1234"}
    )
    assert answer.status_code == 400
    assert not User.objects.filter(username="eve").exists()


def test_a_session_issues_a_token_and_shows_it_once(client, ann):
    client.force_login(ann, backend=BACKEND)
    answer = client.post(
        "/api/v1/tokens",
        {"name": "ci", "scope": "write", "workspaces": ["credit"]},
        content_type="application/json",
    )
    assert answer.status_code == 201
    assert token_authenticate(answer.json()["secret"]).can_write
    listed = client.get("/api/v1/tokens")
    assert listed.json()["items"][0]["workspaces"] == ["credit"]
    assert answer.json()["secret"] not in listed.content.decode()


def test_a_session_needs_the_csrf_token(ann):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ann, backend=BACKEND)
    answer = strict.post("/api/v1/tokens", {"name": "ci", "scope": "read"}, content_type="application/json")
    assert answer.status_code == 403
    assert not ApiToken.objects.exists()


def test_a_token_does_not_issue_tokens(api, ann):
    assert api(ann).post("tokens", {"name": "more", "scope": "read"}).status_code == 403


def test_names_of_others_are_not_told(client, ann, bob, robot, cleo):
    def ask(username, **more):
        body = {"name": "ci", "scope": "read", "username": username, "workspaces": ["credit"], **more}
        return client.post("/api/v1/tokens", body, content_type="application/json")

    client.force_login(ann, backend=BACKEND)
    assert ask("bob").status_code == ask("nobody").status_code == 404
    assert ask("robot").status_code == 201
    client.force_login(cleo, backend=BACKEND)
    assert ask("robot", workspaces=["other"]).status_code == 404


def test_others_tokens_are_not_there(api, ann, bob, token_for):
    token_for(bob)
    token = ApiToken.objects.get(user=bob)
    assert api(ann).delete(f"tokens/{token.pk}").status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None


def test_revoking_by_itself(api, ann):
    caller = api(ann)
    assert caller.delete(f"tokens/{ApiToken.objects.get().pk}").status_code == 204
    assert caller.get("me").status_code == 401


def test_signing_out_everywhere(client, api, ann):
    client.force_login(ann, backend=BACKEND)
    assert api(ann).delete("me/sessions").status_code == 204
    assert client.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize(
    "header", ["Bearer wrong", "Basic !!!", "Basic YTpi", "Digest x", "Bearer", "Bearer \u00fc"]
)
def test_a_wrong_credential_is_a_problem(client, db, header):
    answer = client.get("/api/v1/me", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_basic_with_the_token_as_password(client, ann, token_for):
    pair = base64.b64encode(f"ann:{token_for(ann)}".encode()).decode()
    assert client.get("/api/v1/me", headers={"Authorization": f"Basic {pair}"}).status_code == 200
    wrong = base64.b64encode(f"ann:{PASSWORD}".encode()).decode()
    assert client.get("/api/v1/me", headers={"Authorization": f"Basic {wrong}"}).status_code == 401
