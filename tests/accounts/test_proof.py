"""Proving again who one is: by code where there is a second factor, else by password; never by anything else."""

from typing import Any

import pytest
from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.test import RequestFactory

from portal.accounts.models import User
from portal.accounts.signin.proof import proof_way, prove
from portal.kernel.errors import PermissionDenied
from tests.conftest import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_cache")]


@pytest.fixture
def says(dia: User, rf: RequestFactory) -> Any:
    """What comes of it when dia gives this secret."""

    def give(secret: str) -> Any:
        request = rf.post("/")
        request.user = dia
        with context.request_context(request):
            return prove(request, secret)

    return give


@pytest.fixture
def secret(dia: User) -> str:
    made = totp.generate_totp_secret()
    totp.TOTP.activate(dia, made)
    return str(made)


def code_of(secret: str) -> str:
    return str(
        totp.format_hotp_value(totp.hotp_value(secret, next(iter(totp.yield_hotp_counters_from_time()))))
    )


def test_the_password_proves_it_where_there_is_no_second_factor(dia: User, says: Any) -> None:
    assert proof_way(dia) == "password"
    assert says(PASSWORD) is not None


@pytest.mark.parametrize("wrong", ["", "wrong", PASSWORD + " ", "123456"])
def test_anything_else_does_not(says: Any, wrong: str) -> None:
    with pytest.raises(PermissionDenied) as no:
        says(wrong)
    assert no.value.code == "reauthentication_failed"


def test_with_a_second_factor_only_its_code_proves_it(dia: User, says: Any, secret: str) -> None:
    assert proof_way(dia) == "code"
    with pytest.raises(PermissionDenied):
        says(PASSWORD)
    assert says(code_of(secret)) is not None


def test_a_code_is_good_for_one_decision(says: Any, secret: str) -> None:
    code = code_of(secret)
    says(code)
    with pytest.raises(PermissionDenied):
        says(code)


def test_trying_on_is_stopped_even_with_the_right_one(says: Any) -> None:
    for _ in range(6):
        with pytest.raises(PermissionDenied):
            says("wrong")
    with pytest.raises(PermissionDenied, match="Too many"):
        says(PASSWORD)


def test_who_has_neither_is_told_what_to_do(dia: User, says: Any) -> None:
    dia.set_unusable_password()
    dia.save()
    assert not Authenticator.objects.exists()
    with pytest.raises(PermissionDenied, match="Set up a second factor") as no:
        says(PASSWORD)
    assert no.value.code == "reauthentication_impossible"
