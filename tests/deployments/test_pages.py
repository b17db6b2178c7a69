"""Endpoints in the browser: the same gate, its checklist before the button, and acts for those who may."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from compliance.models import ApprovalRequest
from deployments.models import Endpoint, InferenceGap, Revision
from deployments.split import split_now
from deployments.tickets import ticket_actor, ticket_issue
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.kernel.errors import Unauthenticated
from tests.compliance.scenery import policy_put
from tests.deployments.test_deploy import POLICY, deploy, serve
from tests.monitoring.records import records_write

LIST = "/endpoints"


def client_of(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page_of(person, address):
    answer = client_of(person).get(address)
    assert answer.status_code == 200, answer.content[:500]
    return answer.content.decode()


@pytest.fixture
def rolled(endpoint_of, versions, cora) -> Endpoint:
    """Version 2 serves 60 percent beside version 1."""
    endpoint = endpoint_of("scores", "staging")
    made = [deploy(cora, endpoint, version) for version in versions]
    serve(endpoint, made[0])
    serve(endpoint, *made, percents=(40, 60))
    return endpoint


def test_the_newest_requests_are_told_without_their_bodies(rolled, bob, cleo):
    at = now() - dt.timedelta(minutes=5)
    (asked,) = records_write(
        rolled, [{"iban": "DE02"}], lambda _: "0.73", at, rolled.revisions.get(number=2).pk
    )
    records_write(rolled, [{"iban": "DE02"}], lambda _: 1, now() - dt.timedelta(days=2))
    told = page_of(bob, f"{LIST}/scores/requests")
    assert told.count('<td class="mono small">') == 1
    assert f">{asked}<" in told
    assert ">r2<" in told
    assert "DE02" not in told
    assert "0.73" not in told
    assert client_of(cleo).get(f"{LIST}/scores/requests").status_code == 404
    InferenceGap.objects.create(
        endpoint=rolled, gateway="g", begins_at=at, ends_at=now(), dropped=7, why="queue_full"
    )
    assert "7 requests of the last day are missing" in page_of(bob, f"{LIST}/scores/requests")


def test_an_endpoint_is_made_and_found(workspace, cora, bob, cleo):
    form = {
        "workspace": "credit", "name": "scores", "environment": "prod", "target": "local", "replicas": "2",
        "memory_mb": "512", "batch_rows": "1", "concurrency": "8", "log_percent": "50", "redact": "name, iban",
        "description": "",
    }  # fmt: skip
    assert client_of(cora).post(f"{LIST}/new", form).headers["Location"] == "/endpoints/scores"
    made = Endpoint.objects.get()
    assert made.settings["inference_log"] == {
        "percent": 50,
        "retention_class": "standard",
        "redact": ["iban", "name"],
    }
    assert "exists already" in client_of(cora).post(f"{LIST}/new", form).content.decode()
    assert 'href="/endpoints/scores"' in page_of(bob, LIST)
    assert "No endpoints yet" in page_of(cleo, LIST)
    assert "without iban, name" in page_of(bob, f"{LIST}/scores")
    assert client_of(cleo).get(f"{LIST}/scores").status_code == 404
    assert client_of(bob).get(f"{LIST}/scores/deploy").status_code == 200
    assert "Deploy</a>" not in page_of(bob, f"{LIST}/scores")


def test_the_page_tells_what_serves_and_why(rolled, cora):
    page = page_of(cora, reverse("endpoint", args=["scores"]))
    assert "40 percent to revision 1, 60 percent to revision 2" in page
    assert "Go back to r1" in page
    assert "/endpoints/scores/invocations" in page


def test_going_back_and_stopping(rolled, cora, dia):
    client_of(cora).post("/endpoints/scores/rollback", {"revision": "1", "reason": "slow"})
    assert split_now(rolled) == {1: 100}
    client_of(dia).post("/endpoints/scores/stop", {"reason": "wrong"})
    page = page_of(cora, "/endpoints/scores")
    assert "Every request is refused" in page
    assert "Answer again" not in page


def test_the_deploy_form_shows_the_gate_and_asks(endpoint_of, versions, workspace, cora):
    policy_put(workspace, POLICY)
    endpoint_of("scores", "prod")
    page = page_of(cora, "/endpoints/scores/deploy?version=fraud:1")
    assert "The files were read" in page
    assert "with the role approver must approve" in page
    form = {
        "version": "fraud:1",
        "strategy": "canary",
        "steps": "10% 60s, 100%",
        "max_error_rate": "5",
        "reason": "new",
    }
    answer = client_of(cora).post("/endpoints/scores/deploy", form)
    request = ApprovalRequest.objects.get()
    assert answer.headers["Location"].replace("-", "") == reverse("request", args=[request.pk]).replace(
        "-", ""
    )
    assert request.params["rollout"]["steps"] == [
        {"percent": 10, "seconds": 60},
        {"percent": 100, "seconds": 0},
    ]
    assert not Revision.objects.exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"steps": "half"}, "percent and seconds"), ({"steps": "50%, 20%"}, "The steps of a roll-out grow"),
        ({"version": "fraud:9"}, ""), ({"strategy": "hope"}, "hope"),
    ],
)  # fmt: skip
def test_bad_forms(endpoint_of, versions, cora, change, said):
    endpoint_of()
    form = {
        "version": "fraud:1",
        "strategy": "canary",
        "steps": "100%",
        "max_error_rate": "5",
        "reason": "",
    } | change
    answer = client_of(cora).post("/endpoints/scores/deploy", form)
    assert answer.status_code in (200, 404)
    assert said in answer.content.decode()
    assert not Revision.objects.exists()


def test_a_person_asks_by_a_ticket_that_stands_for_them_in_one_workspace(rolled, cora, other, settings):
    ticket = ticket_issue(Actor.of_user(cora), rolled)
    actor = ticket_actor(ticket)
    assert (actor.user_id, set(actor.roles)) == (cora.pk, {rolled.workspace_id})
    for bad in (ticket[:-3], "Ticket x", "Ticket " + "a" * 5000):
        with pytest.raises(Unauthenticated):
            ticket_actor(bad)
    cora.is_active = False
    cora.save()
    with pytest.raises(Unauthenticated):
        ticket_actor(ticket)


def test_trying_tells_what_is_wrong(rolled, cora, cleo, settings):
    settings.SERVING_URL = "http://127.0.0.1:9"
    said = client_of(cora).post("/endpoints/scores/try", {"body": "{"}).content.decode()
    assert "The request is no JSON" in said
    assert (
        "The gateway does not answer"
        in client_of(cora).post("/endpoints/scores/try", {"body": "{}"}).content.decode()
    )
    assert client_of(cleo).post("/endpoints/scores/try", {"body": "{}"}).status_code == 404


def test_the_list_asks_as_little_of_many_endpoints_as_of_one(endpoint_of, rolled, versions, cora, token_for):
    client, headers = client_of(cora), {"Authorization": f"Bearer {token_for(cora)}"}
    client.get(LIST)

    def statements(address, **asked):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address, **asked).status_code == 200
        return len(queries)

    before = statements(LIST), statements("/api/v1/endpoints?limit=100", headers=headers)
    for number in range(8):
        endpoint = endpoint_of(f"more-{number}", "dev")
        made = [deploy(cora, endpoint, version) for version in versions]
        serve(endpoint, *made, percents=(40, 60))
    assert (statements(LIST), statements("/api/v1/endpoints?limit=100", headers=headers)) == before
    assert before[0] < 20
