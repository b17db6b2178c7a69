"""Single metric points: values, times and steps at their edges, and which point counts as the latest."""

from typing import Any

from tests.differential.calls import Step, experiment, get, get_run, post, raw, run

VALUES: list[Any] = [
    0, -0.0, 1, 1.5, -2.25, 1e-320, 5e-324, 1.7976931348623157e308, 2**53 + 1, 10**30, "1.5", "1e3", " 1", "NaN", "nan",
    "Infinity", "-Infinity", "inf", "abc", "", None, True, False, [1.0], {"v": 1},
]  # fmt: skip
WHOLE: list[Any] = [
    0, 1, -1, 2**31, 2**53 + 1, 2**63 - 1, -(2**63), 2**63, -(2**63) - 1, 10**40, "7", "-7", "x", "", 1.0, 1.5, 1e3,
    None, True, [1], {"a": 1},
]  # fmt: skip


def _log(note: str, key: str = "m", **fields: Any) -> Step:
    return post(
        note, "runs/log-metric", {"run_id": "$run", "key": key, "value": 1.0, "timestamp": 1, **fields}
    )


def _history(note: str, key: str) -> Step:
    return get(note, "metrics/get-history", {"run_id": "$run", "metric_key": key})


_VALUES = [
    experiment(),
    run(),
    *[_log(f"value {value!r} {index}", key=f"v{index:02}", value=value) for index, value in enumerate(VALUES)],
    get_run("kept"),
    *[_history(f"history {value!r} {index}", f"v{index:02}") for index, value in enumerate(VALUES)],
    *[
        raw(
            f"raw {text}", "runs/log-metric",
            b'{"run_id": "none", "key": "r", "timestamp": 1, "value": %s}' % text.encode(),
        )
        for text in ("NaN", "Infinity", "-Infinity", "nan", "1e999", "01", "+1", ".5", "1.", "0x10", "1_000")
    ],
]  # fmt: skip

_WHOLE = [
    experiment(),
    run(),
    *[_log(f"step {value!r}", key=f"s{index:02}", step=value) for index, value in enumerate(WHOLE)],
    *[_log(f"time {value!r}", key=f"t{index:02}", timestamp=value) for index, value in enumerate(WHOLE)],
    get_run("kept"),
    *[_history(f"step history {value!r}", f"s{index:02}") for index, value in enumerate(WHOLE)],
    *[_history(f"time history {value!r}", f"t{index:02}") for index, value in enumerate(WHOLE)],
]

_MISSING = [
    experiment(),
    run(),
    post("no value", "runs/log-metric", {"run_id": "$run", "key": "m", "timestamp": 1}),
    post("no time", "runs/log-metric", {"run_id": "$run", "key": "m", "value": 1}),
    post("no key", "runs/log-metric", {"run_id": "$run", "value": 1, "timestamp": 1}),
    post("no run", "runs/log-metric", {"key": "m", "value": 1, "timestamp": 1}),
    post("nothing", "runs/log-metric", {}),
    post(
        "number as run",
        "runs/log-metric",
        {"run_id": 31, "key": "m", "value": 41, "timestamp": 59, "step": 26},
    ),
    post("by run_uuid", "runs/log-metric", {"run_uuid": "$run", "key": "uuid", "value": 1, "timestamp": 1}),
    post(
        "both ids",
        "runs/log-metric",
        {"run_id": "$run", "run_uuid": "x", "key": "b", "value": 1, "timestamp": 1},
    ),
    post("camelCase", "runs/log-metric", {"runId": "$run", "key": "camel", "value": 1, "timestamp": 1}),
    post(
        "both spellings",
        "runs/log-metric",
        {"run_id": "$run", "runId": "x", "key": "b", "value": 1, "timestamp": 1},
    ),
    _log("unknown fields", colour="red", nested={"a": [1]}),
    _log("dataset without model", key="ds", dataset_name="d", dataset_digest="1"),
    _log("number as model", key="mm", model_id=5),
    _log("unknown model", key="um", model_id="m-" + "0" * 32),
    get_run("kept"),
]

# Step, time, value; the latest is the highest step, then the latest time, then the largest value.
_ORDERS: dict[str, list[tuple[int, int, Any]]] = {
    "rising": [(0, 10, 1.0), (1, 20, 2.0), (2, 30, 3.0)],
    "falling": [(2, 30, 3.0), (1, 20, 2.0), (0, 10, 1.0)],
    "same-step": [(1, 10, 1.0), (1, 30, 2.0), (1, 20, 3.0)],
    "same-time": [(1, 10, 1.0), (1, 10, 5.0), (1, 10, 3.0)],
    "repeated": [(1, 10, 1.0), (1, 10, 1.0), (1, 10, 1.0)],
    "negative": [(-5, 10, 1.0), (-1, 20, 2.0), (-3, 30, 3.0)],
    "nan-last": [(0, 10, 1.0), (1, 20, "NaN")],
    "nan-first": [(0, 10, "NaN"), (1, 20, 2.0)],
    "nan-and-number": [(0, 10, "NaN"), (0, 10, 2.0)],
    "number-and-nan": [(0, 10, 2.0), (0, 10, "NaN")],
    "nan-twice": [(0, 10, "NaN"), (0, 10, "NaN")],
    "infinite": [(0, 10, "Infinity"), (0, 10, 2.0), (0, 10, "-Infinity")],
    "time-falls": [(1, 30, 1.0), (2, 20, 2.0), (3, 10, 3.0)],
}
_LATEST = [
    experiment(),
    run(),
    *[
        _log(f"{name} {index}", key=name, step=step, timestamp=time, value=value)
        for name, points in _ORDERS.items()
        for index, (step, time, value) in enumerate(points)
    ],
    get_run("latest values"),
    *[_history(f"history of {name}", name) for name in _ORDERS],
    _history("history of an unknown key", "nobody"),
]

SEQUENCES: dict[str, list[Step]] = {
    "metric values": _VALUES,
    "metric whole numbers": _WHOLE,
    "metric fields": _MISSING,
    "metric latest": _LATEST,
}
