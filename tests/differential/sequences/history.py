"""Metric history: whole, in pages, of many runs at once, and thinned."""

from typing import Any

from tests.differential.calls import Step, experiment, get, post, run


def _points(key: str, steps: Any, *, time: int = 1_000) -> list[dict[str, Any]]:
    return [{"key": key, "value": step * 0.5, "timestamp": time + step, "step": step} for step in steps]


def _fill(note: str, name: str, metrics: list[dict[str, Any]]) -> Step:
    return post(note, "runs/log-batch", {"run_id": f"${name}", "metrics": metrics})


_FILLED = [
    experiment(),
    *[run(name) for name in ("run", "sparse", "short", "empty")],
    _fill("600 points", "run", _points("loss", range(600))),
    _fill("400 more", "run", _points("loss", range(600, 1000))),
    _fill("sparse points", "sparse", _points("loss", range(0, 5_000, 37))),
    _fill("few points", "short", _points("loss", [5, 3, 9, 3])),
    _fill("negative steps", "short", _points("neg", range(-20, 20, 3))),
]


def _history(note: str, **query: Any) -> Step:
    return get(note, "metrics/get-history", {"run_id": "$run", "metric_key": "loss", **query})


_SINGLE = [
    *_FILLED,
    _history("whole"),
    *[_history(f"max_results {value}", max_results=value) for value in ("1", "999", "1000", "1001", "0", "-1", "x")],
    get(
        "page 1", "metrics/get-history", {"run_id": "$run", "metric_key": "loss", "max_results": 400},
        save={"token": "next_page_token"},
    ),
    get(
        "page 2", "metrics/get-history",
        {"run_id": "$run", "metric_key": "loss", "max_results": 400, "page_token": "$token"},
        save={"token2": "next_page_token"},
    ),
    get(
        "page 3", "metrics/get-history",
        {"run_id": "$run", "metric_key": "loss", "max_results": 400, "page_token": "$token2"},
    ),
    _history("bad token", max_results=10, page_token="no token"),
    _history("empty token", max_results=3, page_token=""),
    get("unordered points", "metrics/get-history", {"run_id": "$short", "metric_key": "loss"}),
    get("a run without points", "metrics/get-history", {"run_id": "$empty", "metric_key": "loss"}),
    get("no key", "metrics/get-history", {"run_id": "$run"}),
    get("empty key", "metrics/get-history", {"run_id": "$run", "metric_key": ""}),
    get("no run", "metrics/get-history", {"metric_key": "loss"}),
    get("by run_uuid", "metrics/get-history", {"run_uuid": "$short", "metric_key": "loss"}),
]  # fmt: skip

_BULK_PATH = "/ajax-api/2.0/mlflow/metrics/get-history-bulk"


def _bulk(note: str, runs: Any, **query: Any) -> Step:
    pairs = [("run_id", name) for name in runs]
    return get(note, _BULK_PATH, [*pairs, *({"metric_key": "loss"} | query).items()])


_BULK = [
    *_FILLED,
    _bulk("one", ["$short"]),
    _bulk("one long", ["$run"]),
    _bulk("empty run", ["$empty"]),
    _bulk("unknown run", ["0" * 32]),
    _bulk("unknown key", ["$run"], metric_key="nobody"),
    _bulk("cut", ["$run"], max_results=10),
    _bulk("cut to none", ["$run"], max_results=0),
    _bulk("negative", ["$run"], max_results=-1),
    _bulk("word", ["$run"], max_results="x"),
    get("no run", _BULK_PATH, {"metric_key": "loss"}),
    get("no key", _BULK_PATH, {"run_id": "$run"}),
    _bulk("100 runs", ["0" * 32] * 100),
    _bulk("101 runs", ["0" * 32] * 101),
]

_TWINS = (
    "/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval",
    "/api/2.0/mlflow/metrics/get-history-bulk-interval",
)


def _interval(note: str, runs: Any, path: str = _TWINS[0], **query: Any) -> Step:
    pairs = [("run_ids", name) for name in runs]
    return get(note, path, [*pairs, *({"metric_key": "loss"} | query).items()])


_INTERVAL = [
    *_FILLED,
    _interval("all of a short run", ["$short"]),
    _interval("10 of 1000", ["$run"], max_results=10),
    _interval("320 of 1000", ["$run"], max_results=320),
    _interval("1 of 1000", ["$run"], max_results=1),
    _interval("2 of 1000", ["$run"], max_results=2),
    _interval("7 of the sparse", ["$sparse"], max_results=7),
    _interval("as many as there are", ["$run"], max_results=1000),
    _interval("more than there are", ["$run"], max_results=1200),
    _interval("default", ["$run"]),
    _interval("from 100 to 300", ["$run"], start_step=100, end_step=300, max_results=20),
    _interval("a single step", ["$run"], start_step=100, end_step=100),
    _interval("outside", ["$run"], start_step=5_000, end_step=6_000),
    _interval("only a start", ["$run"], start_step=100),
    _interval("only an end", ["$run"], end_step=100),
    _interval("backwards", ["$run"], start_step=300, end_step=100),
    _interval("below zero", ["$short"], metric_key="neg", max_results=5),
    _interval("negative interval", ["$short"], metric_key="neg", start_step=-10, end_step=10),
    _interval("a run twice", ["$short", "$short"]),
    _interval("empty run", ["$empty"]),
    _interval("unknown run", ["0" * 32]),
    _interval("unknown key", ["$run"], metric_key="nobody"),
    *[
        _interval(f"max_results {value}", ["$run"], max_results=value)
        for value in ("0", "-1", "2500", "2501", "x", "1.5")
    ],
    *[
        _interval(f"start_step {value}", ["$run"], start_step=value, end_step=5)
        for value in ("x", "1.5", 2**31)
    ],
    get("no run", _TWINS[0], {"metric_key": "loss"}),
    get("no key", _TWINS[0], {"run_ids": "$run"}),
    _interval("101 runs", ["0" * 32] * 101),
    _interval("run_id instead", [], run_id="$run"),
    _interval("the api twin", ["$run"], path=_TWINS[1], max_results=10),
]

SEQUENCES: dict[str, list[Step]] = {"history": _SINGLE, "history bulk": _BULK, "history interval": _INTERVAL}
