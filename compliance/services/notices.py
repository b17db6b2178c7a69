"""The outbox: what is to be told is written with the change that it tells of, and delivered by a job."""

import datetime as dt
import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from compliance.models import Delivery, Notice, Webhook
from compliance.topics import MLFLOW_TOPICS, is_asked_for
from jobs.queue import enqueue
from portal import access
from portal.accounts.actor import Actor
from portal.accounts.models import User
from portal.kernel.clock import now
from portal.kernel.ids import uuid7
from portal.operations import writer

DELIVER, CLEAR = "compliance.deliver", "compliance.notice.clear"


@dataclass(frozen=True)
class Occasion:
    """What is told of once, whoever asks how often: a name for it, and since when it is so."""

    name: str
    since: dt.datetime

    @property
    def notice_id(self) -> UUID:
        """The same at every asking, and in order of time like every other (RFC 9562 section 5.8)."""
        milliseconds = int(self.since.timestamp() * 1000) & ((1 << 48) - 1)
        said = int.from_bytes(hashlib.sha256(self.name.encode()).digest()[:10], "big")
        low, high = said & ((1 << 62) - 1), (said >> 62) & 0xFFF
        return UUID(int=(milliseconds << 80) | (0x8 << 76) | (high << 64) | (0b10 << 62) | low)


def notice_write(
    *, actor: Actor, workspace_id: int | None, topic: str, title: str, url: str = "",
    data: Mapping[str, Any] | None = None, to_users: Collection[int] = (), once: Occasion | None = None,
) -> Notice | None:  # fmt: skip
    """Tell the workspace's webhooks, and these persons by e-mail, what the caller's transaction does.

    Call it as the last step: it commits or vanishes with the change. `data` is plain JSON without secrets, `url` a
    path of the portal, `to_users` ids of persons. None when nobody listens to one of MLflow's events, or when the
    occasion `once` was told of before.
    """
    at = now()
    hooks = _listening(workspace_id, topic)
    mailed = _reachable(to_users)
    if topic in MLFLOW_TOPICS and not hooks and not mailed:
        return None
    notice = Notice(
        id=once.notice_id if once else uuid7(), workspace_id=workspace_id, topic=topic, title=title[:400],
        url=url[:600], data=dict(data or {}), to_users=sorted(set(to_users)), created_at=at,
    )  # fmt: skip
    if once and Notice.objects.filter(pk=notice.pk).exists():
        return None
    notice.save(force_insert=True)
    receivers = [
        *(Delivery(notice=notice, next_try_at=at, webhook_id=pk) for pk in hooks),
        *(Delivery(notice=notice, next_try_at=at, user_id=pk) for pk in mailed),
    ]
    Delivery.objects.bulk_create(receivers)
    if receivers:
        enqueue(
            DELIVER, key=notice.pk.hex, args={"notice_id": notice.pk.hex}, actor=actor,
            workspace_id=workspace_id,
        )  # fmt: skip
    return notice


@writer(CLEAR)
def notices_clear(*, actor: Actor, ids: Collection[UUID]) -> int:
    """Delete notices whose time is over, with their deliveries; how many there were."""
    access.require(actor, CLEAR)
    with transaction.atomic():
        Delivery.objects.filter(notice__in=ids).delete()
        cleared, _ = Notice.objects.filter(pk__in=ids).delete()
    return cleared


def _listening(workspace_id: int | None, topic: str) -> list[UUID]:
    """The active webhooks of the workspace that ask for this topic."""
    if workspace_id is None:
        return []
    hooks = Webhook.objects.filter(workspace_id=workspace_id, status="ACTIVE", deleted_at=None)
    return [
        pk for pk, events, topics in hooks.values_list("pk", "events", "topics") if _asks(topic, events, topics)
    ]  # fmt: skip


def _asks(topic: str, events: list[dict[str, str]], topics: list[str]) -> bool:
    if topic in MLFLOW_TOPICS:
        return any(f"{event['entity']}.{event['action']}" == topic for event in events)
    return any(is_asked_for(topic, wanted) for wanted in topics)


def _reachable(user_ids: Collection[int]) -> list[int]:
    """Those of these persons who can be told by e-mail."""
    if not user_ids or not settings.OUTBOX_MAILS:
        return []
    people = User.objects.filter(pk__in=user_ids, is_active=True, is_service_account=False)
    return list(people.exclude(email="").order_by("pk").values_list("pk", flat=True))
