"""Runs: their life, what may be said at their creation, and what a deleted one refuses."""

from typing import Any

from tests.differential.calls import Step, experiment, get, get_run, post, run

_LIFE = [
    experiment(),
    run(tags=[{"key": "mlflow.user", "value": "ann"}, {"key": "mlflow.source.name", "value": "train.py"}]),
    get_run("get"),
    get("get by run_uuid", "runs/get", {"run_uuid": "$run"}),
    post("rename", "runs/update", {"run_id": "$run", "run_name": "new name"}),
    get_run("the name is a tag too"),
    post("finish", "runs/update", {"run_id": "$run", "status": "FINISHED", "end_time": 2_000}),
    post("run again", "runs/update", {"run_id": "$run", "status": "RUNNING"}),
    post("fail", "runs/update", {"run_id": "$run", "status": "FAILED", "end_time": 3_000}),
    post("kill", "runs/update", {"run_id": "$run", "status": "KILLED"}),
    post("schedule", "runs/update", {"run_id": "$run", "status": "SCHEDULED"}),
    post("status by number", "runs/update", {"run_id": "$run", "status": 3}),
    post("unknown status", "runs/update", {"run_id": "$run", "status": "DONE"}),
    post("unknown status number", "runs/update", {"run_id": "$run", "status": 9}),
    post("end before start", "runs/update", {"run_id": "$run", "end_time": 1}),
    post("end as text", "runs/update", {"run_id": "$run", "end_time": "5000"}),
    post("end as word", "runs/update", {"run_id": "$run", "end_time": "later"}),
    post("end too large", "runs/update", {"run_id": "$run", "end_time": 2**63}),
    post("end largest", "runs/update", {"run_id": "$run", "end_time": 2**63 - 1}),
    post("end zero", "runs/update", {"run_id": "$run", "end_time": 0}),
    post("nothing to update", "runs/update", {"run_id": "$run"}),
    post("empty name", "runs/update", {"run_id": "$run", "run_name": ""}),
    post("name of 250", "runs/update", {"run_id": "$run", "run_name": "n" * 250}),
    post("name as number", "runs/update", {"run_id": "$run", "run_name": 4}),
    post("update without id", "runs/update", {"status": "FINISHED"}),
    get_run("after all updates"),
]

_DELETED = [
    experiment(),
    run(),
    post("log before", "runs/log-metric", {"run_id": "$run", "key": "m", "value": 1.0, "timestamp": 10}),
    post("delete", "runs/delete", {"run_id": "$run"}),
    get_run("get deleted"),
    post("delete again", "runs/delete", {"run_id": "$run"}),
    post("metric", "runs/log-metric", {"run_id": "$run", "key": "m", "value": 2.0, "timestamp": 20}),
    post("param", "runs/log-parameter", {"run_id": "$run", "key": "p", "value": "1"}),
    post("batch", "runs/log-batch", {"run_id": "$run", "tags": [{"key": "t", "value": "1"}]}),
    post("tag", "runs/set-tag", {"run_id": "$run", "key": "t", "value": "1"}),
    post("delete tag", "runs/delete-tag", {"run_id": "$run", "key": "mlflow.runName"}),
    post("update", "runs/update", {"run_id": "$run", "status": "FINISHED"}),
    post("inputs", "runs/log-inputs", {"run_id": "$run", "datasets": []}),
    post("log-model", "runs/log-model", {"run_id": "$run", "model_json": "{}"}),
    get("history", "metrics/get-history", {"run_id": "$run", "metric_key": "m"}),
    post("not found by default", "runs/search", {"experiment_ids": ["$exp"]}),
    post("found as deleted", "runs/search", {"experiment_ids": ["$exp"], "run_view_type": "DELETED_ONLY"}),
    post("restore", "runs/restore", {"run_id": "$run"}),
    post("restore again", "runs/restore", {"run_id": "$run"}),
    get_run("get restored"),
    post("delete, experiment deleted", "experiments/delete", {"experiment_id": "$exp"}),
    post(
        "metric in a deleted experiment",
        "runs/log-metric",
        {"run_id": "$run", "key": "m", "value": 1, "timestamp": 1},
    ),
    post("restore in a deleted experiment", "runs/restore", {"run_id": "$run"}),
]


def _create(note: str, **fields: Any) -> Step:
    return post(note, "runs/create", {"experiment_id": "$exp", **fields})


_CREATE = [
    experiment(),
    _create("nothing given", start_time=None),
    _create("start time", start_time=456),
    _create("start time zero", start_time=0),
    _create("start time negative", start_time=-1),
    _create("start time as text", start_time="456"),
    _create("start time as word", start_time="now"),
    _create("start time with a fraction", start_time=1.5),
    _create("start time without a fraction", start_time=12.0),
    _create("start time largest", start_time=2**63 - 1),
    _create("start time too large", start_time=2**63),
    _create("user", start_time=1, user_id="carol"),
    _create("user as number", start_time=1, user_id=5),
    _create("name", start_time=1, run_name="my name"),
    _create("name as number", start_time=1, run_name=5),
    _create("name in a tag", start_time=1, tags=[{"key": "mlflow.runName", "value": "tagged"}]),
    _create("name twice, equal", start_time=1, run_name="x", tags=[{"key": "mlflow.runName", "value": "x"}]),
    _create(
        "name twice, different", start_time=1, run_name="x", tags=[{"key": "mlflow.runName", "value": "y"}]
    ),
    _create("name empty", start_time=1, run_name=""),
    _create("name of 250", start_time=1, run_name="n" * 250),
    _create("parent", start_time=1, tags=[{"key": "mlflow.parentRunId", "value": "7"}]),
    _create("tag without value", start_time=1, tags=[{"key": "a"}]),
    _create("tag without key", start_time=1, tags=[{"value": "a"}]),
    _create("tag twice", start_time=1, tags=[{"key": "a", "value": "1"}, {"key": "a", "value": "1"}]),
    _create("tag value of 8001", start_time=1, tags=[{"key": "a", "value": "v" * 8001}]),
    _create("tag key of 251", start_time=1, tags=[{"key": "k" * 251, "value": "v"}]),
    _create("tag value as number", start_time=1, tags=[{"key": "a", "value": 5}]),
    _create("tags as text", start_time=1, tags="a"),
    _create("tags of numbers", start_time=1, tags=[1, 2]),
    _create("unknown fields", start_time=1, colour="red", entry_point_name="main"),
    _create("camelCase", startTime=77, runName="camel", userId="dave"),
    _create("both spellings", start_time=1, startTime=2),
    post("experiment_id as number", "runs/create", {"experiment_id": 5, "start_time": 1}),
    post("experimentId", "runs/create", {"experimentId": "$exp", "start_time": 1}),
]

_BAD_IDS: list[Any] = ["0" * 32, "nobody", "", "a b", "../x", "A" * 32, "é", 31, None, ["a"], {"a": 1}, True]
_UNKNOWN = [
    step
    for value in _BAD_IDS
    for step in (
        post(f"update {value!r}", "runs/update", {"run_id": value, "status": "FINISHED"}),
        post(f"delete {value!r}", "runs/delete", {"run_id": value}),
        post(f"restore {value!r}", "runs/restore", {"run_id": value}),
        post(
            f"metric {value!r}", "runs/log-metric", {"run_id": value, "key": "m", "value": 1, "timestamp": 1}
        ),
        post(f"param {value!r}", "runs/log-parameter", {"run_id": value, "key": "m", "value": "1"}),
        post(f"tag {value!r}", "runs/set-tag", {"run_id": value, "key": "m", "value": "1"}),
        post(f"untag {value!r}", "runs/delete-tag", {"run_id": value, "key": "m"}),
        post(f"batch {value!r}", "runs/log-batch", {"run_id": value, "tags": [{"key": "a", "value": "b"}]}),
        post(f"inputs {value!r}", "runs/log-inputs", {"run_id": value, "datasets": []}),
    )
] + [
    step
    for value in ("0" * 32, "nobody", "", "a b", "../x", "A" * 32)
    for step in (
        get(f"get {value!r}", "runs/get", {"run_id": value}),
        get(f"history {value!r}", "metrics/get-history", {"run_id": value, "metric_key": "m"}),
        get(f"artifacts {value!r}", "artifacts/list", {"run_id": value}),
    )
]

SEQUENCES: dict[str, list[Step]] = {
    "run life": _LIFE,
    "run deleted": _DELETED,
    "run create": _CREATE,
    "run unknown": _UNKNOWN,
}
