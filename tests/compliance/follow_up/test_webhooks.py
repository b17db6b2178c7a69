"""Webhooks: who may make them, what they may be, and that their secret stays one."""

import json

import pytest
from django.db import connection

from compliance.deliveries.sealing import SealBroken, seal, unseal
from compliance.deliveries.trials import webhook_try
from compliance.models import Delivery, Webhook
from compliance.services import webhooks as service
from compliance.services.webhooks import WebhookWish, webhook_create, webhook_delete, webhook_update
from compliance.topics import MLFLOW_TOPICS, example_of
from portal.audit.models import AuditDetail
from portal.kernel.errors import InvalidInput, NotFound, PermissionDenied
from tests.api.conftest import ApiClient
from tests.audit.events import recorded

CREATED = {"entity": "model_version", "action": "created"}


@pytest.fixture
def made(hook):
    return hook(events=[CREATED], topics=["finding.*"])


def test_a_maintainer_makes_one(made, ann, workspace):
    assert (made.workspace, made.created_by, made.status, made.style) == (workspace, ann, "ACTIVE", "mlflow")
    assert made.creation_timestamp == made.last_updated_timestamp > 1_700_000_000_000
    assert service.topics_of(made)[:2] == ["model_version.created", "finding.assigned"]
    assert recorded() == [("compliance.webhook.create", "done")]


def test_the_secret_is_nowhere_in_clear(made, receiver):
    with connection.cursor() as cursor:
        cursor.execute("SELECT w::text FROM compliance_webhook w")
        assert "s3cret" not in cursor.fetchone()[0]
    assert not any(
        b"s3cret" in bytes(each.body) or b"/hook" in bytes(each.body) for each in AuditDetail.objects.all()
    )
    assert unseal(bytes(made.secret)) == "s3cret"
    assert "s3cret" not in repr(WebhookWish(secret="s3cret"))


def test_a_rotated_key_opens_old_seals(settings):
    sealed, old = seal("s3cret"), settings.SECRET_KEY
    settings.SECRET_KEY = "another-key-for-tests-0123456789-abcdef"
    with pytest.raises(SealBroken):
        unseal(sealed)
    settings.SECRET_KEY_FALLBACKS = [old]
    assert unseal(sealed) == "s3cret"
    assert seal("s3cret") != seal("s3cret")


def test_a_lost_key_is_told(made, tell, deliver, settings):
    tell()
    settings.SECRET_KEY = "another-key-for-tests-0123456789-abcdef"
    deliver()
    assert "Set the secret of the webhook again" in Delivery.objects.get().answer


@pytest.mark.parametrize("who", ["bob", "cora", "dia", "olga", "aude"])
def test_others_may_not(request, acting, workspace, who):
    with pytest.raises(PermissionDenied):
        webhook_create(
            actor=acting(request.getfixturevalue(who)), workspace=workspace,
            wish=WebhookWish(name="x", url="https://example.org", topics=["*"]),
        )  # fmt: skip
    assert not Webhook.objects.exists()


@pytest.mark.parametrize(
    "wish",
    [
        {"name": "-x"}, {"name": "x" * 64}, {"name": ""}, {"url": "http://169.254.169.254/"}, {"url": "https://10.0.0.1"},
        {"url": "https://localhost"}, {"url": ""}, {"events": [], "topics": []}, {"topics": ["nothing.such"]},
        {"events": [{"entity": "run", "action": "created"}]}, {"events": [{"entity": "prompt", "action": "set"}]},
        {"style": "teams"}, {"status": "PAUSED"}, {"secret": "x" * 501}, {"description": "x" * 1001},
    ],
)  # fmt: skip
def test_what_it_may_not_be(hook, wish):
    with pytest.raises(InvalidInput):
        hook(**wish)
    assert not Webhook.objects.exists()


def test_a_change_leaves_the_rest(made, acting, ann):
    before = made.last_updated_timestamp
    done = webhook_update(actor=acting(ann), webhook=made, wish=WebhookWish(status="DISABLED"))
    assert (done.status, done.name, done.events, bool(done.secret)) == ("DISABLED", "ours", [CREATED], True)
    assert done.last_updated_timestamp > before
    done = webhook_update(actor=acting(ann), webhook=made, wish=WebhookWish(secret=""))
    assert done.secret is None


def test_deleted_it_is_told_nothing_more(made, acting, ann, tell, deliver, receiver):
    tell()
    webhook_delete(actor=acting(ann), webhook=made)
    deliver()
    assert receiver.taken == []
    assert Delivery.objects.get().answer.startswith("Not sent")
    assert Webhook.objects.get().secret is None
    with pytest.raises(NotFound):
        webhook_update(actor=acting(ann), webhook=made, wish=WebhookWish(name="y"))


def test_a_test_is_signed_and_on_record(made, acting, ann, receiver):
    answer = webhook_try(actor=acting(ann), webhook=made)
    assert answer.is_taken
    [taken] = receiver.taken
    assert json.loads(taken.body)["data"] == example_of("model_version.created")
    assert taken.headers["X-MLflow-Signature"].startswith("v1,")
    with pytest.raises(InvalidInput):
        webhook_try(actor=acting(ann), webhook=made, topic="prompt.created")
    assert recorded()[-1] == ("compliance.webhook.test", "done")
    assert not Delivery.objects.exists()


def test_examples_are_those_of_mlflow():
    types = pytest.importorskip("mlflow.webhooks.types")
    from mlflow.entities.webhook import WebhookEvent  # noqa: PLC0415 - slow, and for this test only

    for topic in MLFLOW_TOPICS - {"budget_policy.exceeded"}:
        assert example_of(topic) == types.get_example_payload_for_event(WebhookEvent.from_str(topic)), topic


def test_over_the_api(fresh_cache, token_for, ann, bob, aude, workspace, receiver):
    mine = ApiClient(token_for(ann))
    wish = {"workspace": "credit", "name": "ours", "url": receiver.url, "topics": ["*"], "secret": "s3cret"}
    made = mine.post("webhooks", wish)
    assert made.status_code == 201, made.content
    assert "s3cret" not in made.content.decode()
    assert (made.json()["has_secret"], made.json()["url"]) == (True, receiver.url)
    path = f"webhooks/{made.json()['id']}"
    assert mine.get("webhooks", {"workspace": "credit"}).json()["items"][0]["id"] == made.json()["id"]
    assert ApiClient(token_for(bob)).get(path).status_code == 404
    assert "/hook" not in ApiClient(token_for(aude)).get(path).json()["url"]
    tried = mine.post(f"{path}/tests", {})
    assert (tried.status_code, tried.json()["success"]) == (201, True)
    assert mine.patch(path, {"status": "DISABLED"}).json()["status"] == "DISABLED"
    refused = mine.patch(path, {"url": "https://169.254.169.254/"})
    assert (refused.status_code, refused.json()["code"]) == (400, "address_refused")
    assert mine.delete(path).status_code == 204
    assert mine.get(path).status_code == 404


def test_deliveries_over_the_api(fresh_cache, token_for, ann, bob, made, tell, deliver, receiver):
    tell()
    deliver()
    mine = ApiClient(token_for(ann))
    [item] = mine.get("deliveries", {"state": "sent"}).json()["items"]
    assert (item["webhook"], item["answer"], item["attempts"]) == ("ours", "HTTP 200", 1)
    assert mine.post(f"deliveries/{item['id']}/replays", {}).status_code == 201
    deliver()
    assert len(receiver.taken) == 2
    theirs = ApiClient(token_for(bob))
    assert theirs.get("deliveries").json()["items"] == []
    assert theirs.post(f"deliveries/{item['id']}/replays", {}).status_code == 404
    [notice] = theirs.get("notices", {"workspace": "credit", "topic": "finding.opened"}).json()["items"]
    assert theirs.get(f"notices/{notice['id']}").json()["title"] == "A byte changed"
