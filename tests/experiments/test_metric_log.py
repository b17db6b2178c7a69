"""experiments.run.log: one metric point."""

import pytest

from experiments.models import LatestMetric, MetricChunk, Run
from tests.audit.events import recorded
from tests.experiments.metric_rules import LARGEST
from tests.experiments.tracking import READERS, UNKNOWN_RUN, denied, invalid, like_unknown

LOG = "experiments.run.log"


def log(client, run_id, **fields):
    given = {"key": "loss", "value": 0.5, "timestamp": 3, "step": 1} | fields
    return client.post("runs/log-metric", run_id=run_id, **given)


def latest_of(run):
    return LatestMetric.objects.values_list("value", "is_nan", "step", "timestamp").get(run=run, key="loss")


@pytest.mark.parametrize("person", ["ann", "cora"])
def test_allowed(caller, run, person):
    assert log(caller(person), run.pk.hex).json == {}
    assert latest_of(run) == (0.5, False, 1, 3)
    assert MetricChunk.objects.get().values == [0.5]
    assert Run.objects.get(pk=run.pk).changes == run.changes + 1
    assert recorded() == []  # data, not an act


def test_repeated_is_one_point(caller, run):
    client = caller("ann")
    for _ in range(2):
        log(client, run.pk.hex)
    points = client.get("metrics/get-history", run_id=run.pk.hex, metric_key="loss").json["metrics"]
    assert points == [{"key": "loss", "value": 0.5, "timestamp": 3, "step": 1}]


@pytest.mark.parametrize(
    ("sent", "stored"),
    [("NaN", (0.0, True)), ("Infinity", (LARGEST, False)), ("-Infinity", (-LARGEST, False))],
)
def test_odd_numbers(caller, run, sent, stored):
    assert log(caller("ann"), run.pk.hex, value=sent).status == 200
    assert latest_of(run)[:2] == stored


@pytest.mark.parametrize("person", READERS)
def test_denied(caller, run, person):
    denied(lambda: log(caller(person), run.pk.hex), LOG)


def test_not_visible(caller, run):
    client = caller("cleo")
    like_unknown(lambda key: log(client, key), run.pk.hex, UNKNOWN_RUN)


def test_a_deleted_run_takes_none(caller, run):
    Run.objects.update(lifecycle_stage="deleted")
    client = caller("ann")
    invalid(lambda: log(client, run.pk.hex))


@pytest.mark.parametrize(
    "fields",
    [
        {"key": None}, {"key": ""}, {"key": "k" * 251}, {"key": 'a"b'}, {"key": "a\\b"}, {"key": "a,{b}"},
        {"value": None}, {"value": "x"}, {"timestamp": -1}, {"timestamp": None}, {"timestamp": 2**63},
        {"step": 2**63}, {"step": -(2**63) - 1}, {"step": 0.5},
    ],
)  # fmt: skip
def test_invalid(caller, run, fields):
    client = caller("ann")
    invalid(lambda: log(client, run.pk.hex, **fields))


@pytest.mark.parametrize("fields", [{"step": -(2**63)}, {"step": 2**63 - 1}, {"timestamp": 2**63 - 1}])
def test_the_ends_of_what_fits(caller, run, fields):
    client = caller("ann")
    assert log(client, run.pk.hex, **fields).status == 200
    (point,) = client.get("metrics/get-history", run_id=run.pk.hex, metric_key="loss").json["metrics"]
    assert point | fields == point
