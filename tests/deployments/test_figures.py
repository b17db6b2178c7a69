"""Sums of traffic: written by gateways, added up, and read as percentiles."""

import datetime as dt
import random
from collections.abc import Callable
from uuid import UUID

import pytest

from deployments.gateway.figures import Figures as Counted
from deployments.gateway.figures import figures_write
from deployments.gateway.outcomes import LIVE, SHADOW, Outcome
from deployments.gateway.routes import Choice, Route
from deployments.latency import BOUNDS, PLACES, percentile, place_of
from deployments.models import Endpoint, TrafficFigure
from deployments.selectors.figures import figures_of, figures_series, revision_figures
from portal.accounts.models import User
from portal.kernel.clock import now
from registry.models import ModelVersion
from tests.deployments.serving import FIRST, SECOND, Scene


@pytest.fixture
def scene(endpoint_of: Callable[..., Endpoint], versions: list[ModelVersion], cora: User) -> Scene:
    made = Scene(endpoint_of("scores"), versions, cora)
    made.revision(1)
    made.revision(2)
    return made


def counted(scene: Scene, revision: UUID | None, status: int, ms: float, *, times: int = 1, role: str = LIVE,
            at: float | None = None) -> None:  # fmt: skip
    route = Route(scene.endpoint.pk, "scores", 1, 1)
    choice = Choice(revision, 1, "1", "fraud", 100, (), "") if revision else None
    figures = Counted()
    for _ in range(times):
        figures.add(
            Outcome(route, choice, role, "r", "", "user:1", at or now().timestamp(), ms / 1000, status)
        )
    figures_write(figures.take())


def test_gateways_add_to_the_same_rows(scene: Scene) -> None:
    at = now().timestamp()
    counted(scene, FIRST, 200, 3, times=5, at=at)
    counted(scene, FIRST, 400, 3, at=at)
    counted(scene, FIRST, 503, 900, times=2, at=at)
    counted(scene, None, 429, 0.1, times=2, at=at)
    counted(scene, None, 429, 0.1, at=at)
    counted(scene, SECOND, 200, 5, role=SHADOW, at=at)

    row = TrafficFigure.objects.get(revision_id=FIRST)
    assert (row.requests, row.caller_errors, row.server_errors, sum(row.latency)) == (8, 1, 2, 8)
    assert TrafficFigure.objects.get(revision_id=None).limited == 3
    found = {each.revision_id: each for each in figures_of(scene.endpoint, dt.timedelta(minutes=1))}
    assert found.keys() == {FIRST, None}
    assert found[FIRST].error_rate == 0.25
    assert figures_of(scene.endpoint, dt.timedelta(minutes=1), role=SHADOW)[0].requests == 1
    guard = revision_figures(scene.revisions[2], now() - dt.timedelta(minutes=1), role=SHADOW)
    assert (guard.requests, guard.server_errors) == (1, 0)
    assert revision_figures(scene.revisions[2], now() - dt.timedelta(minutes=1)).requests == 0


def test_a_series_has_a_place_for_each_step(scene: Scene) -> None:
    begin = now().replace(second=0, microsecond=0) - dt.timedelta(minutes=5)
    for minute in (0, 0, 2):
        counted(scene, FIRST, 200, 3, at=(begin + dt.timedelta(minutes=minute, seconds=20)).timestamp())
    found = figures_series(scene.endpoint, begin, now(), dt.timedelta(minutes=1))
    assert [(each.begins - begin, each.requests) for each in found] == [
        (dt.timedelta(0), 2), (dt.timedelta(minutes=2), 1),
    ]  # fmt: skip


def test_percentiles_are_within_a_bound_of_the_truth() -> None:
    """Against the values themselves: never off by more than the step between two bounds."""
    draw = random.Random(7)  # noqa: S311 - for figures
    values = sorted(draw.lognormvariate(2, 1) for _ in range(5000))
    counts = [0] * PLACES
    for value in values:
        counts[place_of(value)] += 1
    for share in (0.5, 0.95, 0.99):
        exact, found = values[int(share * len(values))], percentile(counts, share)
        assert found is not None
        assert exact / 2**0.5 <= found <= exact * 2**0.5
    assert percentile([0] * PLACES, 0.5) is None
    assert place_of(BOUNDS[-1] * 10) == PLACES - 1
