"""user_update and sessions_revoke."""

import pytest

from portal.accounts.models import User
from portal.accounts.services.users import UserChanges, sessions_revoke, user_update
from portal.accounts.tokens import token_authenticate
from portal.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, Unauthenticated
from portal.kernel.versions import version_of
from tests.audit.events import detail_of, latest, recorded

UPDATE = "accounts.user.update"


def test_deactivating_ends_tokens_at_once(acting, olga, ann, token_for):
    secret = token_for(ann)
    token_authenticate(secret)
    user_update(actor=acting(olga), user=ann, changes=UserChanges(is_active=False))
    with pytest.raises(Unauthenticated):
        token_authenticate(secret)
    assert detail_of(latest())["changes"]["is_active"] == [True, False]


def test_deactivating_ends_sessions_at_once(acting, client, olga, ann):
    client.force_login(ann, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get("/api/v1/me").status_code == 200
    user_update(actor=acting(olga), user=ann, changes=UserChanges(is_active=False))
    assert client.get("/api/v1/me").status_code == 401


def test_nobody_else_may(acting, ann, bob):
    with pytest.raises(PermissionDenied):
        user_update(actor=acting(ann), user=bob, changes=UserChanges(is_active=False))
    bob.refresh_from_db()
    assert bob.is_active
    assert recorded() == [(UPDATE, "denied")]


def test_the_last_operator_stays(acting, olga):
    for changes in (UserChanges(is_active=False), UserChanges(is_operator=False)):
        with pytest.raises(Conflict, match="last operator"):
            user_update(actor=acting(olga), user=olga, changes=changes)
    olga.refresh_from_db()
    assert olga.is_active
    assert olga.is_operator
    assert recorded() == [(UPDATE, "refused")] * 2


def test_one_of_two_operators_may_go(acting, olga):
    User.objects.create(username="otto", email="otto@example.org", is_operator=True)
    user_update(actor=acting(olga), user=olga, changes=UserChanges(is_operator=False))
    assert not User.objects.get(username="olga").is_operator


def test_an_address_of_somebody_else_is_a_conflict(acting, olga, ann, bob):
    with pytest.raises(Conflict):
        user_update(actor=acting(olga), user=bob, changes=UserChanges(email="ANN@example.org"))
    bob.refresh_from_db()
    assert bob.email == "bob@example.org"


def test_a_person_keeps_an_address(acting, olga, bob):
    with pytest.raises(InvalidInput):
        user_update(actor=acting(olga), user=bob, changes=UserChanges(email=""))


def test_a_stale_edit_is_a_conflict(acting, olga, bob):
    seen = version_of(bob)
    user_update(actor=acting(olga), user=bob, changes=UserChanges(name="B"), expected_version=seen)
    with pytest.raises(Conflict):
        user_update(actor=acting(olga), user=bob, changes=UserChanges(name="C"), expected_version=seen)
    bob.refresh_from_db()
    assert bob.name == "B"


def test_signing_out_everywhere_ends_every_session(acting, client, ann):
    client.force_login(ann, backend="allauth.account.auth_backends.AuthenticationBackend")
    sessions_revoke(actor=acting(ann), user=ann)
    assert client.get("/api/v1/me").status_code == 401
    assert recorded() == [("accounts.session.revoke", "done")]


def test_only_operators_sign_others_out(acting, ann, bob, olga):
    with pytest.raises(NotFound):
        sessions_revoke(actor=acting(ann), user=bob)
    bob.refresh_from_db()
    assert bob.session_epoch == 0
    sessions_revoke(actor=acting(olga), user=bob)
    assert recorded() == [("accounts.session.revoke", "denied"), ("accounts.session.revoke", "done")]
