"""Logged models over the wire: their life, who may touch them, and what their calls leave behind."""

import json
from typing import Any

import pytest

from tests.experiments.artifact_calls import API, experiment_make, model_make, run_make
from tests.live.databases import row_counts
from tests.live.portal import Portal
from tests.live.wire import Wire

pytestmark = pytest.mark.slow

MODELS = f"{API}/logged-models"
# A refusal is written to the audit log, which is no change of data.
LOGS = frozenset({"audit_auditevent", "audit_auditdetail"})


@pytest.fixture
def eve(portal_server: Portal) -> Wire:
    return portal_server.wire("eve")


@pytest.fixture
def model(eve: Wire) -> dict[str, Any]:
    return model_make(
        eve, name="net", tags=[{"key": "a", "value": "1"}], params=[{"key": "depth", "value": "3"}]
    )


def get(wire: Wire, model_id: str) -> Any:
    return wire.send("GET", f"{MODELS}/{model_id}").json


def pairs(entries: list[dict[str, str]]) -> dict[str, str]:
    return {entry["key"]: entry["value"] for entry in entries}


def test_a_new_model_is_pending_and_reads_as_it_was_made(eve: Wire) -> None:
    run = run_make(eve)
    sent = {
        "experiment_id": run["experiment_id"], "name": "net", "model_type": "Agent",
        "source_run_id": run["run_id"],
        "tags": [{"key": "a", "value": "1"}], "params": [{"key": "depth", "value": "3"}],
    }  # fmt: skip
    made = eve.json("POST", MODELS, sent).json["model"]
    assert made["info"]["model_id"].startswith("m-")
    assert made["info"]["status"] == "LOGGED_MODEL_PENDING"
    assert made["info"]["source_run_id"] == run["run_id"]
    assert made["info"]["artifact_uri"].endswith(
        f"/{run['experiment_id']}/models/{made['info']['model_id']}/artifacts"
    )
    assert made["info"]["tags"] == [{"key": "a", "value": "1"}]
    assert made["data"] == {"params": [{"key": "depth", "value": "3"}]}
    assert get(eve, made["info"]["model_id"]) == {"model": made}


def test_finalizing_sets_the_status(eve: Wire, model: dict[str, Any]) -> None:
    path = f"{MODELS}/{model['model_id']}"
    ready = eve.json("PATCH", path, {"model_id": model["model_id"], "status": "LOGGED_MODEL_READY"})
    assert ready.json["model"]["info"]["status"] == "LOGGED_MODEL_READY"
    assert ready.json["model"]["info"]["last_updated_timestamp_ms"] >= model["last_updated_timestamp_ms"]
    failed = eve.json("PATCH", path, {"modelId": model["model_id"], "status": 3})
    assert failed.json["model"]["info"]["status"] == "LOGGED_MODEL_UPLOAD_FAILED"
    other = model_make(eve)
    mixed = eve.json("PATCH", path, {"model_id": other["model_id"], "status": "LOGGED_MODEL_READY"})
    assert mixed.status == 400
    assert get(eve, other["model_id"])["model"]["info"]["status"] == "LOGGED_MODEL_PENDING"


def test_tags_are_set_overwritten_and_removed(eve: Wire, model: dict[str, Any]) -> None:
    path = f"{MODELS}/{model['model_id']}/tags"
    tags = [{"key": "a", "value": "2"}, {"key": "b/c d", "value": "é"}]
    assert eve.json("PATCH", path, {"tags": tags}).json == {}
    assert pairs(get(eve, model["model_id"])["model"]["info"]["tags"]) == {"a": "2", "b/c d": "é"}
    assert eve.send("DELETE", f"{path}/b%2Fc%20d").json == {}
    assert pairs(get(eve, model["model_id"])["model"]["info"]["tags"]) == {"a": "2"}
    gone = eve.send("DELETE", f"{path}/b%2Fc%20d")
    assert (gone.status, gone.json["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")


def test_params_are_written_once(eve: Wire, model: dict[str, Any]) -> None:
    path = f"{MODELS}/{model['model_id']}/params"
    sent = {"model_id": model["model_id"], "params": [{"key": "lr", "value": "0.1"}]}
    assert eve.json("POST", path, sent).json == {}
    assert eve.json("POST", path, sent).json == {}
    changed = {
        "model_id": model["model_id"],
        "params": [{"key": "new", "value": "1"}, {"key": "lr", "value": "9"}],
    }
    assert eve.json("POST", path, changed).status == 400
    assert pairs(get(eve, model["model_id"])["model"]["data"]["params"]) == {"depth": "3", "lr": "0.1"}


def test_a_deleted_model_is_shown_only_when_asked_for(eve: Wire, model: dict[str, Any]) -> None:
    path = f"{MODELS}/{model['model_id']}"
    assert eve.send("DELETE", path).json == {}
    gone = eve.send("GET", path)
    assert (gone.status, gone.json["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert eve.send("GET", f"{path}?allow_deleted=true").json["model"]["info"]["name"] == "net"
    assert eve.send("GET", f"{path}/artifacts/directories").status == 404


def test_metrics_of_a_model_are_logged_with_the_runs(eve: Wire) -> None:
    run = run_make(eve)
    model = model_make(eve, experiment_id=run["experiment_id"])
    point = {"key": "auc", "value": 0.9, "timestamp": 5, "step": 2, "model_id": model["model_id"]}
    named = {**point, "dataset_name": "iris", "dataset_digest": "d1"}
    batch = {"run_id": run["run_id"], "metrics": [point, named, {**point, "value": "NaN", "step": 3}]}
    assert eve.json("POST", f"{API}/runs/log-batch", batch).json == {}
    assert eve.json("POST", f"{API}/runs/log-batch", batch).json == {}, "again: no point twice"
    assert (
        eve.json("POST", f"{API}/runs/log-metric", {"run_id": run["run_id"], **point, "key": "f1"}).json == {}
    )
    found = get(eve, model["model_id"])["model"]["data"]["metrics"]
    shown = {"model_id": model["model_id"], "run_id": run["run_id"], "timestamp": 5}
    assert sorted(found, key=lambda each: (each["key"], each["step"], len(each))) == [
        {**shown, "key": "auc", "value": 0.9, "step": 2},
        {**shown, "key": "auc", "value": 0.9, "step": 2, "dataset_name": "iris", "dataset_digest": "d1"},
        {**shown, "key": "auc", "value": "NaN", "step": 3},
        {**shown, "key": "f1", "value": 0.9, "step": 2},
    ]
    by_dataset = {
        "experiment_ids": [run["experiment_id"]],
        "filter": "metrics.auc > 0.5",
        "datasets": [{"dataset_name": "iris"}],
    }
    searched = eve.json("POST", f"{MODELS}/search", by_dataset).json
    assert [each["info"]["model_id"] for each in searched["models"]] == [model["model_id"]]


def test_a_point_that_names_a_foreign_model_is_refused_whole(portal_server: Portal, eve: Wire) -> None:
    foreign, run = model_make(portal_server.wire("cleo")), run_make(eve)
    for model_id in (foreign["model_id"], "m-" + "0" * 32, "nonsense"):
        sent = {"run_id": run["run_id"], "key": "auc", "value": 1, "timestamp": 1, "model_id": model_id}
        reply = eve.json("POST", f"{API}/runs/log-metric", sent)
        assert (reply.status, reply.json["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert eve.send("GET", f"{API}/runs/get?run_id={run['run_id']}").json["run"]["data"].keys() == {"tags"}
    assert get(portal_server.wire("cleo"), foreign["model_id"])["model"]["data"] == {}


def test_search_pages_through_the_models_of_an_experiment(eve: Wire) -> None:
    experiment_id = experiment_make(eve)
    made = [
        model_make(eve, experiment_id=experiment_id, name=f"net-{number}")["model_id"] for number in range(5)
    ]
    found: list[str] = []
    sent: dict[str, Any] = {"experiment_ids": [experiment_id], "max_results": 2}
    while True:
        page = eve.json("POST", f"{MODELS}/search", sent).json
        found += [each["info"]["model_id"] for each in page.get("models", [])]
        if not page.get("next_page_token"):
            break
        sent["page_token"] = page["next_page_token"]
    assert sorted(found) == sorted(made)
    assert eve.json("POST", f"{MODELS}/search", {"experiment_ids": ["999999999"]}).json == {}


def every_call(model: dict[str, Any]) -> list[tuple[str, str, Any, bool]]:
    """Method, path, body of every call about one model, and whether it writes."""
    path, model_id = f"{MODELS}/{model['model_id']}", model["model_id"]
    return [
        ("GET", path, None, False),
        ("GET", f"{path}/artifacts/directories", None, False),
        ("GET", f"{path}/artifacts/files?artifact_file_path=x", None, False),
        ("PATCH", path, {"model_id": model_id, "status": "LOGGED_MODEL_READY"}, True),
        ("PATCH", f"{path}/tags", {"tags": [{"key": "x", "value": "y"}]}, True),
        ("DELETE", f"{path}/tags/a", None, True),
        ("POST", f"{path}/params", {"model_id": model_id, "params": [{"key": "x", "value": "y"}]}, True),
        ("DELETE", path, None, True),
        ("POST", MODELS, {"experiment_id": model["experiment_id"], "name": "other"}, True),
    ]


@pytest.mark.parametrize("twin", ["/api", "/ajax-api"])
def test_viewers_read_and_outsiders_find_nothing(
    portal_server: Portal, model: dict[str, Any], twin: str
) -> None:
    for person in ("bob", "cleo", "ann-reads"):
        wire = portal_server.wire(person)
        get(wire, model["model_id"])
        before = row_counts(portal_server.url, without=LOGS)
        for method, path, body, writes in every_call(model):
            reply = wire.json(method, path.replace("/api", twin, 1), body)
            allowed = (403,) if writes else (200, 404)
            expected = (404,) if person == "cleo" else allowed
            assert (person, method, path, reply.status in expected) == (person, method, path, True), reply
        assert row_counts(portal_server.url, without=LOGS) == before
    unknown = {**model, "model_id": "m-" + "0" * 32, "experiment_id": "999999999"}
    cleo = portal_server.wire("cleo")
    for (method, hidden, body, _), (_, missing, other, _) in zip(
        every_call(model), every_call(unknown), strict=True
    ):
        seen, not_there = cleo.json(method, hidden, body), cleo.json(method, missing, other)
        assert seen.status == not_there.status == 404
        for known, made_up in (
            (model["model_id"], unknown["model_id"]),
            (model["experiment_id"], "999999999"),
        ):
            seen_body = seen.body.replace(known.encode(), made_up.encode())
            if known.encode() in seen.body:
                assert seen_body == not_there.body


def test_the_source_run_must_be_visible_and_of_the_same_workspace(portal_server: Portal, eve: Wire) -> None:
    foreign = run_make(portal_server.wire("cleo"))
    for run_id in (foreign["run_id"], "0" * 32):
        sent = {"experiment_id": experiment_make(eve), "source_run_id": run_id}
        assert eve.json("POST", MODELS, sent).status == 404
    both = portal_server.wire("max")  # a contributor in both workspaces
    own = experiment_make(eve)
    sent = {"experiment_id": own, "source_run_id": foreign["run_id"]}
    assert both.json("POST", MODELS, sent).status == 404


@pytest.mark.parametrize(
    "fields",
    [
        {"experiment_id": ""},
        {"experiment_id": 7},
        {"name": "a/b"},
        {"name": "a:b"},
        {"name": "n" * 501},
        {"name": "a\x00b"},
        {"tags": "a"},
        {"tags": [{"key": "", "value": "x"}]},
        {"tags": [{"key": "k" * 251, "value": "x"}]},
        {"params": [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]},
        {"model_type": "t" * 501},
    ],
)
def test_bad_models_are_refused(portal_server: Portal, eve: Wire, fields: dict[str, Any]) -> None:
    experiment_id = experiment_make(eve)
    before = row_counts(portal_server.url)
    reply = eve.json("POST", MODELS, {"experiment_id": experiment_id, **fields})
    assert (reply.status, reply.json["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert row_counts(portal_server.url) == before


@pytest.mark.parametrize("model_id", ["m-1", "%00", "m-" + "0" * 33, "%ff", "..%2f..", "x" * 5000])
def test_odd_ids_do_not_exist(eve: Wire, model_id: str) -> None:
    assert eve.send("GET", f"{MODELS}/{model_id}").status in (400, 404)


def test_acts_on_a_model_are_audited_and_its_params_are_not(
    portal_server: Portal, model: dict[str, Any]
) -> None:
    eve, path = portal_server.wire("eve"), f"{MODELS}/{model['model_id']}"
    for method, target, body, writes in every_call(model)[:-1]:
        if writes:
            assert eve.json(method, target, body).status == 200, target
    assert portal_server.wire("bob").send("DELETE", path).status == 403
    events = json.loads(
        portal_server.run("-m", "tests.experiments.audit_of", "loggedmodel", model["model_id"])
    )
    assert [(event["action"].removeprefix("experiments.model."), event["outcome"]) for event in events] == [
        ("create", "done"),
        ("update", "done"),
        ("tag", "done"),
        ("tag", "done"),
        ("delete", "done"),
        ("delete", "denied"),
    ]
    assert events[2]["changes"] == {"tags.x": [None, "y"]}
    assert events[3]["changes"] == {"tags.a": ["1", None]}
