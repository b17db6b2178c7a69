"""What a run read and made: datasets, models, and the older list of models in a tag."""

import json
from typing import Any

import pytest

from tests.experiments.artifact_calls import API, experiment_make, model_make, run_make
from tests.live.databases import row_counts
from tests.live.portal import Portal
from tests.live.wire import Wire

pytestmark = pytest.mark.slow

LOGS = frozenset({"audit_auditevent", "audit_auditdetail"})


@pytest.fixture
def eve(portal_server: Portal) -> Wire:
    return portal_server.wire("eve")


@pytest.fixture
def run(eve: Wire) -> dict[str, Any]:
    return run_make(eve)


def dataset(
    name: str = "iris", digest: str = "d1", context: str | None = "training", **more: str
) -> dict[str, Any]:
    tags = [] if context is None else [{"key": "mlflow.data.context", "value": context}]
    return {
        "tags": tags,
        "dataset": {"name": name, "digest": digest, "source_type": "http", "source": "{}", **more},
    }


def log(wire: Wire, run: dict[str, Any], **fields: Any) -> Any:
    return wire.json("POST", f"{API}/runs/log-inputs", {"run_id": run["run_id"], **fields})


def shown(wire: Wire, run: dict[str, Any]) -> Any:
    return wire.send("GET", f"{API}/runs/get?run_id={run['run_id']}").json["run"]


def test_inputs_show_up_in_the_run_even_when_it_was_read_before(eve: Wire, run: dict[str, Any]) -> None:
    eve.json("POST", f"{API}/runs/update", {"run_id": run["run_id"], "status": "FINISHED", "end_time": 2})
    assert shown(eve, run)["inputs"] == {}
    model = model_make(eve, experiment_id=run["experiment_id"])
    sent = dataset(schema="{}", profile="{}")
    assert log(eve, run, datasets=[sent], models=[{"model_id": model["model_id"]}]).json == {}
    assert shown(eve, run)["inputs"] == {
        "dataset_inputs": [sent],
        "model_inputs": [{"model_id": model["model_id"]}],
    }
    outputs = {"run_id": run["run_id"], "models": [{"model_id": model["model_id"], "step": 4}]}
    assert eve.json("POST", f"{API}/runs/outputs", outputs).json == {}
    assert shown(eve, run)["outputs"] == {"model_outputs": [{"model_id": model["model_id"], "step": 4}]}


def test_the_first_of_equal_datasets_stays(eve: Wire, run: dict[str, Any]) -> None:
    log(eve, run, datasets=[dataset(source="first"), dataset(source="second", context="test")])
    log(eve, run, datasets=[dataset(source="third", context="test")])
    found = shown(eve, run)["inputs"]["dataset_inputs"]
    assert [each["dataset"]["source"] for each in found] == ["first"]
    assert found[0]["tags"] == [{"key": "mlflow.data.context", "value": "training"}]


def test_summaries_name_every_dataset_and_context_once(portal_server: Portal, eve: Wire) -> None:
    experiment_id = experiment_make(eve)
    for context in ("training", "test", "test", None):
        log(eve, run_make(eve, experiment_id), datasets=[dataset(context=context)])
    path, sent = f"{API}/experiments/search-datasets", {"experiment_ids": [experiment_id]}
    base = {"experiment_id": experiment_id, "name": "iris", "digest": "d1"}
    found = eve.json("POST", path, sent).json["dataset_summaries"]
    assert sorted(found, key=lambda each: each.get("context", "")) == [
        base, {**base, "context": "test"}, {**base, "context": "training"},
    ]  # fmt: skip
    assert portal_server.wire("bob").json("POST", path, sent).json["dataset_summaries"] == found
    assert portal_server.wire("cleo").json("POST", path, sent).json == {}
    assert eve.json("POST", path, {"experiment_ids": []}).status == 400
    assert eve.json("POST", path, {"experiment_ids": ["1"] * 21}).status == 400


@pytest.mark.parametrize(
    "datasets",
    [
        [{"tags": []}],
        [dataset(name="n" * 501)],
        [dataset(digest="d" * 37)],
        [{"tags": [], "dataset": {"name": "a", "digest": "b"}}],
        [dataset(context="c" * 501)],
        "text",
        [dataset(), dataset(name="a\x00")],
    ],
)
def test_bad_inputs_leave_nothing(
    portal_server: Portal, eve: Wire, run: dict[str, Any], datasets: Any
) -> None:
    before = row_counts(portal_server.url)
    assert log(eve, run, datasets=datasets).status == 400
    assert row_counts(portal_server.url) == before


def test_a_foreign_model_is_no_input_and_no_output(
    portal_server: Portal, eve: Wire, run: dict[str, Any]
) -> None:
    own, foreign = model_make(eve), model_make(portal_server.wire("cleo"))
    for model_id in (foreign["model_id"], "m-" + "0" * 32, ""):
        models = [{"model_id": own["model_id"]}, {"model_id": model_id}]
        assert log(eve, run, datasets=[dataset()], models=models).status == 404
        sent = {"run_id": run["run_id"], "models": models}
        assert eve.json("POST", f"{API}/runs/outputs", sent).status == 404
    found = shown(eve, run)
    assert (found["inputs"], found.get("outputs", {})) == ({}, {})


def test_only_a_contributor_writes_and_only_to_an_active_run(
    portal_server: Portal, eve: Wire, run: dict[str, Any]
) -> None:
    model = {"artifact_path": "m", "flavors": {}, "utc_time_created": "now", "run_id": run["run_id"]}
    calls = {
        "log-inputs": {"run_id": run["run_id"], "datasets": [dataset()]},
        "outputs": {"run_id": run["run_id"], "models": [{"model_id": model_make(eve)["model_id"]}]},
        "log-model": {"run_id": run["run_id"], "model_json": json.dumps(model)},
    }
    expected = {"bob": 403, "ann-reads": 403, "cleo": 404}
    for person, status in expected.items():
        wire = portal_server.wire(person)
        wire.send("GET", f"{API}/runs/get?run_id={run['run_id']}")
        before = row_counts(portal_server.url, without=LOGS)
        for name, sent in calls.items():
            assert (person, name, wire.json("POST", f"{API}/runs/{name}", sent).status) == (
                person,
                name,
                status,
            )
        assert row_counts(portal_server.url, without=LOGS) == before
    eve.json("POST", f"{API}/runs/delete", {"run_id": run["run_id"]})
    for name, sent in calls.items():
        assert (name, eve.json("POST", f"{API}/runs/{name}", sent).status) == (name, 400)


def test_the_older_list_of_models_grows_in_a_tag(eve: Wire, run: dict[str, Any]) -> None:
    model = {
        "artifact_path": "m", "utc_time_created": "now", "run_id": run["run_id"], "model_uuid": "u",
        "flavors": {"sklearn": {"code": None, "config": {"big": 1}}},
    }  # fmt: skip
    sent = {"run_id": run["run_id"], "model_json": json.dumps(model)}
    for _ in range(2):
        assert eve.json("POST", f"{API}/runs/log-model", sent).json == {}
    tags = {tag["key"]: tag["value"] for tag in shown(eve, run)["data"]["tags"]}
    kept = {**model, "flavors": {"sklearn": {"code": None}}}
    assert json.loads(tags["mlflow.log-model.history"]) == [kept, kept]
    for text in ("{", "[]", "{}", '"x"'):
        bad = {"run_id": run["run_id"], "model_json": text}
        assert eve.json("POST", f"{API}/runs/log-model", bad).status == 400


def test_evaluation_datasets_say_that_they_are_off(eve: Wire) -> None:
    for method, path in (("POST", "create"), ("GET", "search"), ("POST", "d-1/records"), ("DELETE", "d-1")):
        reply = eve.json(method, f"/api/3.0/mlflow/datasets/{path}", {} if method == "POST" else None)
        assert (reply.status, reply.json["error_code"]) == (403, "FEATURE_DISABLED")
