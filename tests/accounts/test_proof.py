"""Proving again who one is: by code where there is a second factor, else by password; never by anything else."""

import time
from typing import Any

import pytest
from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.test import RequestFactory

from portal.accounts.models import User
from portal.accounts.signin.proof import Proof, proof_way, prove
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
            return prove(request, secret, purpose="test")

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


def test_nothing_given_says_what_is_required(says: Any) -> None:
    with pytest.raises(PermissionDenied) as no:
        says("")
    assert no.value.code == "reauthentication_required"


@pytest.mark.parametrize("wrong", ["wrong", PASSWORD + " ", "123456"])
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
    with pytest.raises(PermissionDenied, match="second factor") as no:
        says(PASSWORD)
    assert no.value.code == "reauthentication_impossible"


def test_who_just_came_in_through_the_identity_provider_has_proved_it(dia: User, rf: RequestFactory) -> None:
    dia.set_unusable_password()
    dia.save()
    request = rf.post("/")
    request.user = dia
    request.session = {"signed_in_at": time.time() - 10}  # type: ignore[assignment]
    assert prove(request, "", purpose="test").user_id == dia.pk
    for moment in (time.time() - 301, time.time() + 60):
        request.session = {"signed_in_at": moment}  # type: ignore[assignment]
        with pytest.raises(PermissionDenied):
            prove(request, "", purpose="test")


def test_a_proof_is_for_one_person_one_purpose_and_once(dia: User, says: Any) -> None:
    proof = says(PASSWORD)
    for person, purpose in ((dia.pk + 1, "test"), (dia.pk, "other")):
        with pytest.raises(PermissionDenied):
            proof.spend(user_id=person, purpose=purpose)
    proof.spend(user_id=dia.pk, purpose="test")
    with pytest.raises(PermissionDenied):
        proof.spend(user_id=dia.pk, purpose="test")


def test_an_old_proof_is_none(dia: User, says: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    proof = says(PASSWORD)
    later = time.monotonic() + 121
    monkeypatch.setattr(time, "monotonic", lambda: later)
    with pytest.raises(PermissionDenied):
        proof.spend(user_id=dia.pk, purpose="test")


def test_nobody_else_makes_a_proof(dia: User) -> None:
    with pytest.raises(TypeError):
        Proof(object(), user_id=dia.pk, purpose="test")


def test_a_service_account_proves_nothing(robot: User, rf: RequestFactory) -> None:
    robot.set_password(PASSWORD)
    robot.save()
    with pytest.raises(PermissionDenied):
        prove(rf.post("/"), PASSWORD, purpose="test", user=robot)
