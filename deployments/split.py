"""Moves traffic: all intervals of an endpoint that change end and begin at one moment.

The caller holds the row of the endpoint, so that moves of one endpoint stand in a line.
"""

import datetime as dt
from collections.abc import Mapping
from typing import TypeAlias

from django.conf import settings

from compliance.models.approvals import EFFECTIVE
from deployments.facts import COMPLETED, LIVE, SHADOW
from deployments.models import Endpoint, Revision, Rollout, Traffic
from deployments.routes import routes_tell
from portal.accounts.actor import Actor
from portal.kernel.clock import now

# Percent by the number of the revision.
Split: TypeAlias = Mapping[int, int]


def split_now(endpoint: Endpoint, role: str = LIVE) -> dict[int, int]:
    """The percentages that revisions have now, by number."""
    current = Traffic.objects.filter(endpoint=endpoint, role=role, valid_to=None)
    return dict(current.order_by("revision__number").values_list("revision__number", "percent"))


def split_move(
    actor: Actor, endpoint: Endpoint, wanted: Split, *, shadow: Split | None = None, rollout: Rollout | None = None,
    reason: str = "",
) -> bool:  # fmt: skip
    """Give revisions these percentages from now on, and all others none; whether that changed anything.

    `wanted` are those of the live traffic, 100 in all or empty. `shadow` is left as it is where it is None.
    """
    targets = {(number, LIVE): percent for number, percent in wanted.items() if percent}
    roles = [LIVE]
    if shadow is not None:
        targets |= {(number, SHADOW): percent for number, percent in shadow.items() if percent}
        roles.append(SHADOW)
    current = Traffic.objects.filter(endpoint=endpoint, valid_to=None, role__in=roles).select_related(
        "revision"
    )
    held = {(each.revision.number, each.role): each for each in current}
    ending = [each for key, each in held.items() if targets.get(key) != each.percent]
    beginning = {
        key: value for key, value in targets.items() if key not in held or held[key].percent != value
    }
    if not ending and not beginning:
        return False
    moment = _moment(endpoint)
    for each in ending:
        each.valid_to, each.ended_by = moment, actor.reference
        each.save(update_fields=["valid_to", "ended_by"])
    _begin(actor, endpoint, beginning, moment, rollout, reason)
    routes_tell(endpoint)
    return True


def toward(before: Split, number: int, percent: int) -> dict[int, int]:
    """The split in which `number` has a percentage and the others share the rest as they did before.

    >>> toward({1: 60, 2: 40}, 3, 10)
    {1: 54, 2: 36, 3: 10}
    """
    others = {key: value for key, value in before.items() if key != number and value}
    total, rest = sum(others.values()), 100 - percent
    if not others:
        return {number: 100}
    shared = {key: rest * value // total for key, value in others.items()}
    largest = max(others, key=lambda key: (others[key], -key))
    shared[largest] += rest - sum(shared.values())
    return {key: value for key, value in sorted({**shared, number: percent}.items()) if value}


def is_used(revision: Revision) -> bool:
    """Whether it gets traffic or stands by, or a roll-out that goes on brings traffic to it or can go back to it."""
    if revision.traffic.filter(valid_to=None).exists() or stands_by(revision):
        return True
    goes_on = Rollout.objects.filter(endpoint_id=revision.endpoint_id, ended_at=None).first()
    if goes_on is None:
        return False
    return goes_on.revision_id == revision.pk or revision.number in {
        each["revision"] for each in goes_on.before
    }


def stands_by(revision: Revision) -> bool:
    """Whether it is what served last before the present split, and that not long ago: going back to it takes no start.

    One that was taken back, or whose approval ended, does not.
    """
    since = now() - dt.timedelta(seconds=settings.SERVING_STANDBY_SECONDS)
    ended = Traffic.objects.filter(endpoint_id=revision.endpoint_id, role=LIVE, valid_to__isnull=False)
    serving = Traffic.objects.filter(endpoint_id=revision.endpoint_id, role=LIVE, valid_to=None)
    last = ended.exclude(revision__in=serving.values("revision")).order_by("-valid_to", "-id").first()
    if last is None or last.revision_id != revision.pk or last.valid_to is None or last.valid_to < since:
        return False
    rollout = revision.rollouts.order_by("-id").first()
    stands = revision.approval is None or revision.approval.state == EFFECTIVE
    return stands and serving.exists() and (rollout is None or rollout.state == COMPLETED)


def _moment(endpoint: Endpoint) -> dt.datetime:
    """Now, or the last moment that is recorded where the clock has gone backwards."""
    last = Traffic.objects.filter(endpoint=endpoint).order_by("-valid_from").first()
    ended = Traffic.objects.filter(endpoint=endpoint, valid_to__isnull=False).order_by("-valid_to").first()
    known = [last.valid_from] if last else []
    known += [ended.valid_to] if ended and ended.valid_to else []
    return max([now(), *known])


def _begin(
    actor: Actor, endpoint: Endpoint, beginning: Mapping[tuple[int, str], int], moment: dt.datetime,
    rollout: Rollout | None, reason: str,
) -> None:  # fmt: skip
    numbers = {number for number, _ in beginning}
    revisions = {each.number: each for each in Revision.objects.filter(endpoint=endpoint, number__in=numbers)}
    Traffic.objects.bulk_create(
        Traffic(
            endpoint=endpoint, revision=revisions[number], role=role, percent=percent, valid_from=moment,
            rollout=rollout, moved_by=actor.reference, moved_by_name=actor.name[:200], reason=reason[:2000],
        )
        for (number, role), percent in sorted(beginning.items())
    )  # fmt: skip
