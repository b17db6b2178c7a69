"""Signing in with a password: who comes in, who does not, and what is written down."""

import time

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from portal.accounts.signin.adapters import SIGNED_IN_AT
from tests.audit.events import detail_of, latest, recorded
from tests.conftest import PASSWORD

LOGIN = "/accounts/login/"
START, END = "accounts.session.start", "accounts.session.end"

pytestmark = pytest.mark.usefixtures("fresh_cache")


def sign_in(client, login, password=PASSWORD):
    return client.post(LOGIN, {"login": login, "password": password})


def is_signed_in(client):
    return client.get("/api/v1/me").status_code == 200


@pytest.mark.parametrize("login", ["ann", "ANN", "ann@example.org", "Ann@Example.org"])
def test_by_name_or_address(client, ann, login):
    assert sign_in(client, login).status_code == 302
    assert is_signed_in(client)
    assert recorded() == [(START, "done")]
    assert latest().actor == f"user:{ann.pk}"


def test_a_wrong_password_is_recorded_and_not_kept(client, ann):
    sign_in(client, "ann", "hunter2-hunter2-hunter2")
    assert not is_signed_in(client)
    event = latest()
    assert (event.action, event.outcome, event.object_type, event.object_id) == (
        START,
        "denied",
        "user",
        str(ann.pk),
    )
    assert b"hunter2" not in bytes(event.detail.body)


def test_what_was_typed_as_a_name_is_not_kept(client, db):
    sign_in(client, "my-secret-password-in-the-wrong-field")
    assert recorded() == [(START, "denied")]
    assert "wrong-field" not in str(detail_of(latest()))


def test_an_unknown_name_and_a_wrong_password_look_the_same(client, ann):
    known = sign_in(client, "ann", "wrong-wrong-wrong-1").content.decode()
    unknown = sign_in(client, "nob", "wrong-wrong-wrong-1").content.decode()
    assert _without_noise(known).replace("ann", "nob") == _without_noise(unknown)


def test_the_deactivated_do_not_come_in(client, ann):
    ann.is_active = False
    ann.save()
    sign_in(client, "ann")
    assert not is_signed_in(client)
    assert recorded() == [(START, "denied")]


def test_service_accounts_have_no_password(client, robot):
    for password in ("", "!", robot.password):
        sign_in(client, "robot", password)
    assert not is_signed_in(client)


def test_not_even_when_somebody_sets_one(client, robot):
    robot.set_password(PASSWORD)
    robot.save()
    sign_in(client, "robot")
    assert not is_signed_in(client)
    assert recorded() == [(START, "denied")]


def test_resetting_a_password_tells_nothing(client, ann, robot, mailoutbox):
    robot.email = "robot@example.org"
    robot.save()
    answers = [
        client.post("/accounts/password/reset/", {"email": f"{name}@example.org"})
        for name in ("ann", "robot", "nobody")
    ]
    assert {(answer.status_code, answer.headers["Location"]) for answer in answers} == {
        (302, "/accounts/password/reset/done/")
    }
    assert [mail.to for mail in mailoutbox] == [["ann@example.org"]]


def test_guessing_is_slowed_per_account(client, ann):
    for number in range(5):
        sign_in(client, "ann", f"wrong-wrong-wrong-{number}")
    assert sign_in(client, "ann").status_code == 200
    assert not is_signed_in(client)
    assert recorded().count((START, "denied")) == 5


def test_guessing_is_slowed_per_source(client, bob):
    for number in range(20):
        sign_in(client, f"somebody{number}", "wrong-wrong-wrong-1")
    sign_in(client, "bob")
    assert not is_signed_in(client)


def test_the_session_key_changes_at_sign_in(client, ann):
    client.get(LOGIN)
    session = client.session
    session["before"] = 1
    session.save()
    old = session.session_key
    sign_in(client, "ann")
    assert client.session.session_key != old
    assert not Session.objects.filter(session_key=old).exists()


def test_signing_out_ends_the_session(client, ann):
    sign_in(client, "ann")
    key = client.session.session_key
    client.post("/accounts/logout/")
    assert not is_signed_in(client)
    assert not Session.objects.filter(session_key=key).exists()
    assert recorded() == [(START, "done"), (END, "done")]


def test_a_link_does_not_sign_out(client, ann):
    sign_in(client, "ann")
    client.get("/accounts/logout/")
    assert is_signed_in(client)


def test_after_a_day_the_session_ends_though_it_was_used(client, ann):
    sign_in(client, "ann")
    session = client.session
    session[SIGNED_IN_AT] = time.time() - 24 * 3600 - 1
    session.save()
    assert not is_signed_in(client)
    assert recorded()[-1] == (END, "done")


def test_without_use_it_ends_after_eight_hours(client, ann):
    sign_in(client, "ann")
    assert client.session.get_expiry_age() == 8 * 3600


def test_changing_the_password_ends_other_sessions(client, ann):
    sign_in(client, "ann")
    ann.set_password("another-lantern-field-9")
    ann.save()
    assert not is_signed_in(client)


@pytest.mark.parametrize("path", ["signup/", "email/", "3rdparty/", "3rdparty/signup/"])
def test_nobody_makes_an_account_or_changes_an_address(client, ann, path):
    assert client.get(f"/accounts/{path}").status_code == 404
    assert client.post(f"/accounts/{path}", {"username": "eve", "email": "e@e.org"}).status_code == 404


def test_a_forged_form_is_refused(ann):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(LOGIN, {"login": "ann", "password": PASSWORD}).status_code == 403


def test_no_redirect_to_a_foreign_site(client, ann):
    answer = client.post(f"{LOGIN}?next=https://evil.example/", {"login": "ann", "password": PASSWORD})
    assert "evil.example" not in answer.headers.get("Location", "")


def _without_noise(html):
    lines = html.splitlines()
    return "\n".join(
        line for line in lines if "csrfmiddlewaretoken" not in line and "csrf" not in line.lower()
    )
