"""Writers at the same moment: nothing is lost, and where only one may win, one does."""

import json
from functools import partial

import pytest

from experiments.models import Experiment, LatestMetric, Param, Run
from experiments.selectors.documents import run_document
from experiments.services import batches
from portal.accounts.actor import Actor
from tests.audit.events import recorded
from tests.experiments.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS, CALLS = 8, 20


def test_eight_writers_of_one_run_lose_nothing(caller, run):
    client = caller("ann")

    def write(writer):
        for call in range(CALLS):
            step = call * WRITERS + writer
            point = {"key": "loss", "value": step / 4, "timestamp": 1_000 + step, "step": step}
            own = {"key": f"own {writer}", "value": 1.0, "timestamp": 1, "step": call}
            param = {"key": f"p{step}", "value": str(step)}
            tags = [{"key": f"t{step}", "value": "x"}] if call % 5 == 0 else []
            assert client.post(
                "runs/log-batch", run_id=run.pk.hex, metrics=[point, own], params=[param] if call % 2 else [], tags=tags
            ).status == 200  # fmt: skip
            assert client.get("runs/get", run_id=run.pk.hex).status == 200

    at_once([partial(write, writer) for writer in range(WRITERS)])
    steps = range(WRITERS * CALLS)
    points = client.get("metrics/get-history", run_id=run.pk.hex, metric_key="loss").json["metrics"]
    assert [(point["step"], point["value"]) for point in points] == [(step, step / 4) for step in steps]
    latest = LatestMetric.objects.get(run=run, key="loss")
    assert (latest.step, latest.value, latest.timestamp) == (steps[-1], steps[-1] / 4, 1_000 + steps[-1])
    for writer in range(WRITERS):
        own = client.get("metrics/get-history", run_id=run.pk.hex, metric_key=f"own {writer}").json["metrics"]
        assert [point["step"] for point in own] == list(range(CALLS))
    assert Param.objects.filter(run=run).count() == WRITERS * CALLS // 2
    assert Run.objects.get(pk=run.pk).changes == WRITERS * CALLS
    assert len(recorded()) == WRITERS * CALLS // 5


def test_merges_and_writers_do_not_wait_for_each_other_in_a_circle(caller, run, monkeypatch):
    monkeypatch.setattr(batches, "MERGE_AFTER_CHUNKS", 2)
    client = caller("ann")

    def write(writer):
        for call in range(2 * CALLS):
            point = {"key": "loss", "value": 0.5, "timestamp": 1, "step": call * WRITERS + writer}
            reply = client.post("runs/log-metric", run_id=run.pk.hex, **point)
            assert reply.status == 200, reply

    at_once([partial(write, writer) for writer in range(WRITERS)])
    points = client.get("metrics/get-history", run_id=run.pk.hex, metric_key="loss").json["metrics"]
    assert [point["step"] for point in points] == list(range(2 * CALLS * WRITERS))


def test_one_value_of_a_param_wins(caller, run):
    client = caller("ann")

    def write(value):
        return client.post("runs/log-parameter", run_id=run.pk.hex, key="lr", value=str(value))

    def write_batch(value):
        return client.post("runs/log-batch", run_id=run.pk.hex, params=[{"key": "lr", "value": str(value)}])

    replies = at_once([partial(write if value % 2 else write_batch, value) for value in range(8)])
    won = [value for value, reply in enumerate(replies) if reply.status == 200]
    assert len(won) == 1
    assert {reply.error_code for reply in replies if reply.status != 200} == {"INVALID_PARAMETER_VALUE"}
    assert Param.objects.get().value == str(won[0])
    assert Run.objects.get(pk=run.pk).changes == 1


def test_the_default_experiment_is_made_once(caller, workspace):
    client = caller("cora")
    replies = at_once([partial(client.post, "runs/create", experiment_id="0") for _ in range(8)])
    assert [reply.status for reply in replies] == [200] * 8
    made = Experiment.objects.get()
    assert {reply.json["run"]["info"]["experiment_id"] for reply in replies} == {str(made.pk)}
    assert recorded(object_type="experiment") == [("experiments.experiment.create", "done")]
    assert Run.objects.count() == 8


def test_one_of_several_equal_names_wins(caller, workspace):
    client = caller("cora")
    replies = at_once([partial(client.post, "experiments/create", name="churn") for _ in range(8)])
    assert sorted(reply.status for reply in replies) == [200] + [400] * 7
    assert {reply.error_code for reply in replies if reply.status == 400} == {"RESOURCE_ALREADY_EXISTS"}


def test_no_run_stays_active_in_an_experiment_that_is_deleted(caller, experiment):
    client = caller("ann")
    create = partial(client.post, "runs/create", experiment_id=str(experiment.pk))
    delete = partial(client.post, "experiments/delete", experiment_id=str(experiment.pk))
    replies = at_once([create, create, create, delete, create, create])
    assert replies[3].status == 200
    made = [reply for at, reply in enumerate(replies) if at != 3 and reply.status == 200]
    assert Run.objects.filter(lifecycle_stage="deleted").count() == len(made) == Run.objects.count()


def test_readers_and_writers_of_an_ended_run_agree_in_the_end(caller, new_run):
    run, client = new_run(status="FINISHED"), caller("ann")

    def write(writer):
        for call in range(10):
            client.post("runs/set-tag", run_id=run.pk.hex, key=f"t{writer}", value=str(call))

    def read():
        seen = []
        for _ in range(30):
            tags = client.get("runs/get", run_id=run.pk.hex).json["run"]["data"].get("tags", [])
            seen.append({tag["key"]: int(tag["value"]) for tag in tags})
        return seen

    *_, first, second = at_once([partial(write, 0), partial(write, 1), read, read])
    for seen in (first, second):
        for key in ("t0", "t1"):
            values = [tags.get(key, -1) for tags in seen]
            assert values == sorted(values)  # nobody reads back in time
    body = json.loads(run_document(Actor.system("tests", actions=()), run.pk.hex))
    assert {tag["key"]: tag["value"] for tag in body["data"]["tags"]} == {"t0": "9", "t1": "9"}
