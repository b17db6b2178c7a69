"""Curves: buckets hold what was logged, no spike is lost, and only who may see a run sees its points."""

import math
from unittest.mock import patch

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiments.batch import Metrics
from experiments.selectors import curves as module
from experiments.selectors.curves import Window, curves
from experiments.services import batches, packing
from experiments.services.batches import metrics_log
from portal.accounts.actor import Actor

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("tests", actions={"experiments.run.log"})
VALUES = st.floats() | st.sampled_from([0.0, -1.5, 1e-300, 1e300, math.inf, math.nan])
STEPS = st.integers(-5, 400) | st.sampled_from([-(2**63), 2**63 - 1])
POINTS = st.lists(
    st.tuples(STEPS, st.integers(0, 5000), VALUES), min_size=1, max_size=80, unique_by=lambda p: p[:2]
)
SLOW_IS_FINE = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@pytest.fixture
def small():
    """Chunks so small that a short curve has many."""
    with (
        patch.multiple(batches, MERGE_AFTER_CHUNKS=3, POINTS_PER_CHUNK=8, LOOSE_BELOW=4),
        patch.multiple(packing, POINTS_PER_CHUNK=8, LOOSE_BELOW=4),
    ):
        yield


def log(run, points, key="loss"):
    steps, timestamps, values = zip(*points, strict=True)
    given = Metrics([key] * len(points), list(values), list(timestamps), list(steps))
    metrics_log(actor=ACTOR, run_id=run.pk.hex, metrics=given)


def loop(count, spike=None):
    """A training loop of rising steps, a tenth of a second each."""
    return [(step, step * 100, 50.0 if step == spike else step / count) for step in range(count)]


@settings(max_examples=40, deadline=None, suppress_health_check=SLOW_IS_FINE)
@given(points=POINTS, buckets=st.integers(1, 50), axis=st.sampled_from(["step", "time"]))
def test_buckets_hold_every_extreme(small, new_run, points, buckets, axis):
    run = new_run()
    log(run, points)
    shown = [value for _, _, value in points if math.isfinite(value) and abs(value) < 1.79e308]
    for limit in (10**6, 0):  # by points, and by summaries
        with patch.object(module, "POINTS_READ", limit):
            curve = curves([run.pk], "loss", Window(axis, None, None, buckets)).by_run[run.pk]
        assert len(set(curve.at)) == len(curve.at) <= buckets + 1
        assert curve.count.sum() == len(points)
        lows, highs = (column[~(column != column)] for column in (curve.low, curve.high))
        assert (lows.min() if len(lows) else None) == min(shown, default=None)
        assert (highs.max() if len(highs) else None) == max(shown, default=None)


def test_a_bucket_is_what_its_points_are(run):
    log(run, loop(1000, spike=517))
    found = curves([run.pk], "loss", Window("step", None, None, 10))
    curve = found.by_run[run.pk]
    assert (found.first, found.last, found.width, found.is_exact) == (0, 999, 100, False)
    assert list(curve.at) == list(range(10))
    assert (curve.first[3], curve.low[3], curve.high[3], curve.last[3]) == (0.3, 0.3, 0.399, 0.399)
    assert (curve.x[3], curve.end[3], curve.count[3]) == (300, 399, 100)
    assert curve.mean[3] == pytest.approx(0.3495)
    assert (curve.low[5], curve.high[5]) == (0.5, 50.0)


def test_zooming_refines_down_to_the_points(run):
    log(run, loop(1000, spike=517))
    found = curves([run.pk], "loss", Window("step", 510, 520, 50))
    curve = found.by_run[run.pk]
    assert found.is_exact
    assert found.extent == (0, 999)
    assert curve.first[list(curve.x).index(517)] == 50.0
    wide = curves([run.pk], "loss", Window("relative", None, None, 4)).by_run[run.pk]
    assert wide.x[0] == -run.start_time


def test_summaries_stand_for_whole_chunks(run):
    log(run, loop(1000, spike=517))
    with patch.object(module, "POINTS_READ", 0):
        curve = curves([run.pk], "loss", Window("step", None, None, 300)).by_run[run.pk]
    assert list(curve.count) == [256, 256, 256, 232]
    assert (curve.high[2], curve.low[2], curve.first[2], curve.last[2]) == (50.0, 0.512, 0.512, 0.767)


def test_runs_without_the_metric_are_left_out(run, new_run):
    log(run, loop(5))
    assert list(curves([new_run().pk, run.pk], "loss", Window("step", None, None, 9)).by_run) == [run.pk]
    assert curves([run.pk], "nothing", Window("step", None, None, 9)) is None


def ask(client, run_ids, **query):
    return client.get("/runs/curves", {"run": ",".join(run_ids), "key": "loss", **query})


def test_unchanged_curves_are_not_sent_again(client: Client, bob, run):
    client.force_login(bob)
    log(run, loop(3))
    first = ask(client, [run.pk.hex])
    assert first.json()["runs"] == [
        {"id": run.pk.hex, "at": [0, 1, 2], "x": [0, 1, 2], "first": [0, 1 / 3, 2 / 3]}
    ]
    assert "private" in first["Cache-Control"]
    again = client.get(first.wsgi_request.get_full_path(), headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    log(run, [(3, 300, math.nan)])
    changed = client.get(first.wsgi_request.get_full_path(), headers={"If-None-Match": first["ETag"]})
    assert changed.json()["runs"][0]["first"][-1] is None


def test_who_may_not_see_one_of_the_runs_gets_none(client: Client, cleo, run, new_run):
    client.force_login(cleo)
    log(run, loop(3))
    assert ask(client, [run.pk.hex]).status_code == 404
    assert ask(client, ["0" * 32]).status_code == 404


@pytest.mark.parametrize(
    "query",
    [{"key": ""}, {"key": "a\0"}, {"x": "mood"}, {"buckets": "0"}, {"buckets": "many"}, {"from": "nan"}, {"to": "1e99"},
     {"run": ""}, {"run": ",".join(f"{each:032x}" for each in range(201))}],
)  # fmt: skip
def test_a_wrong_question_is_said_to_be_one(client: Client, bob, run, query):
    client.force_login(bob)
    assert client.get("/runs/curves", {"run": run.pk.hex, "key": "loss", **query}).status_code == 400
