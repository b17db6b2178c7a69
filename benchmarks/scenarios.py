"""What is measured: the calls that a training script and a person make most, and their targets."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from benchmarks.client import Client
from benchmarks.seed import MANY_RUNS, START_MS, run_id

API = "/api/2.0/mlflow"
Requests = Callable[[Client, str], Iterator[bytes]]


@dataclass(frozen=True)
class Scenario:
    """One row of the table. `requests` makes the requests of a side, without end; `target` is in milliseconds,
    or a factor over stock when `is_factor`."""

    name: str
    requests: Requests
    calls: int
    target: float
    is_factor: bool = False
    go: dict[str, float] = field(default_factory=dict)  # what the Go servers need, where it is known


def _new_run(client: Client, experiment: str) -> str:
    answer = client.json("POST", f"{API}/runs/create", {"experiment_id": experiment, "start_time": START_MS})
    return str(answer["run"]["info"]["run_id"])


def _log_metric(client: Client, experiment: str) -> Iterator[bytes]:
    run, step = _new_run(client, experiment), 0
    while True:
        body = {
            "run_id": run,
            "key": "loss",
            "value": 1 / (1 + step),
            "timestamp": START_MS + step,
            "step": step,
        }
        yield client.request("POST", f"{API}/runs/log-metric", body)
        step += 1


def _create_run(client: Client, experiment: str) -> Iterator[bytes]:
    tags = {"mlflow.user": "bench", "mlflow.source.name": "train.py", "mlflow.source.type": "LOCAL"}
    body = {
        "experiment_id": experiment, "user_id": "bench", "run_name": "made by the benchmark", "start_time": START_MS,
        "tags": [{"key": key, "value": value} for key, value in tags.items()],
    }  # fmt: skip
    while True:
        yield client.request("POST", f"{API}/runs/create", body)


def _get_run(client: Client, experiment: str) -> Iterator[bytes]:
    number = 100
    while True:
        yield client.request("GET", f"{API}/runs/get?run_id={run_id(number)}")
        number = 100 + (number + 1) % 50


def _search(body: dict[str, Any]) -> Requests:
    def requests(client: Client, experiment: str) -> Iterator[bytes]:
        while True:
            yield client.request("POST", f"{API}/runs/search", {"experiment_ids": [experiment], **body})

    return requests


def _history(client: Client, experiment: str) -> Iterator[bytes]:
    while True:
        yield client.request("GET", f"{API}/metrics/get-history?run_id={run_id(1)}&metric_key=long")


def _sampled(client: Client, experiment: str) -> Iterator[bytes]:
    runs = "&".join(f"run_ids={run_id(number)}" for number in range(2, 2 + MANY_RUNS))
    path = "/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval"
    while True:
        yield client.request("GET", f"{path}?{runs}&metric_key=many&max_results=320")


_ORDERED = {"max_results": 1000, "order_by": ["metrics.metric0 DESC"]}
_FILTERED = {
    "max_results": 100, "filter": "metrics.metric1 > 0.5 AND params.param2 = 'v3'", "order_by": ["metrics.metric1 DESC"],
}  # fmt: skip

SCENARIOS = (
    Scenario("log-metric, one call", _log_metric, 100, 3.3, go={"FastTrackML": 4, "mlflow-go": 1.6}),
    Scenario("create-run", _create_run, 60, 5, go={"FastTrackML": 1.8, "mlflow-go": 2.5}),
    Scenario("get-run", _get_run, 100, 4, go={"FastTrackML": 0.7, "mlflow-go": 1.0}),
    Scenario(
        "search, 1,000 runs ordered by a metric", _search(_ORDERED), 4, 10, is_factor=True,
        go={"FastTrackML": 182, "mlflow-go": 207},
    ),
    Scenario(
        "search, 100 runs, filter on metric and param", _search(_FILTERED), 10, 71,
        go={"FastTrackML": 84, "mlflow-go": 71},
    ),
    Scenario(
        "history of 100,000 points, full", _history, 2, 10, is_factor=True,
        go={"FastTrackML": 366, "mlflow-go": 301},
    ),
    Scenario("320 sampled points of each of 20 runs x 10,000", _sampled, 8, 100, go={"mlflow-go": 7000}),
)  # fmt: skip


def batch(run: str, first: int, keys: int, points: int) -> dict[str, Any]:
    """A log-batch of `keys` x `points` metrics."""
    metrics = [
        {"key": f"metric_{key}", "value": 1 / (1 + step), "timestamp": START_MS + step, "step": step}
        for step in range(first, first + points)
        for key in range(keys)
    ]
    return {"run_id": run, "metrics": metrics, "params": [], "tags": []}


@dataclass(frozen=True)
class Load:
    """A throughput row: `clients` connections send batches of 1,000 metrics as fast as they are taken."""

    name: str
    clients: int
    keys: int
    target: float = 8
    go: dict[str, float] = field(default_factory=dict)

    def requests(self, client: Client, experiment: str, batches: int) -> list[bytes]:
        run, points = _new_run(client, experiment), 1000 // self.keys
        bodies = [batch(run, number * points, self.keys, points) for number in range(batches)]
        return [client.request("POST", f"{API}/runs/log-batch", body) for body in bodies]


LOADS = (
    Load("log-batch, 10 keys x 100, 1 client", 1, 10, go={"FastTrackML": 22_000, "mlflow-go": 34_000}),
    Load("log-batch, 10 keys x 100, 4 clients", 4, 10, go={"FastTrackML": 43_000, "mlflow-go": 62_000}),
    Load("log-batch, 1,000 keys x 1, 1 client", 1, 1000),
    Load("log-batch, 1,000 keys x 1, 4 clients", 4, 1000),
)
