"""Well-formed JSON with values that cannot be taken: wrong types, 64 bits exceeded, absurd filters."""

import time
from typing import Any

import pytest

from tests.bad_input.conftest import Target, Untouched, is_refusal
from tests.live.wire import Wire

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live")]
API = "/api/2.0/mlflow"
TOO_LARGE = [2**63, -(2**63) - 1, 10**30, 1e300, "9223372036854775808", 1.5, "x", "NaN", True, [], {}]


@pytest.mark.parametrize("value", TOO_LARGE, ids=repr)
def test_whole_numbers_out_of_range(value: Any, wire: Wire, target: Target, untouched: Untouched) -> None:
    point = {"run_id": target.run, "key": "k", "value": 1.0, "timestamp": 1, "step": 0}
    bodies = [
        ("runs/log-metric", {**point, "step": value}),
        ("runs/log-metric", {**point, "timestamp": value}),
        ("runs/log-batch", {"run_id": target.run, "metrics": [{**point, "step": value}]}),
        ("runs/log-batch", {"run_id": target.run, "metrics": [{**point, "timestamp": value}]}),
        ("runs/create", {"experiment_id": target.experiment, "start_time": value}),
        ("runs/update", {"run_id": target.run, "end_time": value}),
        ("runs/search", {"experiment_ids": [target.experiment], "max_results": value}),
    ]
    with untouched():
        for path, body in bodies:
            reply = wire.json("POST", f"{API}/{path}", body)
            assert is_refusal(reply), (path, body, reply)


@pytest.mark.parametrize("value", [5, 1.5, True, [], {}, ["a"], {"a": "b"}, "a\x00b", "\ud800"], ids=repr)
def test_texts_that_are_none(value: Any, wire: Wire, target: Target, untouched: Untouched) -> None:
    run = {"run_id": target.run}
    bodies = [
        ("experiments/create", {"name": value}),
        ("experiments/create", {"name": "ok", "tags": [{"key": "a", "value": value}]}),
        ("experiments/update", {"experiment_id": target.experiment, "new_name": value}),
        ("experiments/set-experiment-tag", {"experiment_id": target.experiment, "key": value, "value": "x"}),
        ("runs/create", {"experiment_id": target.experiment, "run_name": value}),
        ("runs/log-parameter", {**run, "key": "k", "value": value}),
        ("runs/log-parameter", {**run, "key": value, "value": "v"}),
        ("runs/set-tag", {**run, "key": "k", "value": value}),
        ("runs/log-metric", {**run, "key": value, "value": 1, "timestamp": 1}),
        ("runs/log-batch", {**run, "tags": [{"key": "k", "value": value}]}),
        ("runs/log-batch", {**run, "params": [{"key": value, "value": "v"}]}),
        ("runs/search", {"experiment_ids": [target.experiment], "filter": value}),
        ("logged-models", {"experiment_id": target.experiment, "name": value}),
    ]
    with untouched():
        for path, body in bodies:
            reply = wire.json("POST", f"{API}/{path}", body)
            assert is_refusal(reply), (path, body, reply)


_TERMS = " AND ".join(["metrics.a > 0"] * 1_000)


@pytest.mark.parametrize(
    "text",
    [
        _TERMS,
        " AND ".join(f"params.p{n} = 'x'" for n in range(1_000)),
        "(" * 10_000,
        "'" * 9_999,
        "`" * 9_999,
        "run_id IN (" + ",".join(["'a'"] * 100_000) + ")",
        "metrics.a > " + "9" * 10_000,
        "params." + "k" * 100_000 + " = 'x'",
        "params.a LIKE '" + "%" * 5_000 + "x'",
        "a " * 100_000,
        "metrics.a > 0 " + "AND " * 1_000,
    ],
    ids=lambda text: f"{text[:24]!r} of {len(text)}",
)
@pytest.mark.parametrize("path", ["runs/search", "experiments/search", "logged-models/search"])
def test_absurd_filters(
    path: str, text: str, wire: Wire, target: Target, untouched: Untouched, capsys: pytest.CaptureFixture[str]
) -> None:
    body = {"experiment_ids": [target.experiment], "filter": text, "max_results": 10}
    with untouched():
        start = time.perf_counter()
        reply = wire.json("POST", f"{API}/{path}", body)
        seconds = time.perf_counter() - start
    if seconds > 1:
        with capsys.disabled():
            print(f" {path}: {seconds:.2f} s for {text[:30]!r}")  # noqa: T201 - measured, not asserted
    is_plain = "LIKE" in text or "999" in text  # absurd, but one comparison like any other
    assert is_refusal(reply) or (is_plain and reply.status == 200), (reply.status, reply.body[:500])


def test_absurd_orders(wire: Wire, target: Target, untouched: Untouched) -> None:
    for order in (
        ["metrics.a"] * 1_000,
        ["start_time" + " DESC" * 1_000],
        ["x" * 100_000],
        [f"params.p{n}" for n in range(1_000)],
    ):
        with untouched():
            body = {"experiment_ids": [target.experiment], "order_by": order}
            assert is_refusal(wire.json("POST", f"{API}/runs/search", body)), order[0][:50]


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc",
        "FILE:///etc",
        "file:/etc",
        "/etc",
        "etc",
        "../x",
        "s3://bucket/x",
        "gs://bucket/x",
        "http://127.0.0.1/x",
        "http:///#/../../etc",
        "ftp://host/x",
        "dbfs:/x",
        "hdfs://x/y",
        "mlflow-artifacts:/../x",
        "mlflow-artifacts:/1/2",
        "mlflow-artifacts://evil/x",
        "mlflow-artifacts:/#/../x",
        "mlflow-artifacts:/%2e%2e/x",
        "mlflow-artifacts:/a?b=c",
        "C:\\x",
        "//host/share",
        "data:text/plain,x",
        "runs:/x/y",
        "models:/x",
        "viewfs:/x",
        "a" * 10_000,
        "\\\\host\\x",
    ],
)
def test_places_of_files_that_a_caller_chooses(location: str, wire: Wire, untouched: Untouched) -> None:
    with untouched():
        body = {"name": "elsewhere", "artifact_location": location}
        reply = wire.json("POST", f"{API}/experiments/create", body)
        assert is_refusal(reply), reply


def test_both_spellings_of_a_key(wire: Wire, target: Target, untouched: Untouched) -> None:
    """One is checked and the other used: a known way around a permission check."""
    other = "0" * 32
    with untouched():
        for path in (
            "runs/log-metric",
            "runs/set-tag",
            "runs/log-batch",
            "runs/delete",
            "runs/update",
            "runs/log-inputs",
        ):
            body = {"run_id": other, "runId": target.run, "key": "k", "value": "1", "timestamp": 1}
            reply = wire.json("POST", f"{API}/{path}", body)
            assert is_refusal(reply), (path, reply)
