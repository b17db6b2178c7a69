"""How a notice travels to one receiver: an attempt is claimed, made outside of any transaction, and noted.

The claim moves the next try past the longest time that an attempt can take. A worker that dies between sending and
noting has its delivery tried again then, under the same event id: at least once, never knowingly twice.
"""

import datetime as dt
import random
from uuid import UUID

from django.db.models import F

from compliance.models import Delivery
from compliance.services.notices import DELIVER
from jobs.queue import enqueue
from portal import access
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.operations import operation, writer

ATTEMPT = "compliance.delivery.attempt"
WAITING, SENT, FAILED = "waiting", "sent", "failed"
CLAIM = dt.timedelta(minutes=2)
FIRST_PAUSE, LONGEST_PAUSE = dt.timedelta(seconds=30), dt.timedelta(hours=6)
# Doubling pauses, then one every six hours: about four days.
MOST_ATTEMPTS = 24
_ANSWER_LENGTH = 500


@writer(ATTEMPT)
def delivery_claim(*, actor: Actor, delivery: Delivery) -> bool:
    """Take the next attempt of a delivery that is due; False when somebody else has it or it is not due."""
    access.require(actor, ATTEMPT, delivery)
    at = now()
    due = Delivery.objects.filter(pk=delivery.pk, state=WAITING, next_try_at__lte=at)
    if not due.update(attempts=F("attempts") + 1, next_try_at=at + CLAIM):
        return False
    delivery.refresh_from_db(fields=["attempts", "next_try_at"])
    return True


@writer(ATTEMPT)
def delivery_note(*, actor: Actor, delivery: Delivery, is_sent: bool, answer: str) -> bool:
    """Note how the claimed attempt ended; False when the delivery has moved on since, as by a replay."""
    access.require(actor, ATTEMPT, delivery)
    at = now()
    changes: dict[str, object] = {"answer": answer[:_ANSWER_LENGTH].replace("\x00", "")}
    if is_sent:
        changes |= {"state": SENT, "sent_at": at}
    elif delivery.attempts >= MOST_ATTEMPTS:
        changes |= {"state": FAILED}
    else:
        changes |= {"next_try_at": at + pause_after(delivery.attempts)}
    mine = Delivery.objects.filter(pk=delivery.pk, state=WAITING, attempts=delivery.attempts)
    return bool(mine.update(**changes))


@writer(ATTEMPT)
def deliveries_postpone(*, actor: Actor, webhook_id: UUID, until: dt.datetime) -> int:
    """Let what waits for a receiver that does not answer wait with it, so that it is not asked for each."""
    access.require(actor, ATTEMPT)
    due = Delivery.objects.filter(webhook_id=webhook_id, state=WAITING, next_try_at__lt=until)
    return due.update(next_try_at=until)


@operation("compliance.delivery.replay", on="delivery")
def delivery_replay(*, actor: Actor, delivery: Delivery, reason: str = "") -> Delivery:
    """Send a notice to a receiver once more, under the same event id, whatever became of it before."""
    delivery.state, delivery.attempts, delivery.next_try_at = WAITING, 0, now()
    delivery.save(update_fields=["state", "attempts", "next_try_at"])
    enqueue(
        DELIVER, key=f"replay:{delivery.pk.hex}", args={"notice_id": delivery.notice_id.hex}, actor=actor,
        workspace_id=delivery.workspace_id,
    )  # fmt: skip
    return delivery


def pause_after(attempts: int) -> dt.timedelta:
    """How long to wait after this many attempts: doubling, with jitter, up to six hours."""
    pause: dt.timedelta = min(FIRST_PAUSE * 2 ** min(attempts - 1, 20), LONGEST_PAUSE)
    return pause * random.uniform(0.9, 1.1)  # noqa: S311 - spreads load, keeps no secret
