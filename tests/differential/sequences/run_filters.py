"""The filter language of runs, valid and not, on a handful of runs that differ in everything."""

from typing import Any

from tests.differential.calls import Step, experiment, post, run

_DATA: dict[str, dict[str, Any]] = {
    "one": {
        "metrics": {"acc": 0.5, "loss": 2.0},
        "params": {"lr": "0.1", "depth": "3"},
        "tags": {"team": "risk"},
    },
    "two": {
        "metrics": {"acc": 0.9, "loss": "NaN"},
        "params": {"lr": "0.01"},
        "tags": {"team": "Fraud", "env": "x_y"},
    },
    "three": {
        "metrics": {"acc": -1.0},
        "params": {"lr": "0.1", "note": "it's 100%"},
        "tags": {"team": "risk team"},
    },
    "four": {"metrics": {"acc": "Infinity", "a b/c": 4.0}, "params": {"a b": "x"}, "tags": {"a.b-c": "d"}},
    "five": {},
}


def _fill(name: str, data: dict[str, dict[str, Any]]) -> Step:
    metrics = [{"key": key, "value": value, "timestamp": 1} for key, value in data.get("metrics", {}).items()]
    pairs = {
        kind: [{"key": key, "value": value} for key, value in data.get(kind, {}).items()]
        for kind in ("params", "tags")
    }
    return post(f"fill {name}", "runs/log-batch", {"run_id": f"${name}", "metrics": metrics, **pairs})


FILLED = [
    experiment(),
    *[run(name, start_time=1_000 + 10 * index, user_id="ann") for index, name in enumerate(_DATA)],
    *[_fill(name, data) for name, data in _DATA.items()],
    post("finish one", "runs/update", {"run_id": "$one", "status": "FINISHED", "end_time": 5_000}),
    post("fail two", "runs/update", {"run_id": "$two", "status": "FAILED", "end_time": 6_000}),
    post(
        "inputs of one", "runs/log-inputs",
        {"run_id": "$one", "datasets": [{
            "tags": [{"key": "mlflow.data.context", "value": "train"}],
            "dataset": {"name": "iris", "digest": "d1", "source_type": "local", "source": "s"},
        }]},
    ),
]  # fmt: skip

VALID = [
    "", "metrics.acc > 0.6", "metrics.acc >= 0.5", "metrics.acc < 0", "metrics.acc <= 0.5", "metrics.acc = 0.9",
    "metrics.acc != 0.9", "metric.acc > 0.6", "metrics.`acc` > 0.6", 'metrics."acc" > 0.6', "metrics.acc > -2",
    "metrics.acc > 1e0", "metrics.loss > 0", "metrics.`a b/c` = 4", "metrics.nobody > 0", "metrics.acc > 1e400",
    "params.lr = '0.1'", 'params.lr = "0.1"', "params.lr != '0.1'", "params.lr LIKE '0.%'", "params.lr ILIKE '0.0%'",
    "param.lr = '0.1'", "parameter.lr = '0.1'", "parameters.lr = '0.1'", "params.`a b` = 'x'", "params.depth = '3'",
    'params.note = "it\'s 100%"', "params.nobody != 'x'", "params.lr IS NULL", "params.lr IS NOT NULL",
    "tags.team = 'risk'", "tags.team != 'risk'", "tags.team LIKE 'risk%'", "tags.team ILIKE 'fr%'",
    "tags.team LIKE 'Fr_ud'", "tags.env LIKE 'x\\_y'", "tags.env = 'x_y'", "tag.team = 'risk'", "tags.`a.b-c` = 'd'",
    "tags.a.b-c = 'd'", "tags.env IS NULL", "tags.env IS NOT NULL", "tags.mlflow.runName = 'one'",
    "attributes.status = 'FINISHED'", "status = 'FINISHED'", "attribute.status != 'FINISHED'", "status LIKE 'F%'",
    "status ILIKE 'fin%'", "run.status = 'RUNNING'", "status = 'finished'", "attr.status = 'FAILED'",
    "run_name = 'two'", "attributes.run_name LIKE 't%'", "attributes.`run name` = 'two'", "`Run name` = 'two'",
    "run_name != 'two'", "user_id = 'ann'", "start_time > 1010", "attributes.start_time <= 1010", "created > 1010",
    "end_time = 5000", "end_time > 0", "end_time != 5000", "artifact_uri LIKE '%artifacts'", "lifecycle_stage = 'active'",
    "datasets.name = 'iris'", "dataset.name LIKE 'ir%'", "datasets.digest = 'd1'", "datasets.context = 'train'",
    "datasets.name IN ('iris', 'wine')", "datasets.name != 'iris'", "datasets.context ILIKE 'TR%'",
    "metrics.acc > 0 AND params.lr = '0.1'", "metrics.acc > 0 and params.lr='0.1' AND tags.team = 'risk'",
    "status = 'FINISHED' AND datasets.name = 'iris' AND metrics.loss = 2", "metrics.acc>0.1 AND metrics.acc<0.8",
    "run_name IN ('one', 'two')", "run_name NOT IN ('one', 'two')", "status IN ('FINISHED','FAILED')",
    "  metrics.acc   >   0.6  ", "metrics.acc > 0.6 AND metrics.acc > 0.6",
]  # fmt: skip

INVALID = [
    "metrics.acc", "metrics.acc >", "> 0.5", "metrics.acc > 'a'", "metrics.acc LIKE 'a'", "metrics.acc = '0.5'",
    "metrics.acc == 0.5", "metrics.acc > 0.5 OR metrics.acc < 0", "NOT metrics.acc > 0", "(metrics.acc > 0.5)",
    "metrics.acc > 0.5 AND", "AND metrics.acc > 0.5", "metrics.acc > 0.5 AND AND metrics.loss > 0", "metrics > 0.5",
    "params.lr > '0.1'", "params.lr = 0.1", "params.lr = lr", "params.lr = 'unclosed", "params.lr = ''x'", "tags.t = 5",
    "tags.team > 'a'", "tags.team IN ('a')", "params.lr IN ('0.1')", "nobody = 'x'", "attributes.nobody = 'x'",
    "what.acc > 0.5", "status > 'A'", "start_time = 'a'", "start_time LIKE '1'", "run_name = 5", "run_name IN ()",
    "run_name IN ('a'", "run_name IN 'a'", "run_name IN (1, 2)", "datasets.nobody = 'x'", "datasets.name > 'a'",
    "datasets.name = 5", "metrics.acc > 0.5; DROP TABLE runs", "metrics.acc > 0.5 -- comment", "1 = 1", "''", "'a' = 'a'",
    "metrics.acc BETWEEN 0 AND 1", "metrics.acc > NaN", "metrics.acc > inf", "params.lr IS 'x'", "metrics.acc IS NULL",
    "status IS NULL", "run_id = 5", "metrics.acc > 0.5 metrics.loss > 0", "metrics..acc > 1", "metrics. acc > 1",
    "metrics.acc > (0.5)", "metrics.acc > 0x10", "params.`lr = '1'", "é = 1", "tags.`` = 'x'", "end_time IN (1)",
]  # fmt: skip


def _search(note: str, filter_: Any, **more: Any) -> Step:
    body = {"experiment_ids": ["$exp"], "filter": filter_, "order_by": ["start_time"], **more}
    return post(note, "runs/search", body)


_BY_ID = [
    *FILLED,
    _search("run_id", "run_id = '$one'"),
    _search("attributes.run_id", "attributes.run_id != '$one'"),
    _search("run_id in", "run_id IN ('$one', '$two')"),
    _search("run_id not in", "attributes.run_id NOT IN ('$one', '$two')"),
    _search("run_id like", "run_id LIKE '$one'"),
    *[_search(f"filter {value!r}", value) for value in (5, None, True, ["a"], {"a": 1}, "   ")],
]

SEQUENCES: dict[str, list[Step]] = {
    "run filters": [*FILLED, *[_search(text or "no filter", text) for text in VALID]],
    "run filters refused": [*FILLED, *[_search(text, text) for text in INVALID]],
    "run filters by id": _BY_ID,
}
