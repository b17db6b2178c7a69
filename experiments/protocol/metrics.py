"""MLflow's metric history endpoints."""

import base64
import binascii
import math
from collections.abc import Iterator
from itertools import chain
from typing import Any

import orjson

from experiments.protocol import messages
from experiments.protocol.reading import values_of
from experiments.selectors.history import (
    Point,
    history_bulk,
    history_json,
    history_page,
    history_sampled,
)
from experiments.selectors.runs import run_get, runs_require, runs_visible
from portal.api.call import Answer, Call, json_answer
from portal.api.protocol import Endpoint
from portal.kernel.mlflow_errors import invalid_parameter

MAX_BULK_POINTS = 25_000
MAX_BULK_RUNS = 100
DEFAULT_SAMPLES = 2_500


def history(call: Call) -> Answer:
    values = values_of(call, messages.GET_METRIC_HISTORY)
    run, key, limit = run_get(call.actor, values["run_id"]), values["metric_key"], values["max_results"]
    offset = offset_parse(values["page_token"])
    if limit is None and offset == 0:
        return Answer(_streamed(history_json(run.pk, key)))
    if limit is not None and limit <= 0:
        raise invalid_parameter(
            f"Invalid value {limit} for parameter 'max_results' supplied. It must be a positive integer."
        )
    found = history_page(run.pk, key, offset=offset, limit=2**31 - 1 if limit is None else limit + 1)
    page = found[:limit]
    answer: dict[str, Any] = {"metrics": [point_json(key, point) for point in page]} if page else {}
    if limit is not None and len(found) > limit:
        answer["next_page_token"] = offset_token(offset + limit)
    return json_answer(answer)


def bulk(call: Call) -> Answer:
    query = call.query
    run_ids, key = query.get("run_id", []), query.get("metric_key", [None])[0]
    if not run_ids:
        raise invalid_parameter("GetMetricHistoryBulk request must specify at least one run_id.")
    if len(run_ids) > MAX_BULK_RUNS:
        raise invalid_parameter(
            f"GetMetricHistoryBulk request cannot specify more than {MAX_BULK_RUNS} run_ids. "
            f"Received {len(run_ids)} run_ids."
        )
    if key is None:
        raise invalid_parameter("GetMetricHistoryBulk request must specify a metric_key.")
    limit = min(_whole(query.get("max_results", [str(MAX_BULK_POINTS)])[0]), MAX_BULK_POINTS)
    found = history_bulk(runs_visible(call.actor, run_ids), key, limit=limit)
    return json_answer(
        {"metrics": [{**point_json(key, point), "run_id": run_id.hex} for run_id, point in found]}
    )


def bulk_interval(call: Call) -> Answer:
    values = values_of(call, messages.GET_METRIC_HISTORY_BULK_INTERVAL)
    first, last, key = values["start_step"], values["end_step"], values["metric_key"]
    if (first is None) != (last is None):
        raise invalid_parameter("If either start step or end step are specified, both must be specified.")
    if first is not None and first > last:
        raise invalid_parameter(
            f"end_step must be greater than start_step. Found start_step={first} and end_step={last}."
        )
    runs = runs_require(call.actor, values["run_ids"])
    limit = DEFAULT_SAMPLES if values["max_results"] is None else values["max_results"]
    found = history_sampled(runs, key, limit=limit, steps=None if first is None else (first, last))
    metrics = [{**point_json(key, point), "run_id": run.hex} for run in runs for point in found[run]]
    return json_answer({"metrics": metrics} if metrics else {})


def point_json(key: str, point: Point) -> dict[str, Any]:
    """MLflow's Metric."""
    step, timestamp, value = point
    return {"key": key, "value": "NaN" if math.isnan(value) else value, "timestamp": timestamp, "step": step}


def offset_token(offset: int) -> str:
    return base64.b64encode(orjson.dumps({"offset": offset})).decode()


def offset_parse(token: str | None) -> int:
    """The offset of a page token; none at all is the beginning."""
    if not token:
        return 0
    try:
        offset = orjson.loads(base64.b64decode(token, validate=True))["offset"]
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise invalid_parameter("Invalid page token, could not base64-decode") from error
    if type(offset) is not int or not 0 <= offset < 2**62:
        raise invalid_parameter("Invalid page token, parsed offset is not a whole number")
    return offset


def _streamed(portions: Iterator[bytes]) -> bytes | Iterator[bytes]:
    """The answer as bytes where one portion holds it, else piece by piece."""
    first, second = next(portions, b""), next(portions, None)
    if second is None:
        return b'{"metrics":[' + first + b"]}" if first else b"{}"
    return chain([b'{"metrics":[', first, b",", second], (b"," + portion for portion in portions), [b"]}"])


def _whole(text: str) -> int:
    try:
        return max(int(text), 0)
    except ValueError as error:
        raise invalid_parameter(f"Invalid value {text!r} for parameter 'max_results' supplied.") from error


ENDPOINTS = [
    Endpoint("GET", "2.0/mlflow/metrics/get-history", history, "experiments.run.read"),
    Endpoint("GET", "2.0/mlflow/metrics/get-history-bulk", bulk, "experiments.run.read"),
    Endpoint("GET", "2.0/mlflow/metrics/get-history-bulk-interval", bulk_interval, "experiments.run.read"),
]
