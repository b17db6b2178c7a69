"""Policies in the browser: proposed by one person, shown where they are wrong, published by another."""

from typing import Any

import pytest
from django.test import Client

from compliance.models import Policy, PolicyVersion
from portal.accounts.models import User, Workspace
from tests.browser.scenery_names import POLICY
from tests.conftest import PASSWORD

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def as_(client: Client) -> Any:
    def use(user: User) -> Client:
        client.force_login(user, backend=BACKEND)
        return client

    return use


@pytest.fixture
def proposed(workspace: Workspace, ann: User, as_: Any) -> PolicyVersion:
    as_(ann).post("/policies/new", {"workspace": "credit", "source": POLICY, "reason": "First."})
    return PolicyVersion.objects.get()


def test_one_proposes_and_another_publishes(proposed: PolicyVersion, ann: User, dia: User, as_: Any) -> None:
    path = f"/policies/{proposed.policy_id}/versions/1"
    assert "a second person publishes" in as_(ann).get(path).text
    answer = as_(ann).post(f"{path}/publish", {"secret": PASSWORD}, follow=True)
    assert Policy.objects.get().current is None
    assert "needs the role" in answer.text
    refused = as_(dia).post(f"{path}/publish", {"reason": "Read it."}, follow=True)
    assert Policy.objects.get().current is None
    assert "Prove that it is you" in refused.text
    as_(dia).post(f"{path}/publish", {"reason": "Read it.", "secret": PASSWORD})
    assert Policy.objects.get().current == proposed
    page = as_(dia).get("/policies").text
    assert "champion" in page
    assert "v1" in page


def test_what_is_wrong_is_shown_with_its_line(workspace: Workspace, ann: User, as_: Any) -> None:
    bad = POLICY.replace("facts.metrics.auc >= 0.8", "facts.metrics.auc >=")
    answer = as_(ann).post("/policies/new", {"workspace": "credit", "source": bad})
    assert answer.status_code == 400
    assert [line for _, line, is_it in answer.context["pointer"] if is_it] == [
        "    require: facts.metrics.auc >="
    ]
    assert "AUC is at least 0.8" in answer.text
    assert not Policy.objects.exists()


def test_a_new_version_is_proposed_and_rejected(
    proposed: PolicyVersion, ann: User, dia: User, as_: Any
) -> None:
    key = proposed.policy_id
    as_(dia).post(f"/policies/{key}/versions/1/publish", {"secret": PASSWORD})
    as_(ann).post(f"/policies/{key}/new-version", {"source": POLICY.replace("0.8", "0.85")})
    assert "proposed" in as_(dia).get("/policies").text
    assert "+    require: facts.metrics.auc &gt;= 0.85" in as_(dia).get(f"/policies/{key}/versions/2").text
    as_(dia).post(f"/policies/{key}/versions/2/reject", {"reason": "Too tight."})
    assert PolicyVersion.objects.get(number=2).state == "rejected"
    assert Policy.objects.get().current == proposed


def test_retiring_takes_two_as_well(proposed: PolicyVersion, ann: User, dia: User, as_: Any) -> None:
    key = proposed.policy_id
    as_(dia).post(f"/policies/{key}/versions/1/publish", {"secret": PASSWORD})
    as_(ann).post(f"/policies/{key}/retire", {"reason": "Replaced."})
    assert "retires the policy" in as_(dia).get(f"/policies/{key}/versions/2").text
    as_(dia).post(f"/policies/{key}/versions/2/publish", {"secret": PASSWORD})
    assert Policy.objects.get().current is None


def test_others_are_offered_nothing(
    proposed: PolicyVersion, ann: User, bob: User, cleo: User, as_: Any
) -> None:
    assert "Propose" not in as_(bob).get("/policies").text
    assert "Propose a policy" in as_(ann).get("/policies").text
    assert as_(cleo).get(f"/policies/{proposed.policy_id}").status_code == 404
    answer = as_(bob).post(f"/policies/{proposed.policy_id}/new-version", {"source": POLICY})
    assert answer.status_code == 403
