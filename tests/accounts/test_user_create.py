"""user_create."""

import pytest

from portal.accounts.models import User
from portal.accounts.services.users import user_create
from portal.kernel.errors import Conflict, InvalidInput, PermissionDenied
from tests.audit.events import detail_of, latest, recorded

CREATE = "accounts.user.create"


def test_an_operator_makes_a_user(acting, olga):
    user = user_create(
        actor=acting(olga), username="eve", email="eve@example.org", password="ocean-lantern-field-9"
    )
    assert user.check_password("ocean-lantern-field-9")
    event = latest()
    assert (event.action, event.outcome, event.object_id) == (CREATE, "done", str(user.pk))
    assert "password" not in detail_of(event)["changes"]


def test_without_a_password_nobody_signs_in(acting, olga):
    user = user_create(actor=acting(olga), username="eve", email="eve@example.org")
    assert not user.has_usable_password()


@pytest.mark.parametrize("who", ["ann", "aude", "bob"])
def test_others_may_not(request, acting, who):
    actor = acting(request.getfixturevalue(who))
    with pytest.raises(PermissionDenied):
        user_create(actor=actor, username="eve", email="eve@example.org", is_operator=True)
    assert not User.objects.filter(username="eve").exists()
    assert recorded() == [(CREATE, "denied")]


@pytest.mark.parametrize(
    ("username", "email"), [("ann", "new@example.org"), ("ANN", "n@e.org"), ("x", "ANN@example.org")]
)
def test_names_and_addresses_are_unique_in_any_case(acting, olga, ann, username, email):
    before = User.objects.count()
    with pytest.raises(Conflict):
        user_create(actor=acting(olga), username=username, email=email)
    assert User.objects.count() == before
    assert recorded() == [(CREATE, "refused")]


@pytest.mark.parametrize(
    "fields",
    [
        {"username": "eve@example.org", "email": "e@example.org"},
        {"username": "e ve", "email": "e@example.org"},
        {"username": "eve", "email": ""},
        {"username": "eve", "email": "not an address"},
        {"username": "eve", "email": "e@example.org", "password": "short"},
        {"username": "eve", "email": "e@example.org", "password": "password123456"},
        {"username": "eve", "email": "e@example.org", "password": "e@example.org1"},
        {"username": "eve", "email": "e@example.org", "password": "839201748392"},
        {"username": "eve", "email": "e@example.org", "is_operator": True, "is_auditor": True},
        {"username": "bot", "is_service_account": True, "password": "ocean-lantern-field-9"},
        {"username": "bot", "is_service_account": True, "is_operator": True},
    ],
)
def test_bad_values_make_no_user(acting, olga, fields):
    before = User.objects.count()
    with pytest.raises(InvalidInput):
        user_create(actor=acting(olga), **fields)
    assert User.objects.count() == before


def test_a_service_account_needs_no_address(acting, olga):
    user = user_create(actor=acting(olga), username="bot", is_service_account=True)
    assert not user.has_usable_password()
