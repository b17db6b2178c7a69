"""How many statements each endpoint of tracking costs: kept in query_counts.json, so that more is a decision."""

import json
from pathlib import Path
from typing import Any

import pytest

from experiments.models import ExperimentTag, Param, RunTag
from experiments.protocol import experiments, metrics, runs, server
from portal.accounts.models import ApiToken
from portal.kernel import sql
from portal.kernel.clock import now
from tests.experiments.statements import statements

pytestmark = pytest.mark.django_db

COUNTS = json.loads((Path(__file__).parent / "query_counts.json").read_text())
ENDPOINTS = [each for module in (server, experiments, runs, metrics) for each in module.ENDPOINTS]
POINT = {"key": "loss", "value": 1.0, "timestamp": 1, "step": 0}
TAG = {"key": "team", "value": "risk"}
PARAM = {"key": "lr", "value": "0.1"}
# What is not in here needs nothing but the id of the run or experiment.
FIELDS: dict[str, dict[str, Any]] = {
    "POST experiments/create": {"name": "churn", "tags": [TAG]},
    "GET experiments/get-by-name": {"experiment_name": "scoring"},
    "POST experiments/update": {"new_name": "ranking"},
    "POST experiments/set-experiment-tag": {"key": "a", "value": "b"},
    "POST experiments/delete-experiment-tag": {"key": "team"},
    "POST runs/create": {"tags": [TAG]},
    "POST runs/update": {"status": "FINISHED", "end_time": 5},
    "POST runs/search": {},
    "POST runs/log-metric": POINT,
    "POST runs/log-parameter": PARAM,
    "POST runs/set-tag": {"key": "a", "value": "b"},
    "POST runs/delete-tag": {"key": "team"},
    "GET metrics/get-history": {"metric_key": "loss"},
    "GET metrics/get-history-bulk": {"metric_key": "loss"},
    "GET metrics/get-history-bulk-interval": {"metric_key": "loss"},
}
# The same endpoint in other ways that matter.
VARIANTS: dict[str, dict[str, Any]] = {
    "POST runs/log-batch": {"metrics": [POINT]},
    "POST runs/log-batch, params": {"params": [PARAM]},
    "POST runs/log-batch, everything": {"metrics": [POINT], "params": [PARAM], "tags": [TAG]},
    "GET metrics/get-history, a page": {"metric_key": "loss", "max_results": 1},
    "GET metrics/get-history-bulk-interval, steps": {"metric_key": "loss", "start_step": 0, "end_step": 9},
    "GET runs/get, stored": {},
}
NAMED_RUNS = {"get-history-bulk": "run_id", "get-history-bulk-interval": "run_ids"}


def names():
    for endpoint in ENDPOINTS:
        if "workspaces" in endpoint.path and endpoint.method != "GET":
            continue  # refused for everybody
        yield f"{endpoint.method} {endpoint.path.split('mlflow/')[1]}"


@pytest.fixture
def send(caller, experiment, run):
    """Sends the call of a name, as ann, whose token was used a moment ago."""
    client = caller("ann")
    client.get(
        "experiments/get", experiment_id="0"
    )  # the default experiment is made once, not with every call
    client.post("runs/log-batch", run_id=run.pk.hex, metrics=[POINT])
    RunTag.objects.create(run=run, experiment_id=experiment.pk, key="team", value="old")
    ExperimentTag.objects.create(experiment=experiment, key="team", value="old")
    ApiToken.objects.update(last_used_at=now(), last_used_address="127.0.0.1")

    def go(name):
        method, path = name.split(",")[0].split()
        fields = {**FIELDS.get(name, {}), **VARIANTS.get(name, {})}
        if path.startswith(("experiments/", "runs/create", "runs/search")):
            fields |= {"experiment_ids": [str(experiment.pk)]} if path == "runs/search" else {}
            fields |= (
                {"experiment_id": str(experiment.pk)}
                if path not in ("experiments/create", "runs/search")
                else {}
            )
        else:
            fields |= {NAMED_RUNS.get(path.rpartition("/")[2], "run_id"): run.pk.hex}
        if path.startswith(("server", "workspaces")):
            return client.send(method, f"/api/3.0/mlflow/{path}".replace("{name}", "credit"))
        return (client.get if method == "GET" else client.post)(path, **fields)

    return go


@pytest.mark.parametrize("name", [*names(), *(name for name in VARIANTS if "," in name)])
def test_statements(send, experiment, run, name):
    if name == "POST experiments/restore":
        type(experiment).objects.update(lifecycle_stage="deleted")
    if name == "GET runs/get, stored":
        type(run).objects.update(status="FINISHED")
        send(name)
    with statements() as count:
        reply = send(name)
    assert reply.status == 200, reply
    assert count[0] == COUNTS.get(name), (
        f"{name}: {count[0]} statements. Mean it? Then say so in query_counts.json."
    )


def test_nothing_else_is_listed():
    assert COUNTS.keys() == {*names(), *VARIANTS}


@pytest.mark.parametrize("name", ["POST runs/search", "POST experiments/search", "GET metrics/get-history"])
def test_more_rows_cost_no_more_statements(send, caller, experiment, new_run, name):
    for number in range(30):
        made = new_run(status="FINISHED")
        Param.objects.create(run=made, experiment_id=experiment.pk, key="lr", value=str(number))
        caller("ann").post("experiments/create", name=f"more {number}", tags=[TAG])
    send("POST runs/search")
    with statements() as count:
        assert send(name).status == 200
    assert count[0] == COUNTS[name]


def test_the_counter_sees_every_kind_of_statement(experiment):
    with statements() as count:
        list(type(experiment).objects.all())
        sql.rows("SELECT 1")
        sql.execute("SELECT %s::int", (1,))
    assert count == [3]
