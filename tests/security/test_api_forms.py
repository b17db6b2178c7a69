"""What looks like a form is no way around the rules of the API."""

import hashlib

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.api.models import IdempotencyKey


@pytest.fixture(autouse=True)
def own_throttle(fresh_cache: None) -> None:
    """Every test begins with an empty counter."""


@pytest.mark.parametrize(
    "content_type", ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded"]
)
def test_an_empty_form_changes_no_user(olga, ann, token_for, content_type):
    client = Client(headers={"Authorization": f"Bearer {token_for(olga)}"})
    User.objects.filter(pk=ann.pk).update(is_auditor=True)
    client.patch("/api/v1/users/ann", b"", content_type=content_type)
    now = User.objects.get(pk=ann.pk)
    assert (now.is_active, now.is_auditor) == (True, True)


def test_a_key_keeps_no_digest_that_a_password_could_be_tried_against(olga, token_for):
    client = Client(headers={"Authorization": f"Bearer {token_for(olga)}"})
    body = b'{"email":"new@example.org","password":"violet-harbour-ladder-72","username":"newcomer"}'
    answer = client.post(
        "/api/v1/users", body, content_type="application/json", headers={"Idempotency-Key": "k"}
    )
    assert answer.status_code == 201
    plain = hashlib.sha256(b"\0".join([b"POST", b"/api/v1/users", body])).digest()
    assert bytes(IdempotencyKey.objects.get().fingerprint) != plain
