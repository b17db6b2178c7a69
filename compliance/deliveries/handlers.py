"""Jobs of the outbox: the first try of a notice, and all later ones."""

import datetime as dt
from uuid import UUID

from django.db.models import QuerySet

from compliance.deliveries.door import post
from compliance.deliveries.mail import mail_send
from compliance.deliveries.parcels import Answer
from compliance.deliveries.payloads import parcel_of
from compliance.deliveries.sealing import SealBroken
from compliance.models import Delivery
from compliance.services.deliveries import (
    ATTEMPT,
    FAILED,
    WAITING,
    deliveries_postpone,
    delivery_claim,
    delivery_note,
)
from compliance.services.notices import DELIVER
from jobs.errors import NothingToDo
from jobs.periodic import periodic
from jobs.registry import SYSTEM_QUEUE, job
from jobs.step import JobStep
from portal.kernel.clock import now

REDELIVER = "compliance.redeliver"
_AT_ONCE = 200


@job(DELIVER, actions=[ATTEMPT], max_attempts=5, queue=SYSTEM_QUEUE)
def deliver(step: JobStep, *, notice_id: str) -> dict[str, int]:
    """Try each delivery of a notice that is due once; what does not arrive is tried again by `redeliver`."""
    waiting = _waiting().filter(notice=UUID(notice_id), next_try_at__lte=now())
    tried = [_try(step, each) for each in waiting]
    return {"tried": len(tried), "arrived": tried.count(True)}


@job(REDELIVER, actions=[ATTEMPT], max_attempts=3, queue=SYSTEM_QUEUE)
def redeliver(step: JobStep) -> dict[str, int]:
    """Try what is due again, receiver by receiver; one that does not answer is asked once, not for each notice."""
    due = list(_waiting().filter(next_try_at__lte=now())[:_AT_ONCE])
    if not due:
        raise NothingToDo("Nothing waits to be delivered.")
    silent: set[UUID | None] = set()
    tried: list[bool] = []
    for delivery in due:
        step.check()
        if delivery.webhook_id in silent:
            continue
        tried.append(_try(step, delivery))
        if not tried[-1]:
            silent.add(delivery.webhook_id)  # None stands for the mail server
            _postpone(step, delivery)
    return {"tried": len(tried), "arrived": tried.count(True)}


def _wanted() -> bool:
    return Delivery.objects.filter(state=WAITING, next_try_at__lte=now()).exists()


periodic(REDELIVER, every=dt.timedelta(seconds=10), wanted=_wanted)


def _waiting() -> QuerySet[Delivery]:
    rows = Delivery.objects.filter(state=WAITING).order_by("id")
    return rows.select_related("notice__workspace", "webhook", "user")


def _try(step: JobStep, delivery: Delivery) -> bool:
    """Claim, send, note. Killed after the claim, the delivery is due again when the claim has passed."""
    if not delivery_claim(actor=step.actor, delivery=delivery):
        return True  # somebody else has it: no sign that the receiver is silent
    answer = _send(delivery)
    delivery_note(actor=step.actor, delivery=delivery, is_sent=answer.is_taken, answer=answer.words)
    return answer.is_taken


def _send(delivery: Delivery) -> Answer:
    webhook = delivery.webhook
    if webhook is None:
        return mail_send(delivery)
    if webhook.deleted_at or webhook.status != "ACTIVE":
        return Answer(200, "Not sent: the webhook was deleted or disabled.")
    try:
        return post(parcel_of(webhook, delivery.notice))
    except SealBroken as no:
        return Answer(None, f"Not sent: {no}")


def _postpone(step: JobStep, delivery: Delivery) -> None:
    delivery.refresh_from_db(fields=["state", "next_try_at"])
    if delivery.webhook_id and delivery.state != FAILED:
        deliveries_postpone(actor=step.actor, webhook_id=delivery.webhook_id, until=delivery.next_try_at)
