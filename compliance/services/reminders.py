"""Reminding people of what is due: once when its date comes near, and every week that it is overdue."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from compliance.models import Finding, Notice
from compliance.selectors.recertifications import SOON, upcoming
from compliance.services.findings import finding_facts, finding_path, owners_of
from compliance.services.notices import Occasion, notice_write
from compliance.services.recertifications import recertification_facts, recertification_path, recertifiers
from portal.accounts.actor import Actor
from portal.kernel.clock import now

WEEK = dt.timedelta(days=7)
AT_ONCE = 200


@dataclass(frozen=True)
class Reminder:
    """One thing to tell, on one occasion."""

    occasion: Occasion
    workspace_id: int
    topic: str
    title: str
    url: str
    data: Mapping[str, Any] = field(default_factory=dict)
    to_users: tuple[int, ...] = ()


def reminders_due() -> list[Reminder]:
    """What people were not told of yet."""
    found = [*_of_findings(), *_of_recertifications()]
    ids = [each.occasion.notice_id for each in found]
    told = set(Notice.objects.filter(pk__in=ids).values_list("pk", flat=True))
    return [each for each in found if each.occasion.notice_id not in told]


def reminders_write(*, actor: Actor, reminders: Iterable[Reminder]) -> int:
    """Write them as notices, in the transaction that is open; how many there were."""
    told = [
        notice_write(
            actor=actor, workspace_id=each.workspace_id, topic=each.topic, title=each.title, url=each.url,
            data=each.data, to_users=each.to_users, once=each.occasion,
        )
        for each in reminders
    ]  # fmt: skip
    return sum(notice is not None for notice in told)


def _of_findings() -> list[Reminder]:
    late = Finding.objects.filter(is_open=True, due_at__lt=now()).order_by("due_at", "id")[:AT_ONCE]
    return [
        Reminder(
            _weekly(f"finding.overdue:{each.pk}", each.due_at), each.workspace_id, "finding.overdue",
            f"Overdue finding ({each.severity}): {each.title}", finding_path(each.pk), finding_facts(each),
            tuple(owners_of(each)),
        )
        for each in late
    ]  # fmt: skip


def _of_recertifications() -> list[Reminder]:
    found = []
    for each in upcoming()[:AT_ONCE]:
        is_late = each.due_at < now()
        topic = f"recertification.{'overdue' if is_late else 'due'}"
        name = f"{topic}:{each.pk}"
        occasion = _weekly(name, each.due_at) if is_late else Occasion(name, each.due_at - SOON)
        title = f"Re-certification {'overdue' if is_late else f'due {each.due_at:%d %B %Y}'}: {each.subject_label}"
        found.append(
            Reminder(
                occasion, each.workspace_id, topic, title, recertification_path(each),
                recertification_facts(each), tuple(recertifiers(each)),
            )
        )  # fmt: skip
    return found


def _weekly(name: str, since: dt.datetime) -> Occasion:
    week = (now() - since) // WEEK
    return Occasion(f"{name}:{week}", since + week * WEEK)
