"""Endpoints as pages show them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any
from uuid import UUID

from django.db.models import Q

from compliance.models.approvals import EFFECTIVE
from deployments.facts import FAILED, LIVE
from deployments.models import Endpoint, KillDrill, Revision, Rollout, Traffic
from deployments.selectors.endpoints import (
    drills_of,
    endpoints_visible,
    revisions_of,
    rollouts_of,
    traffic_now,
    traffic_of,
)
from portal.accounts.actor import Actor
from portal.kernel.errors import InvalidInput
from registry.models import ModelVersion
from registry.models.registered_model import READY as VERSION_READY

PAGE_ROWS, REVISION_ROWS, MOVE_ROWS = 100, 50, 60
STOPPED, SERVING, CHANGING, IDLE = "stopped", "serving", "rolling out", "no traffic"


@dataclass(frozen=True)
class Share:
    """What a version gets of an endpoint's requests; `percent` is empty where it gets them all."""

    model: str
    version: str
    percent: str


@dataclass(frozen=True)
class Row:
    """One line of the list; `since` is when this split began."""

    endpoint: Endpoint
    state: str
    shares: list[Share]
    since: dt.datetime | None


@dataclass(frozen=True)
class StepShown:
    """A step of a roll-out: `done`, `here` or to come."""

    percent: int
    seconds: int
    is_done: bool
    is_here: bool


@dataclass(frozen=True)
class Part:
    """A part of a bar, in percent."""

    start: int
    percent: int


@dataclass(frozen=True)
class Shown:
    """What the page of an endpoint shows beyond its own row."""

    state: str
    live: list[Traffic]
    shadow: list[Traffic]
    revisions: list[Revision]
    rollout: Rollout | None
    steps: list[StepShown]
    moves: list[Traffic]
    drills: list[KillDrill]
    serving_ids: frozenset[UUID]
    returnable: frozenset[int]

    @property
    def bar(self) -> list[Part]:
        """The shares as parts of a bar that is 100 wide."""
        starts = accumulate((each.percent for each in self.live), initial=0)
        return [Part(start, each.percent) for start, each in zip(starts, self.live, strict=False)]

    @property
    def can_return(self) -> bool:
        """Whether a roll-back may be offered."""
        return bool(self.returnable)

    @property
    def guard_errors(self) -> float:
        """The share of errors that a roll-out bears, in percent."""
        return 100 * float(self.rollout.guards.get("max_error_rate", 0)) if self.rollout else 0.0


def endpoint_rows(
    actor: Actor, *, text: str = "", workspace: str = "", environment: str = "", page_token: str = ""
) -> tuple[Sequence[Row], str | None]:
    """The endpoints of one page, newest first, and the token of the next page."""
    found = endpoints_visible(actor)
    if page_token:
        try:
            found = found.filter(pk__lt=UUID(hex=page_token))
        except ValueError:
            raise InvalidInput(
                "The page token is not one of this list. Start again from the first page."
            ) from None
    if text:
        found = found.filter(name__icontains=text)
    if workspace:
        found = found.filter(workspace__name=workspace)
    if environment:
        found = found.filter(environment=environment)
    rows = list(found.prefetch_related(None)[: PAGE_ROWS + 1])
    shown = rows[:PAGE_ROWS]
    going = Rollout.objects.filter(endpoint__in=shown, ended_at=None).values_list("endpoint_id", flat=True)
    changing, serving = set(going), _serving(shown)
    found_rows = [_row(each, serving.get(each.pk, []), each.pk in changing) for each in shown]
    return found_rows, shown[-1].pk.hex if len(rows) > PAGE_ROWS else None


def _serving(endpoints: Sequence[Endpoint]) -> dict[UUID, list[Any]]:
    """What each of them serves now: the columns that a row shows, since models of them all cost more than the page."""
    now_served = Traffic.objects.filter(endpoint__in=endpoints, valid_to=None, role=LIVE)
    found = defaultdict(list)
    for each in now_served.order_by("revision__number").values_list(
        "endpoint_id", "revision__version__model__name", "revision__version__version", "percent", "valid_from",
        named=True,
    ):  # fmt: skip
        found[each.endpoint_id].append(each)
    return found


def _row(endpoint: Endpoint, live: Sequence[Any], is_changing: bool) -> Row:
    shares = [
        Share(
            each.revision__version__model__name,
            str(each.revision__version__version),
            "" if len(live) == 1 else f"{each.percent} %",
        )
        for each in live
    ]
    return Row(
        endpoint, _state(endpoint, bool(live), is_changing), shares, live[0].valid_from if live else None
    )


def _state(endpoint: Endpoint, is_serving: bool, is_changing: bool) -> str:
    if endpoint.is_stopped:
        return STOPPED
    if is_changing:
        return CHANGING
    return SERVING if is_serving else IDLE


def endpoint_page(endpoint: Endpoint) -> Shown:
    """Everything about one endpoint that its page shows, the newest first."""
    current = traffic_now(endpoint)
    live = [each for each in current if each.role == LIVE]
    rollout = rollouts_of(endpoint).first()
    going = rollout if rollout is not None and rollout.goes_on else None
    return Shown(
        state=_state(endpoint, bool(live), going is not None),
        live=live,
        shadow=[each for each in current if each.role != LIVE],
        revisions=list(revisions_of(endpoint)[:REVISION_ROWS]),
        rollout=rollout,
        steps=_steps(rollout) if rollout else [],
        moves=list(traffic_of(endpoint)[:MOVE_ROWS]),
        drills=list(drills_of(endpoint)[:5]),
        serving_ids=frozenset(each.revision_id for each in live),
        returnable=_returnable(endpoint, live),
    )


def _steps(rollout: Rollout) -> list[StepShown]:
    began = rollout.step_began_at is not None
    return [
        StepShown(
            step["percent"], step["seconds"],
            is_done=began and (number < rollout.step or rollout.state == "completed"),
            is_here=began and rollout.goes_on and number == rollout.step,
        )
        for number, step in enumerate(rollout.steps)
    ]  # fmt: skip


def versions_deployable(endpoint: Endpoint, limit: int = 200) -> list[ModelVersion]:
    """READY versions of the workspace with files, by model, the newest first."""
    found = ModelVersion.objects.filter(
        workspace_id=endpoint.workspace_id, status=VERSION_READY, deleted_at=None, model__deleted_at=None,
        model__is_prompt=False,
    ).exclude(digest="")  # fmt: skip
    return list(found.select_related("model").defer("manifest").order_by("model__name", "-version")[:limit])


def _returnable(endpoint: Endpoint, live: Sequence[Traffic]) -> frozenset[int]:
    """The numbers of revisions that served before and may serve again."""
    has_all = {live[0].revision_id} if len(live) == 1 else set()
    served = (
        revisions_of(endpoint).filter(traffic__role=LIVE, version__deleted_at=None).exclude(pk__in=has_all)
    )
    served = served.exclude(observed_state=FAILED).filter(Q(approval=None) | Q(approval__state=EFFECTIVE))
    return frozenset(served.values_list("number", flat=True))
