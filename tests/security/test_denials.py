"""A refused look leaves its event, as a refused change does."""

import pytest
from django.test import Client

from tests.audit.events import recorded


@pytest.fixture(autouse=True)
def own_throttle(fresh_cache: None) -> None:
    """Every test begins with an empty counter."""


def test_the_list_of_users(bob, aude, token_for):
    for user, status in ((bob, 403), (aude, 200)):
        client = Client(headers={"Authorization": f"Bearer {token_for(user)}"})
        assert client.get("/api/v1/users").status_code == status
    assert recorded() == [("accounts.user.list", "denied")]
