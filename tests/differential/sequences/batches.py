"""log-batch: limits, duplicates, half-wrong batches that must write nothing, and odd shapes."""

from typing import Any

from tests.differential.calls import Step, experiment, get, get_run, post, raw, run


def _points(count: int, key: str = "m", **more: Any) -> list[dict[str, Any]]:
    return [
        {"key": key, "value": index / 2, "timestamp": 100 + index, "step": index, **more}
        for index in range(count)
    ]


def _pairs(count: int, key: str) -> list[dict[str, str]]:
    return [{"key": f"{key}{index:04}", "value": str(index)} for index in range(count)]


def _log(note: str, run_name: str = "run", **fields: Any) -> Step:
    return post(note, "runs/log-batch", {"run_id": f"${run_name}", **fields})


_LIMITS = [
    experiment(),
    *[run(name) for name in ("run", "many", "full")],
    _log("nothing"),
    _log("empty lists", metrics=[], params=[], tags=[]),
    _log("1000 metrics", "many", metrics=_points(1000)),
    _log("1001 metrics", metrics=_points(1001)),
    _log("100 params", "many", params=_pairs(100, "p")),
    _log("101 params", params=_pairs(101, "p")),
    _log("100 tags", "many", tags=_pairs(100, "t")),
    _log("101 tags", tags=_pairs(101, "t")),
    _log("1000 of all kinds", "full", metrics=_points(800), params=_pairs(100, "p"), tags=_pairs(100, "t")),
    _log("1001 of all kinds", metrics=_points(801), params=_pairs(100, "p"), tags=_pairs(100, "t")),
    _log("over a million bytes", tags=_pairs(1, "t"), padding="x" * 1_000_000),
    get_run("refused batches wrote nothing"),
    get_run("many", "many"),
    get_run("full", "full"),
    get("history of 1000", "metrics/get-history", {"run_id": "$many", "metric_key": "m"}),
]

_REPEATS = [
    experiment(),
    run(),
    _log("a param twice, equal", params=[{"key": "a", "value": "1"}] * 2),
    _log("a param twice, different", params=[{"key": "b", "value": "1"}, {"key": "b", "value": "2"}]),
    _log("a tag twice", tags=[{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]),
    _log("a point twice", metrics=_points(1) * 2),
    _log("the point again", metrics=_points(1)),
    _log("first param", params=[{"key": "p", "value": "1"}]),
    _log("same param again", params=[{"key": "p", "value": "1"}]),
    _log("changed param", params=[{"key": "p", "value": "2"}], tags=[{"key": "with", "value": "param"}]),
    _log("changed param and a new one", params=[{"key": "p", "value": "2"}, {"key": "q", "value": "1"}]),
    _log("overwritten tag", tags=[{"key": "a", "value": "3"}]),
    _log("run name", tags=[{"key": "mlflow.runName", "value": "by batch"}]),
    get_run("kept"),
    get("history", "metrics/get-history", {"run_id": "$run", "metric_key": "m"}),
]

_GOOD = {"key": "good", "value": 1.0, "timestamp": 1, "step": 0}
_BAD_METRICS: dict[str, Any] = {
    "no key": {"value": 1.0, "timestamp": 1},
    "empty key": {"key": "", "value": 1.0, "timestamp": 1},
    "null key": {"key": None, "value": 1.0, "timestamp": 1},
    "number as key": {"key": 5, "value": 1.0, "timestamp": 1},
    "bad key": {"key": "a$b", "value": 1.0, "timestamp": 1},
    "path as key": {"key": "../a", "value": 1.0, "timestamp": 1},
    "long key": {"key": "k" * 251, "value": 1.0, "timestamp": 1},
    "no value": {"key": "a", "timestamp": 1},
    "null value": {"key": "a", "value": None, "timestamp": 1},
    "text as value": {"key": "a", "value": "high", "timestamp": 1},
    "boolean as value": {"key": "a", "value": True, "timestamp": 1},
    "no time": {"key": "a", "value": 1.0},
    "time as word": {"key": "a", "value": 1.0, "timestamp": "now"},
    "time too large": {"key": "a", "value": 1.0, "timestamp": 2**63},
    "step too large": {"key": "a", "value": 1.0, "timestamp": 1, "step": 2**63},
    "step with a fraction": {"key": "a", "value": 1.0, "timestamp": 1, "step": 0.5},
    "number instead": 5,
    "null instead": None,
    "list instead": [],
}
_BAD_PAIRS: dict[str, Any] = {
    "no key": {"value": "1"},
    "empty key": {"key": "", "value": "1"},
    "number as key": {"key": 5, "value": "1"},
    "bad key": {"key": "a$b", "value": "1"},
    "long key": {"key": "k" * 251, "value": "1"},
    "number as value": {"key": "a", "value": 1},
    "no value": {"key": "novalue"},
    "null value": {"key": "nullvalue", "value": None},
    "value of 6001": {"key": "v6001", "value": "v" * 6001},
    "value of 8001": {"key": "v8001", "value": "v" * 8001},
    "text instead": "a",
}
_WRONG = [
    experiment(),
    run(),
    *[
        _log(f"metric: {note}", metrics=[_GOOD, bad], tags=_pairs(1, "t"))
        for note, bad in _BAD_METRICS.items()
    ],
    *[_log(f"param: {note}", params=[bad], metrics=[_GOOD]) for note, bad in _BAD_PAIRS.items()],
    *[_log(f"tag: {note}", tags=[bad], metrics=[_GOOD]) for note, bad in _BAD_PAIRS.items()],
    *[
        _log(f"{name} as {value!r}", "run", **{name: value})
        for name in ("metrics", "params", "tags")
        for value in ("text", 5, {"key": "a"}, None, True)
    ],
    post("no run", "runs/log-batch", {"metrics": [_GOOD]}),
    post("run_uuid", "runs/log-batch", {"run_uuid": "$run", "metrics": [_GOOD]}),
    post("camelCase", "runs/log-batch", {"runId": "$run", "metrics": [_GOOD]}),
    get_run("kept"),
    get("history of the good one", "metrics/get-history", {"run_id": "$run", "metric_key": "good"}),
]

_MIXED = [
    experiment(),
    run(),
    _log(
        "values of all kinds",
        metrics=[
            {"key": "text", "value": "1.5", "timestamp": "7", "step": "8"},
            {"key": "nan", "value": "NaN", "timestamp": 1},
            {"key": "inf", "value": "Infinity", "timestamp": 1},
            {"key": "-inf", "value": "-Infinity", "timestamp": 1},
            {"key": "whole", "value": 5, "timestamp": 1.0, "step": 2.0},
            {"key": "edge", "value": 1, "timestamp": 2**63 - 1, "step": -(2**63)},
        ],
    ),
    _log("many keys", metrics=[{"key": f"k{n:03}", "value": n, "timestamp": n} for n in range(500)]),
    _log("keys in turn", metrics=[p for n in range(50) for p in (_points(1, f"x{n % 5}")[0] | {"step": n},)]),
    _log(
        "unordered steps", metrics=[{"key": "u", "value": n, "timestamp": 1, "step": -n} for n in range(50)]
    ),
    get_run("kept"),
    *[
        get(f"history of {key}", "metrics/get-history", {"run_id": "$run", "metric_key": key})
        for key in ("text", "nan", "inf", "-inf", "whole", "edge", "x0", "u")
    ],
    raw(
        "unicode escapes",
        "runs/log-batch",
        b'{"run_id": "none", "tags": [{"key": "\\u00e9", "value": "\\u96ea"}]}',
    ),
]

SEQUENCES: dict[str, list[Step]] = {
    "batch limits": _LIMITS,
    "batch repeats": _REPEATS,
    "batch wrong": _WRONG,
    "batch mixed": _MIXED,
}
