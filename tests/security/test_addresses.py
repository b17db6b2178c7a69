"""Odd addresses of pages are refused or not found, and never a fault."""

import pytest

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.mark.parametrize(
    "address",
    [
        "/experiments?q=%00",
        "/experiments?page_token=%00",
        "/audit?actor=user:%00",
        "/audit/run/%00",
        "/search?q=%00",
        "/accounts/oidc/%00/login/",
        "/workspaces/credit/members?x=%00",
    ],
)
def test_a_nul_in_an_address_is_refused(client, ann, address):
    client.force_login(ann, backend=BACKEND)
    assert client.get(address).status_code == 400


def test_a_nul_in_a_column_is_refused(client, ann, experiment):
    client.force_login(ann, backend=BACKEND)
    assert client.get(f"/experiments/{experiment.pk}?columns=metrics.%00").status_code == 400


@pytest.mark.parametrize("object_id", ["0", "x", "'", "%ff", "{{7*7}}", "9" * 80])
@pytest.mark.parametrize("object_type", ["run", "experiment", "apitoken"])
def test_the_trail_of_an_impossible_object_is_empty(client, ann, object_type, object_id):
    client.force_login(ann, backend=BACKEND)
    assert client.get(f"/audit/{object_type}/{object_id}").status_code == 200


@pytest.mark.parametrize(
    "back", ["foo", "home", "account_logout", "//evil.example", "https://evil.example", "é"]
)
def test_going_back_leads_to_a_path_of_ours_only(client, ann, back):
    client.force_login(ann, backend=BACKEND)
    answer = client.post("/preferences/theme", {"value": "dark", "next": back})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")


def test_going_back_leads_to_where_the_reader_was(client, ann):
    client.force_login(ann, backend=BACKEND)
    answer = client.post("/preferences/theme", {"value": "dark", "next": "/experiments?q=a"})
    assert answer.headers["Location"] == "/experiments?q=a"
