"""Notices on their way: signed, once, again when they did not arrive, and never lost."""

import base64
import datetime as dt
import hashlib
import hmac
import json
import os
from typing import Any

import pytest
from django.core import mail
from django.db import transaction

from compliance.deliveries import handlers
from compliance.models import Delivery, Notice
from compliance.services import deliveries
from compliance.services.notices import Occasion
from jobs.models import JobRun
from jobs.periodic import PERIODIC, periodic_enqueue
from portal.accounts.actor import Actor
from portal.kernel.clock import now

MLFLOW = [{"entity": "model_version", "action": "created"}]


def verify_mlflow_signature(
    payload: str, signature: str, secret: str, delivery_id: str, timestamp: str
) -> bool:
    """The check that MLflow's documentation gives to receivers."""
    if not signature.startswith("v1,"):
        return False
    signature_b64 = signature.removeprefix("v1,")
    signed_content = f"{delivery_id}.{timestamp}.{payload}"
    expected = hmac.new(secret.encode("utf-8"), signed_content.encode("utf-8"), hashlib.sha256).digest()
    return hmac.compare_digest(signature_b64, base64.b64encode(expected).decode("utf-8"))


def again(deliver, at):
    """Let the time of the next try come, and the job that looks for it run."""
    Delivery.objects.filter(state="waiting").update(next_try_at=at)
    with transaction.atomic():
        periodic_enqueue(Actor.system("jobs.sweep", actions=[]))
    deliver(handlers.REDELIVER)


def test_an_event_of_mlflow_is_posted_as_mlflow_does(hook, tell, deliver, receiver, workspace):
    hook(events=MLFLOW, topics=[])
    data: dict[str, Any] = {
        "name": "fraud",
        "version": "1",
        "source": "models:/m-1",
        "run_id": None,
        "tags": {},
        "description": None,
    }
    notice = tell("model_version.created", data=data)
    deliver()
    [taken] = receiver.taken
    said = json.loads(taken.body)
    assert said == {
        "entity": "model_version", "action": "created", "timestamp": notice.created_at.isoformat(), "data": data,
        "workspace": "credit",
    }  # fmt: skip
    assert taken.headers["X-MLflow-Delivery-Id"] == str(notice.pk)
    given = (
        taken.headers["X-MLflow-Signature"], "s3cret", taken.headers["X-MLflow-Delivery-Id"],
        taken.headers["X-MLflow-Timestamp"],
    )  # fmt: skip
    assert verify_mlflow_signature(taken.body.decode(), *given)
    assert not verify_mlflow_signature(taken.body.decode() + " ", *given)
    assert abs(int(taken.headers["X-MLflow-Timestamp"]) - now().timestamp()) < 60
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.answer, delivery.attempts) == ("sent", "HTTP 200", 1)


def test_a_topic_of_the_portal_is_a_cloud_event(hook, tell, deliver, receiver, settings):
    hook()
    notice = tell()
    deliver()
    [taken] = receiver.taken
    said = json.loads(taken.body)
    assert taken.headers["Content-Type"].startswith("application/cloudevents+json")
    assert (said["specversion"], said["id"], said["type"]) == ("1.0", str(notice.pk), "portal.finding.opened")
    assert said["data"] == {
        "title": "A byte changed", "url": f"{settings.PORTAL_URL}/findings/1", "workspace": "credit",
        "severity": "high",
    }  # fmt: skip


def test_slack_gets_a_message_that_no_name_can_format(hook, tell, deliver, receiver):
    hook(style="slack", secret=None)
    tell(title="<!channel> & co")
    deliver()
    said = json.loads(receiver.taken[0].body)
    assert said["text"].startswith("&lt;!channel&gt; &amp; co http")
    assert said["blocks"][0]["text"]["text"].endswith("|&lt;!channel&gt; &amp; co>*")
    assert "X-MLflow-Signature" not in receiver.taken[0].headers


def test_only_who_asked_is_told(hook, tell, deliver, receiver):
    hook(topics=["approval.*"])
    hook(name="off", status="DISABLED")
    tell()
    tell("approval.revoked")
    assert tell("model_version.created") is None
    deliver()
    assert [json.loads(each.body)["type"] for each in receiver.taken] == ["portal.approval.revoked"]


def test_a_change_that_fails_tells_nothing(hook, tell, receiver):
    hook()

    def change():
        with transaction.atomic():
            tell()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change()
    assert not Notice.objects.exists()
    assert not JobRun.objects.filter(kind="compliance.deliver").exists()


def test_it_is_tried_again_under_the_same_id(hook, tell, deliver, receiver):
    hook()
    receiver.status = 500
    notice = tell()
    deliver()
    waiting = Delivery.objects.get()
    assert (waiting.state, waiting.answer, waiting.attempts) == ("waiting", "HTTP 500", 1)
    assert waiting.next_try_at > now() + dt.timedelta(seconds=20)
    receiver.status = 204
    again(deliver, now())
    assert Delivery.objects.get().state == "sent"
    assert [each.headers["X-MLflow-Delivery-Id"] for each in receiver.taken] == [str(notice.pk)] * 2


def test_a_silent_receiver_is_asked_once_for_all_that_waits(hook, tell, deliver, receiver):
    hook()
    receiver.status = 503
    tell()
    tell()
    deliver()
    assert len(receiver.taken) == 2
    again(deliver, now())
    assert len(receiver.taken) == 3
    assert all(each.next_try_at > now() for each in Delivery.objects.all())


def test_it_is_given_up_after_days_and_can_be_replayed(hook, tell, deliver, receiver, acting, ann):
    hook()
    receiver.status = 500
    notice = tell()
    Delivery.objects.update(attempts=deliveries.MOST_ATTEMPTS - 1)
    deliver()
    assert Delivery.objects.get().state == "failed"
    hours = sum((deliveries.pause_after(n) for n in range(1, deliveries.MOST_ATTEMPTS)), dt.timedelta())
    assert dt.timedelta(days=3) < hours < dt.timedelta(days=5)
    receiver.status = 200
    deliveries.delivery_replay(actor=acting(ann), delivery=Delivery.objects.get())
    deliver()
    assert Delivery.objects.get().state == "sent"
    assert [each.headers["X-MLflow-Delivery-Id"] for each in receiver.taken] == [str(notice.pk)] * 2


def test_two_workers_send_it_once(hook, tell, receiver):
    hook()
    tell()
    delivery = Delivery.objects.get()
    actor = Actor.system("test", actions=[deliveries.ATTEMPT])
    assert deliveries.delivery_claim(actor=actor, delivery=delivery)
    assert not deliveries.delivery_claim(actor=actor, delivery=delivery)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_after_the_claim_loses_nothing(hook, tell, deliver, receiver, monkeypatch):
    """The process of the worker is gone between claim and post; the sweep finds the delivery later."""
    hook()
    tell()
    child = os.fork()
    if child == 0:
        from django.db import connections  # noqa: PLC0415 - in the child only

        for each in connections.all(initialized_only=True):
            each.connection = None  # the socket is the parent's
        monkeypatch.setattr(handlers, "_send", lambda _: os._exit(9))
        deliver()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 9
    assert receiver.taken == []
    claimed = Delivery.objects.get()
    assert (claimed.state, claimed.attempts) == ("waiting", 1)
    assert claimed.next_try_at > now() + dt.timedelta(minutes=1)
    again(deliver, now())
    assert len(receiver.taken) == 1
    assert Delivery.objects.get().state == "sent"


def test_a_person_is_told_by_mail(tell, deliver, dia, settings):
    tell(to_users=[dia.pk], data={"severity": "high", "checks": [1]})
    deliver()
    [message] = mail.outbox
    assert (message.to, message.subject) == (["dia@example.org"], "A byte changed")
    assert f"{settings.PORTAL_URL}/findings/1" in message.body
    assert "severity: high" in message.body
    assert "checks" not in message.body
    assert str(Delivery.objects.get().pk) in message.extra_headers["Message-ID"]


def test_who_left_gets_no_mail(tell, deliver, dia, robot):
    tell(to_users=[dia.pk, robot.pk])
    dia.is_active = False
    dia.save()
    deliver()
    assert mail.outbox == []
    assert Delivery.objects.get().answer.startswith("Not sent")


def test_a_mail_server_that_is_down_is_tried_again(tell, deliver, dia, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    tell(to_users=[dia.pk])
    deliver()
    waiting = Delivery.objects.get()
    assert (waiting.state, waiting.answer) == (
        "waiting",
        "The mail server did not take it: ConnectionRefusedError.",
    )


def test_a_title_cannot_add_headers(tell, deliver, dia):
    tell(to_users=[dia.pk], title="x\r\nBcc: all@example.org")
    deliver()
    assert mail.outbox[0].subject == "x Bcc: all@example.org"
    assert mail.outbox[0].bcc == []


def test_an_occasion_is_told_of_once(tell, hook):
    hook()
    occasion = Occasion("finding.overdue:1", now())
    assert tell(once=occasion) is not None
    assert tell(once=occasion) is None
    assert Notice.objects.count() == 1


def test_the_sweeper_asks_for_it_only_when_something_waits(hook, tell):
    wanted = PERIODIC[handlers.REDELIVER].wanted
    assert not wanted()
    hook()
    tell()
    assert wanted()
