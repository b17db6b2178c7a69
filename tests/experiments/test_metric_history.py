"""Packed metric points are MLflow's metric points, however they came in."""

import json
from itertools import chain, pairwise
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiments.batch import Metrics
from experiments.models import LatestMetric, MetricChunk
from experiments.selectors import history
from experiments.selectors.history import history_bulk, history_json, history_page, history_sampled
from experiments.services import batches, packing
from experiments.services.batches import metrics_log
from experiments.services.packing import packed
from portal.accounts.actor import Actor
from portal.kernel import sql
from tests.experiments.metric_rules import Model, Point, shown, stored

KEYS = ("loss", "acc %s")
ACTOR = Actor.system("tests", actions={"experiments.run.log"})
STEPS = st.integers(-3, 12) | st.sampled_from([-(2**63), 2**63 - 1])
VALUES = st.sampled_from([0.0, -1.5, 0.1, 1e-300, 5e-324, 1e22]) | st.floats()
POINTS = st.tuples(st.sampled_from(KEYS), STEPS, st.integers(0, 4), VALUES)
ANY_BATCH = st.lists(POINTS, min_size=1, max_size=30)
# What a training loop does: one key, rising steps, in calls of one or of many.
LOOPS = st.builds(
    lambda start, calls, size: [
        [("loss", start + call * size + at, 10 + call, float(call - at)) for at in range(size)] for call in range(calls)
    ],
    st.integers(-20, 60), st.integers(1, 12), st.sampled_from([1, 1, 2, 9]),
)  # fmt: skip
PARTS = st.lists(ANY_BATCH.map(lambda batch: [batch]) | LOOPS, min_size=1, max_size=4)
HISTORIES = PARTS.map(lambda parts: list(chain.from_iterable(parts)))
INTERVALS = st.none() | st.tuples(st.integers(-5, 5), st.integers(0, 20)).map(
    lambda pair: (pair[0], pair[0] + pair[1])
)
SLOW_IS_FINE = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@pytest.fixture
def small():
    """Limits so low that a short history has full chunks, merges and several fetches."""
    with (
        patch.multiple(batches, MERGE_AFTER_CHUNKS=3, POINTS_PER_CHUNK=8, LOOSE_BELOW=4),
        patch.multiple(packing, POINTS_PER_CHUNK=8, LOOSE_BELOW=4),
        patch.multiple(history, CHUNKS_PER_FETCH=2, POINTS_PER_FETCH=16),
    ):
        yield


def columns(points):
    keys, steps, timestamps, values = zip(*points, strict=True)
    return Metrics(list(keys), list(values), list(timestamps), list(steps))


def log(run, model, *calls):
    for points in calls:
        metrics_log(actor=ACTOR, run_id=run.pk.hex, metrics=columns(points))
        model.log(points)


def parsed(run, key):
    text = b",".join(history_json(run.pk, key))
    metrics = json.loads(b"[" + text + b"]")
    assert {metric["key"] for metric in metrics} <= {key}
    return [stored(metric["step"], metric["timestamp"], float(metric["value"])) for metric in metrics]


def latest_of(run):
    rows = LatestMetric.objects.filter(run=run).values_list("key", "step", "timestamp", "value", "is_nan")
    return {key: tuple(point) for key, *point in rows}


def agrees(run, model, key, limit=5, steps=None):
    """Every way to read one key gives what MLflow would."""
    expected = model.history(key)
    assert parsed(run, key) == expected
    assert [shown(point) for point in history_page(run.pk, key, offset=0, limit=2**31 - 1)] == expected
    page = history_page(run.pk, key, offset=limit, limit=limit)
    assert [shown(point) for point in page] == expected[limit : 2 * limit]
    assert [shown(point) for _, point in history_bulk([run.pk], key, limit=limit)] == expected[:limit]
    sampled = history_sampled([run.pk], key, limit=limit, steps=steps)
    assert [shown(point) for point in sampled[run.pk]] == model.sampled(key, limit, steps)


@pytest.mark.slow
@settings(max_examples=120, deadline=None, suppress_health_check=SLOW_IS_FINE)
@given(calls=HISTORIES, limit=st.integers(1, 40), steps=INTERVALS)
def test_any_history(small, new_run, calls, limit, steps):
    run, model = new_run(), Model()
    log(run, model, *calls)
    assert latest_of(run) == model.latest
    for key in (*KEYS, "nothing"):
        agrees(run, model, key, limit, steps)


@settings(max_examples=200, deadline=None)
@given(points=st.lists(POINTS, min_size=1, max_size=60))
def test_packing(points):
    with patch.multiple(packing, POINTS_PER_CHUNK=8, LOOSE_BELOW=4):
        found = packed(columns(points))
    model = Model()
    model.log(points)
    assert dict(zip(found.keys, (shown(point) for point in found.latest), strict=True)) == model.latest
    seen: dict[str, list[Point]] = {}
    for key, start, count, is_sorted in zip(
        found.chunk_keys, found.starts, found.counts, found.sorted_flags, strict=True
    ):
        chunk = found.points[start - 1 : start - 1 + count]
        assert 1 <= count <= 8
        assert is_sorted == all(a[0] < b[0] and a[1] <= b[1] for a, b in pairwise(chunk))
        seen.setdefault(key, []).extend(shown(point) for point in chunk)
    assert {key: set(points) for key, points in seen.items()} == model.points
    for points in seen.values():
        assert [point[:3] for point in points] == sorted(point[:3] for point in points)


def is_in_order(run, key):
    ((in_order, _),) = sql.rows(history._IN_ORDER, {"run": run.pk, "key": key})
    return in_order


def test_a_training_loop_is_never_sorted(run):
    model = Model()
    log(run, model, *([("loss", step, 5 + step // 2, step / 3)] for step in range(300)))
    assert is_in_order(run, "loss")
    agrees(run, model, "loss", 7)
    with patch.object(history, "_sorted_columns", side_effect=AssertionError):
        assert len(parsed(run, "loss")) == 300


def test_64_loose_chunks_become_one(run):
    model = Model()
    log(run, model, *([("loss", step, step, 1.0)] for step in range(63)))
    assert MetricChunk.objects.count() == LatestMetric.objects.get().loose == 63
    log(run, model, [("loss", 63, 63, 1.0)])
    chunks = MetricChunk.objects.values_list("points", "first_step", "last_step", "is_sorted")
    assert list(chunks) == [(64, 0, 63, True)]
    assert LatestMetric.objects.get().loose == 0
    agrees(run, model, "loss")


def test_merged_points_of_one_step_stay_in_order(small, run):
    model = Model()
    values = [(1, float("nan")), (1, 5.0), (1, -5.0), (2, 1.0)]
    log(run, model, *([("loss", step, step, value)] for step, value in values))
    assert MetricChunk.objects.filter(points=3).exists()
    agrees(run, model, "loss", 3)


def test_points_without_steps_are_sorted(run):
    model = Model()
    log(run, model, *([("loss", 0, 100 - at, float(at % 7))] for at in range(70)))
    assert not is_in_order(run, "loss")
    with patch.object(history, "_ordered_columns", side_effect=AssertionError):
        agrees(run, model, "loss")


def test_a_repeated_call_leaves_the_ordered_path_and_no_repeated_point(run):
    model, call = Model(), [("loss", step, step, 1.0) for step in range(300)]
    log(run, model, call, call[100:200])
    assert not is_in_order(run, "loss")
    agrees(run, model, "loss", 31)


@pytest.mark.slow
@pytest.mark.parametrize("order", [1, -1])
def test_more_points_than_a_fetch_holds(run, order):
    model = Model()
    values = [float("nan") if step % 1000 == 5 else step / 7 for step in range(20_000)]
    points = [("loss", step, step * order + 30_000, value) for step, value in enumerate(values)]
    log(run, model, *(points[at : at + 1000] for at in range(0, 20_000, 1000)))
    assert is_in_order(run, "loss") == (order == 1)
    for limit in (1, 2, 319, 320, 19_999, 20_000, 20_001):
        agrees(run, model, "loss", limit)
    agrees(run, model, "loss", 50, (17, 15_002))


def test_several_runs_are_sampled_at_once(run, new_run):
    second, empty, model, unsorted = new_run(), new_run(), Model(), Model()
    log(run, model, [("loss", step, step, 0.5) for step in range(600)])
    log(second, unsorted, [("loss", 0, step, 0.5) for step in range(50)])
    found = history_sampled([second.pk, empty.pk, run.pk], "loss", limit=9)
    assert {run: [shown(point) for point in points] for run, points in found.items()} == {
        run.pk: model.sampled("loss", 9), second.pk: unsorted.sampled("loss", 9), empty.pk: [],
    }  # fmt: skip
    bulk = history_bulk([second.pk, run.pk], "loss", limit=620)
    assert [(key, shown(point)) for key, point in bulk] == [
        *((run.pk, point) for point in model.history("loss")),
        *((second.pk, point) for point in unsorted.history("loss")[:20]),
    ]


def test_a_merge_while_a_long_history_is_read_loses_nothing(run, monkeypatch):
    model = Model()
    log(run, model, [("loss", step, step, 0.5) for step in range(60 * 256)])
    log(run, model, *([("loss", 60 * 256 + at, 60 * 256 + at, 0.5)] for at in range(63)))
    portions = history_json(run.pk, "loss")
    begun = next(portions)
    log(run, Model(), [("loss", 10**6, 10**6, 0.5)])  # the 64th loose chunk: what is not yet read is merged
    text = b",".join([begun, *portions])
    steps = [metric["step"] for metric in json.loads(b"[" + text + b"]")]
    assert steps[: 60 * 256 + 63] == list(range(60 * 256 + 63))
