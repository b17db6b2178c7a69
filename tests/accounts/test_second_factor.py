"""Time-based codes and recovery codes, through the pages."""

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

from tests.accounts.test_signin import is_signed_in, sign_in
from tests.audit.events import recorded
from tests.conftest import PASSWORD

FACTOR, START = "accounts.factor.change", "accounts.session.start"
ACTIVATE, AUTHENTICATE = "/accounts/2fa/totp/activate/", "/accounts/2fa/authenticate/"

pytestmark = pytest.mark.usefixtures("fresh_cache")


def code_of(secret, steps=0):
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter + steps))


@pytest.fixture
def secret(client, ann, django_capture_on_commit_callbacks):
    """Ann has switched a second factor on and is signed out again."""
    sign_in(client, "ann")
    assert client.get(ACTIVATE).headers["Location"].startswith("/accounts/reauthenticate/")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    shown = client.get(ACTIVATE).context["form"].secret
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(ACTIVATE, {"code": code_of(shown)}).status_code == 302
    client.post("/accounts/logout/")
    return shown


def test_switching_it_on_is_recorded_and_its_secret_is_not_stored_in_the_open(secret, ann):
    kinds = set(Authenticator.objects.filter(user=ann).values_list("type", flat=True))
    assert kinds == {"totp", "recovery_codes"}
    assert (FACTOR, "done") in recorded()
    stored = Authenticator.objects.get(user=ann, type="totp").data["secret"]
    assert secret not in stored
    assert get_adapter().decrypt(stored) == secret


def test_the_password_alone_is_not_enough_then(client, secret, ann):
    answer = sign_in(client, "ann")
    assert answer.headers["Location"].startswith(AUTHENTICATE)
    assert not is_signed_in(client)


def test_with_the_code_it_is(client, secret, ann):
    sign_in(client, "ann")
    client.post(AUTHENTICATE, {"code": code_of(secret, steps=1)})
    assert is_signed_in(client)


def test_a_wrong_code_is_recorded(client, secret, ann):
    sign_in(client, "ann")
    client.post(AUTHENTICATE, {"code": "000000"})
    assert not is_signed_in(client)
    assert recorded()[-1] == (START, "denied")


def test_a_recovery_code_works_once(client, secret, ann):
    code = Authenticator.objects.get(user=ann, type="recovery_codes").wrap().get_unused_codes()[0]
    for expected in (True, False):
        sign_in(client, "ann")
        client.post(AUTHENTICATE, {"code": code})
        assert is_signed_in(client) is expected
        client.post("/accounts/logout/")
