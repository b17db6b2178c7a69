"""Requests are parsed and refused with stock MLflow's words: the same bodies through its parser and ours."""

import json
import math
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from flask import Request
from mlflow.exceptions import MlflowException
from mlflow.protos import service_pb2
from mlflow.server import handlers
from werkzeug.test import EnvironBuilder

from experiments.protocol import messages
from experiments.protocol.columns import batch_parse, metrics_of
from experiments.protocol.schema import Message, content_type_check, object_parse, request_parse
from experiments.validation.batches import batch_checked
from portal.kernel.mlflow_errors import ProtocolError

required, string, intlike = handlers._assert_required, handlers._assert_string, handlers._assert_intlike
STOCK_CHECKS: dict[str, dict[str, list[Callable[..., Any]]]] = {
    "LogMetric": {
        "run_id": [required, string],
        "key": [required, string],
        "value": [required, handlers._assert_floatlike],
        "timestamp": [intlike, required],
        "step": [intlike],
        "model_id": [string],
    },
    "SearchRuns": {
        "experiment_ids": [handlers._assert_array],
        "filter": [string],
        "max_results": [intlike, lambda x: handlers._assert_less_than_or_equal(int(x), 50000)],
        "order_by": [handlers._assert_array, handlers._assert_item_type_string],
    },
    "CreateExperiment": {
        "name": [required, string],
        "artifact_location": [string],
        "tags": [handlers._assert_array],
    },
    "GetRun": {"run_id": [required, string]},
}
OURS = {
    "LogMetric": messages.LOG_METRIC,
    "SearchRuns": messages.SEARCH_RUNS,
    "CreateExperiment": messages.CREATE_EXPERIMENT,
    "GetRun": messages.GET_RUN,
}
METRIC = {"run_id": "a", "key": "k", "value": 1.5, "timestamp": 1}

SAME = [
    ("LogMetric", {}),
    ("LogMetric", METRIC),
    ("LogMetric", {**METRIC, "run_id": 31}),
    ("LogMetric", {**METRIC, "run_id": ""}),
    ("LogMetric", {**METRIC, "run_id": None}),
    ("LogMetric", {**METRIC, "key": 31}),
    ("LogMetric", {**METRIC, "value": "foo"}),
    ("LogMetric", {**METRIC, "value": "NaN"}),
    ("LogMetric", {**METRIC, "value": "-Infinity"}),
    ("LogMetric", {**METRIC, "value": "0.5", "timestamp": "12", "step": "3.0"}),
    ("LogMetric", {**METRIC, "timestamp": "foo"}),
    ("LogMetric", {**METRIC, "step": "foo"}),
    ("LogMetric", {**METRIC, "step": 2.0}),
    ("LogMetric", {**METRIC, "step": -5}),
    ("LogMetric", {**METRIC, "unknown": {"a": [1]}}),
    ("LogMetric", {**METRIC, "model_id": "x", "modelId": "y"}),
    ("LogMetric", {**METRIC, "model_id": ["x"]}),
    ("LogMetric", {"run_uuid": "a", "key": "k", "value": 1, "timestamp": 1}),
    ("LogMetric", {"run_id": "a", "key": "k", "value": 1}),
    ("SearchRuns", {}),
    ("SearchRuns", {"experiment_ids": 123}),
    ("SearchRuns", {"experiment_ids": ["1", "2"], "run_view_type": "ALL", "max_results": "5"}),
    ("SearchRuns", {"experimentIds": ["1"], "runViewType": 2, "orderBy": ["metrics.a"]}),
    ("SearchRuns", {"order_by": [1]}),
    ("SearchRuns", {"order_by": "metrics.a"}),
    ("SearchRuns", {"max_results": 60000}),
    ("SearchRuns", {"max_results": "x"}),
    ("SearchRuns", {"filter": {"a": 1}}),
    ("CreateExperiment", {"name": "a", "tags": [{"key": "k", "value": "v"}]}),
    ("CreateExperiment", {"name": "a", "tags": {"key": "k"}}),
    ("CreateExperiment", {"name": 5}),
    ("CreateExperiment", {"tags": []}),
    ("GetRun", {"run_id": "a", "run_uuid": "b"}),
]


def stock(name: str, body: Any) -> Any:
    request = Request(EnvironBuilder(method="POST", json=body).get_environ())
    message = getattr(service_pb2, name)()
    try:
        return handlers._get_request_message(message, request, STOCK_CHECKS[name])
    except MlflowException as error:
        return error.error_code, error.message


def ours(message: Message, body: Any) -> Any:
    try:
        return request_parse(message, body=json.dumps(body).encode())
    except ProtocolError as error:
        return error.error_code, error.message


@pytest.mark.parametrize(("name", "body"), SAME)
def test_a_request_is_read_or_refused_as_by_stock(name: str, body: Any) -> None:
    expected, found = stock(name, body), ours(OURS[name], body)
    if isinstance(expected, tuple) or isinstance(found, tuple):
        assert found == expected
        return
    for field, value in found.items():
        if expected.HasField(field) if not OURS[name].by_name[field].repeated else True:
            assert _comparable(value) == _comparable(getattr(expected, field)), field


def _comparable(value: Any) -> str:
    enums = {**messages.VIEW_TYPE}
    if isinstance(value, str | int | float):
        return str(enums.get(str(value), value))
    return (
        str([(each["key"], each["value"]) if isinstance(each, dict) else str(each) for each in value])
        if (value and isinstance(value[0], dict | str))
        else str([(each.key, each.value) for each in value])
    )


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[1]",
        b"5",
        b'{"run_id": "\xff"}',
        b'{"run_id": "\\ud800"}',
        b'{"run_id": "a\\u0000b"}',
        b'{"run_id": "a", "x": nan}',
        b'{"run_id": "\\ud800", "x": NaN}',
        b'{"x": NaN, "y": ' + b"9" * 40 + b"}",
        b'{"x": NaN, "y": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
        b'{"a": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
        b'{"run_id": "a"} x',
    ],
)
def test_bad_json_is_refused(body: bytes) -> None:
    with pytest.raises(ProtocolError) as refusal:
        request_parse(messages.GET_RUN, body=body)
    assert refusal.value.error_code == "INVALID_PARAMETER_VALUE"
    assert refusal.value.status == 400


@pytest.mark.parametrize(
    "change",
    [
        {"timestamp": 2**63},
        {"timestamp": -(2**63) - 1},
        {"step": 2**64},
        {"step": "9223372036854775808"},
        {"step": 1.5},
        {"step": True},
        {"step": "1e400"},
        {"value": True},
        {"value": [1]},
        {"timestamp": "1" * 5_000},
        {"dataset_name": "a\x00"},
    ],
)
def test_values_that_stock_half_reads_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError, match=f"parameter '{next(iter(change))}'"):
        object_parse(messages.LOG_METRIC, {**METRIC, **change})


def test_bare_constants_of_python_clients_are_read_as_numbers() -> None:
    body = b'{"run_id": "r", "metrics": [{"key": "a", "value": %s, "timestamp": 1}]}'
    assert math.isnan(batch_parse(body % b"NaN").metrics.values[0])
    assert batch_parse(body % b"-Infinity").metrics.values == [-math.inf]


def test_an_empty_body_is_an_empty_request_and_a_doubly_encoded_one_is_read() -> None:
    assert request_parse(messages.SEARCH_RUNS, body=b"")["max_results"] == 1000
    twice = json.dumps(json.dumps({"run_id": "a"})).encode()
    assert request_parse(messages.GET_RUN, body=twice)["run_id"] == "a"


def test_query_parameters_are_read_by_the_same_message() -> None:
    query = {"run_ids": ["a", "b"], "metric_key": ["loss"], "start_step": ["-3"], "max_results": ["5"]}
    values = request_parse(messages.GET_METRIC_HISTORY_BULK_INTERVAL, query=query)
    assert values["run_ids"] == ["a", "b"]
    assert (values["metric_key"], values["start_step"], values["max_results"]) == ("loss", -3, 5)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"metric_key": ["loss"]}, "Missing value for required parameter 'run_ids'"),
        ({"run_ids": ["a"] * 101, "metric_key": ["x"]}, "must specify at most 100 run_ids. Received 101"),
        ({"run_ids": ["a"], "metric_key": ["x"], "max_results": ["2501"]}, "between 1 and 2500"),
        ({"run_ids": ["a"], "metric_key": ["x"], "max_results": ["x"]}, "parameter 'max_results'"),
        ({"run_ids": ["\ud800"], "metric_key": ["x"]}, "parameter 'run_ids'"),
    ],
)
def test_bad_query_parameters_are_refused(query: dict[str, list[str]], message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        request_parse(messages.GET_METRIC_HISTORY_BULK_INTERVAL, query=query)


@pytest.mark.parametrize("content_type", [None, "", "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_must_be_declared_as_json(content_type: str | None) -> None:
    with pytest.raises(ProtocolError, match="Content-Type"):
        content_type_check("POST", content_type)
    content_type_check("GET", content_type)
    content_type_check("POST", "application/json; charset=utf-8")


def batch(**fields: Any) -> bytes:
    return orjson.dumps({"run_id": "r", **fields})


POINTS = [{"key": "a", "value": 1, "timestamp": 5, "step": 2}, {"key": "b", "value": 0.5, "timestamp": 6}]


def test_a_batch_becomes_columns() -> None:
    read = batch_parse(batch(metrics=POINTS, params=[{"key": "p", "value": "1"}], tags=[{"key": "t"}]))
    assert (read.metrics.keys, read.metrics.values) == (["a", "b"], [1.0, 0.5])
    assert (read.metrics.timestamps, read.metrics.steps) == ([5, 6], [2, 0])
    assert read.metrics.model_ids is None
    assert (read.params.keys, read.params.values) == (["p"], ["1"])
    assert (read.tags.keys, read.tags.values) == (["t"], [""])


@pytest.mark.parametrize(
    "odd",
    [
        {"key": "c", "value": "1.5", "timestamp": "7", "step": "1"},
        {"key": "c", "value": 1.5, "timestamp": 7, "step": 1, "modelId": None, "x": 1},
        {"key": "c", "value": 1.5, "timestamp": 7.0, "step": 1.0},
    ],
)
def test_the_fast_and_the_general_parser_agree(odd: dict[str, Any]) -> None:
    plain = {"key": "c", "value": 1.5, "timestamp": 7, "step": 1}
    assert batch_parse(batch(metrics=[*POINTS, odd])) == batch_parse(batch(metrics=[*POINTS, plain]))


def test_points_of_a_model_keep_it() -> None:
    read = batch_parse(batch(metrics=[{**POINTS[0], "model_id": "m-1", "dataset_name": ""}, POINTS[1]]))
    batch_checked(read)
    assert read.metrics.model_ids == ["m-1", None]
    assert read.metrics.dataset_names == [None, None]


def test_a_point_names_a_dataset_wholly_or_not_at_all() -> None:
    with pytest.raises(ProtocolError, match="Both dataset_name and dataset_digest"):
        batch_checked(batch_parse(batch(metrics=[{**POINTS[0], "dataset_name": "d"}, POINTS[1]])))
    with pytest.raises(ProtocolError, match="Both dataset_name and dataset_digest"):
        metrics_of([object_parse(messages.LOG_METRIC, {**METRIC, "dataset_digest": "d"})])


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"metrics": [{"value": 1, "timestamp": 1}]}, r"required parameter 'metrics\[0\].key'"),
        ({"metrics": [POINTS[0], {"key": "a", "timestamp": 1}]}, r"required parameter 'metrics\[1\].value'"),
        ({"metrics": [{"key": "a", "value": 1}]}, r"required parameter 'metrics\[0\].timestamp'"),
        ({"params": [{"key": "", "value": "1"}]}, r"required parameter 'params\[0\].key'"),
        ({"tags": [{"value": "1"}]}, r"required parameter 'tags\[0\].key'"),
        ({"metrics": {"key": "a"}}, "parameter 'metrics'"),
        ({"metrics": [5]}, r"parameter 'metrics\[0\]'"),
        ({"metrics": [{**POINTS[0], "value": "x"}]}, r"parameter 'metrics\[0\].value'"),
        ({"metrics": [{**POINTS[0], "step": 2**63}]}, r"parameter 'metrics\[0\].step'"),
        ({"params": [{"key": "a", "value": 5}]}, r"parameter 'params\[0\].value'"),
        ({"params": [{"key": "a", "value": "x\x00"}]}, r"parameter 'params\[0\].value'"),
        ({"run_id": 5}, "parameter 'run_id'"),
    ],
)
def test_a_bad_batch_is_refused_with_the_place(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        batch_parse(batch(**fields))
