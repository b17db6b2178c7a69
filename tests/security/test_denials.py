"""A refused look leaves its event, as a refused change does."""

import pytest
from django.test import Client

from experiments.models import Experiment
from tests.audit.events import recorded


@pytest.fixture(autouse=True)
def own_throttle(fresh_cache: None) -> None:
    """Every test begins with an empty counter."""


def test_the_list_of_users(bob, aude, token_for):
    for user, status in ((bob, 403), (aude, 200)):
        client = Client(headers={"Authorization": f"Bearer {token_for(user)}"})
        assert client.get("/api/v1/users").status_code == status
    assert recorded() == [("accounts.user.list", "denied")]


def test_the_page_for_a_new_experiment(client, bob, cleo, workspace):
    for user in (bob, cleo):
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        client.post("/experiments/new", {"name": "mine", "workspace": workspace.pk})
    assert not Experiment.objects.exists()
    assert recorded() == [("experiments.experiment.create", "denied")]  # cleo does not see the workspace


def test_the_page_offers_only_where_one_may(client, ann, bob, workspace):
    for user, is_offered in ((ann, True), (bob, False)):
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        offered = f'<option value="{workspace.pk}"' in client.get("/experiments/new").content.decode()
        assert offered == is_offered
