"""The pages of webhooks: a maintainer makes, tries, switches and deletes one, and sends a notice again."""

import pytest

from compliance.models import Delivery, Webhook

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def browser(client):
    def sign_in(user):
        client.force_login(user, backend=BACKEND)
        return client

    return sign_in


def test_from_making_to_deleting(browser, ann, receiver, tell, deliver):
    client = browser(ann)
    wish = {
        "workspace": "credit", "name": "ours", "url": receiver.url, "style": "slack", "secret": "s3cret",
        "topics": ["finding.*"], "events": ["model_version.created"],
    }  # fmt: skip
    made = client.post("/webhooks/new", wish, follow=True).content.decode()
    assert receiver.url in made
    assert "s3cret" not in made
    hook = Webhook.objects.get()
    assert (hook.topics, hook.events) == (["finding.*"], [{"entity": "model_version", "action": "created"}])
    assert "ours" in client.get("/webhooks").content.decode()
    path = f"/webhooks/{hook.pk}"
    assert "The example arrived." in client.post(f"{path}/test", follow=True).content.decode()
    tell()
    deliver()
    assert "A byte changed" in client.get(path).content.decode()
    again = client.post(f"/deliveries/{Delivery.objects.get().pk}/replay", follow=True).content.decode()
    assert "It is on its way once more." in again
    deliver()
    assert len(receiver.taken) == 3
    assert "disabled" in client.post(f"{path}/switch", follow=True).content.decode()
    receiver.status = 500
    assert "HTTP 500" in client.post(f"{path}/test", follow=True).content.decode()
    assert "ours is deleted." in client.post(f"{path}/delete", follow=True).content.decode()


def test_a_refused_address_is_told_on_the_page(browser, ann, workspace):
    wish = {
        "workspace": "credit",
        "name": "ours",
        "url": "https://10.0.0.1/",
        "style": "slack",
        "topics": ["*"],
    }
    said = browser(ann).post("/webhooks/new", wish, follow=True).content.decode()
    assert "not public" in said
    assert not Webhook.objects.exists()


def test_others_see_none(browser, hook, bob, aude, receiver):
    made = hook()
    client = browser(bob)
    assert made.name not in client.get("/webhooks").content.decode().replace("Webhooks", "")
    assert client.get(f"/webhooks/{made.pk}").status_code == 404
    shown = browser(aude).get(f"/webhooks/{made.pk}").content.decode()
    assert "/hook" not in shown.replace("/webhook", "")
