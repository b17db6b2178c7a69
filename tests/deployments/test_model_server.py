"""The model server: a real process with real models, beside what MLflow's own server would say."""

import http.client
import json
import math
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import mlflow.pyfunc
import pytest
from mlflow.pyfunc.scoring_server import invocations

from deployments.gateway.timings import parts_of
from portal.embedded.processes import wait_until
from tests.deployments.model_process import KEY, ModelProcess, launched, model_process, order_of
from tests.deployments.models import ROWS, arrays_save, echo_save, sklearn_save

pytestmark = pytest.mark.slow
COLUMNS = list(ROWS)
RECORDS = [dict(zip(ROWS, row, strict=True)) for row in zip(*ROWS.values(), strict=True)]
SPLIT = {"columns": COLUMNS, "data": [list(row.values()) for row in RECORDS]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sklearn_save(tmp_path_factory.mktemp("models") / "sklearn")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[ModelProcess]:
    running = model_process(folder, name="credit", version="7", limits={"body_bytes": 200_000})
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelProcess]:
    running = model_process(
        echo_save(tmp_path_factory.mktemp("models") / "echo"),
        name="echo",
        limits={"seconds": 0.4, "waiting": 4},
    )
    yield running
    running.process.kill()


FORMS: list[tuple[str, Any]] = [
    ("application/json", {"dataframe_split": SPLIT}),
    ("application/json", {"dataframe_split": {**SPLIT, "index": [5, 6, 7, 8]}}),
    ("application/json", {"dataframe_records": RECORDS}),
    ("application/json", {"dataframe_records": [{**row, "more": 1} for row in RECORDS]}),
    ("application/json", {"instances": RECORDS}),
    ("application/json", {"inputs": ROWS}),
    ("text/csv", "age,income,is_new,region\n31,1000.5,True,north\n45,1,False,south\n"),
]


@pytest.mark.parametrize(("kind", "body"), FORMS)
def test_every_form_is_answered_as_mlflow_does(
    server: ModelProcess, folder: Path, kind: str, body: Any
) -> None:
    model = mlflow.pyfunc.load_model(str(folder))
    data = body if isinstance(body, str) else json.dumps(body)
    stock = invocations(data, kind, model, model.metadata.get_input_schema())

    status, answer = server.ask("/invocations", data.encode(), kind=kind)

    assert status == stock.status == 200
    assert answer == json.loads(stock.response)


WRONG: list[tuple[Any, dict[str, Any]]] = [
    ({"age": "31"}, {"column": "age", "expected": "long", "found": "string", "row": 0, "code": "wrong_type"}),
    ({"age": 31.5}, {"column": "age", "expected": "long", "found": "double", "row": 0}),
    ({"age": None}, {"column": "age", "expected": "long", "found": "null"}),
    ({"age": 2**70}, {"column": "age", "expected": "long", "found": "out of range"}),
    ({"age": True}, {"column": "age", "expected": "long", "found": "boolean"}),
    ({"income": "much"}, {"column": "income", "expected": "double", "found": "string"}),
    ({"is_new": 1}, {"column": "is_new", "expected": "boolean", "found": "long"}),
    ({"region": {"a": 1}}, {"column": "region", "expected": "string", "found": "object"}),
]


@pytest.mark.parametrize(("change", "said"), WRONG)
def test_a_wrong_value_is_named(server: ModelProcess, change: Any, said: dict[str, Any]) -> None:
    status, answer = server.ask("/invocations", {"dataframe_records": [{**RECORDS[0], **change}]})
    assert (status, answer["error_code"]) == (400, "BAD_REQUEST")
    assert {name: answer.get(name) for name in said} == said
    assert said["column"] in answer["message"]


def test_a_missing_column_is_named(server: ModelProcess) -> None:
    row = {name: value for name, value in RECORDS[1].items() if name != "income"}
    status, answer = server.ask("/invocations", {"inputs": [row]})
    assert (status, answer["code"], answer["column"]) == (400, "missing_column", "income")


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{nothing", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[1]", "application/json", 400),
        (b"{}", "application/json", 400),
        (b'{"dataframe_split": {"columns": ["age"], "data": [[1, 2]]}}', "application/json", 400),
        (b'{"dataframe_split": {"columns": ["age", "age"], "data": [[1, 2]]}}', "application/json", 400),
        (b'{"dataframe_records": 3}', "application/json", 400),
        (b'{"inputs": {"age": [1], "income": [1, 2]}}', "application/json", 400),
        (b'{"inputs": [], "instances": []}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"age\n\xff\n", "text/csv", 400),
        (b"age\nmany\n", "text/csv", 400),
        (b"nonsense", "application/vnd.apache.parquet", 400),
        (b"{}", "application/pickle", 415),
        (b"{}", "application/json; charset=latin-1", 415),
        (b"x" * 300_000, "application/json", 413),
    ],
)
def test_what_is_no_input_is_refused(server: ModelProcess, body: bytes, kind: str, status: int) -> None:
    found, answer = server.ask("/invocations", body, kind=kind)
    assert (found, answer["status"]) == (status, status)
    assert "stack_trace" not in answer


def test_numbers_that_fit_are_taken(server: ModelProcess) -> None:
    row = {**RECORDS[0], "age": 31.0, "income": 5}
    assert server.ask("/invocations", {"dataframe_records": [row]})[0] == 200


def test_only_who_has_the_key_is_answered(server: ModelProcess) -> None:
    for path in ("/ping", "/health", "/v2/health/live", "/v2/models/credit", "/nowhere"):
        assert server.ask(path, key="another")[0] == 401
    assert server.ask("/invocations", {"dataframe_records": RECORDS}, key="")[0] == 401


def test_who_keeps_a_trace_is_told_where_the_time_went(server: ModelProcess) -> None:
    link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    body, headers = (
        json.dumps({"dataframe_split": SPLIT}).encode(),
        {"Content-Type": "application/json", "X-Serving-Key": KEY},
    )
    for more in ({}, {"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}):
        began = time.time_ns()
        link.request("POST", "/invocations", body, {**headers, **more})
        answer = link.getresponse()
        assert (answer.status, bool(answer.read())) == (200, True)
        said = (answer.headers["Server-Timing"] or "").encode()
        parts = parts_of(said, began, time.time_ns())
        assert [part.name for part in parts] == (["queue", "predict"] if more else []), said
    link.close()


def test_open_inference_protocol(server: ModelProcess) -> None:
    inputs = [
        {"name": name, "shape": [4, 1], "datatype": kind, "data": ROWS[name]}
        for name, kind in zip(COLUMNS, ("INT64", "FP64", "BOOL", "BYTES"), strict=True)
    ]
    status, answer = server.ask("/v2/models/credit/infer", {"id": "a1", "inputs": inputs})
    plain = server.ask("/invocations", {"dataframe_records": RECORDS})[1]["predictions"]

    assert status == 200
    assert (answer["model_name"], answer["model_version"], answer["id"]) == ("credit", "7", "a1")
    assert answer["outputs"] == [{"name": "output-1", "shape": [4], "datatype": "INT64", "data": plain}]
    assert server.ask("/v2/health/live")[1] == {"live": True}
    assert server.ask("/v2/models/credit/ready")[1] == {"name": "credit", "ready": True}
    described = server.ask("/v2/models/credit")[1]
    assert described["inputs"][0] == {"name": "age", "datatype": "INT64", "shape": [-1]}


@pytest.mark.parametrize(
    ("tensor", "said"),
    [
        ({"data": ["x"]}, {"code": "wrong_type", "column": "age", "expected": "INT64"}),
        ({"shape": [2]}, {"code": "wrong_shape", "column": "age"}),
        ({"shape": [1, 1, 1]}, {"code": "wrong_shape", "column": "age"}),
        ({"datatype": "BYTES", "data": ["x"]}, {"code": "wrong_type", "expected": "long", "found": "string"}),
        ({"datatype": "INT8", "data": [1000]}, {"code": "wrong_type", "found": "out of range"}),
        ({"datatype": "FP128"}, {"code": "bad_form"}),
        ({"name": "agee"}, {"code": "missing_column", "column": "age"}),
    ],
)
def test_a_wrong_tensor_is_named(server: ModelProcess, tensor: dict[str, Any], said: dict[str, Any]) -> None:
    inputs = [{"name": "age", "shape": [1], "datatype": "INT64", "data": [1], **tensor}]
    status, answer = server.ask("/v2/models/credit/infer", {"inputs": inputs})
    assert status == 400
    assert {name: answer.get(name) for name in said} == said
    assert answer["error"]


def test_what_is_hard_to_write_is_written_as_mlflow_does(echo: ModelProcess) -> None:
    status, answer = echo.ask("/invocations", {"dataframe_records": [{"x": 1.5}], "params": {"factor": 4.0}})
    (row,) = answer["predictions"]
    assert status == 200
    assert math.isnan(row.pop("nothing"))
    assert row.pop("pid") == echo.process.pid
    assert row == {"twice": 6.0, "at": "2026-01-02T03:04:05", "kind": "float64"}


def test_nan_and_dates_come_in(echo: ModelProcess) -> None:
    status, answer = echo.ask("/invocations", b'{"dataframe_records": [{"x": NaN, "when": "2026-01-01"}]}')
    assert status == 200
    assert math.isnan(answer["predictions"][0]["twice"])
    status, answer = echo.ask("/invocations", {"dataframe_records": [{"x": 1, "when": "no date"}]})
    assert (status, answer["column"]) == (400, "when")


def test_a_model_that_fails_is_a_failure_of_the_server(echo: ModelProcess) -> None:
    status, answer = echo.ask("/invocations", {"dataframe_records": [{"x": -1}]})
    assert (status, answer["code"]) == (500, "model_failed")
    assert "does not like" not in json.dumps(answer)


def test_a_slow_prediction_is_ended_for_the_caller_and_health_says_so(echo: ModelProcess) -> None:
    status, answer = echo.ask("/invocations", {"dataframe_records": [{"x": -1500}]})
    assert (status, answer["code"]) == (504, "model_timeout")
    assert wait_until(lambda: echo.ask("/health")[0] == 503, seconds=1)


def test_tensors_of_a_signature(tmp_path: Path) -> None:
    running = model_process(arrays_save(tmp_path / "arrays"), name="sums")
    try:
        assert running.ask("/invocations", {"inputs": [[1, 2, 3], [4, 5, 6]]}) == (
            200,
            {"predictions": [6.0, 15.0]},
        )
        assert running.ask("/invocations", {"inputs": [[1, 2]]})[0] == 400
        tensor = {"name": "any", "shape": [1, 3], "datatype": "FP64", "data": [1, 2, 3]}
        status, answer = running.ask("/v2/models/sums/infer", {"inputs": [tensor]})
        assert (status, answer["outputs"][0]["data"]) == (200, [6.0])
    finally:
        assert running.stop() == 0


@pytest.mark.parametrize("harm", ["changed", "more", "missing", "link", "digest"])
def test_files_that_are_not_the_approved_ones_are_not_loaded(tmp_path: Path, harm: str) -> None:
    """The loader of this model would leave a trace; it is not even imported."""
    trace = tmp_path / "trace"
    model = tmp_path / "model"
    (model / "code").mkdir(parents=True)
    (model / "code" / "loader.py").write_text(f"open({str(trace)!r}, 'w')\n")
    (model / "MLmodel").write_text("flavors: {python_function: {loader_module: loader, code: code}}\n")
    order = order_of(model)
    if harm == "changed":
        (model / "MLmodel").write_text("flavors: {python_function: {loader_module: loader, code: codd}}\n")
    elif harm == "more":
        (model / "code" / "more.py").write_text("")
    elif harm == "missing":
        (model / "MLmodel").unlink()
    elif harm == "link":
        (model / "code" / "loader.py").rename(tmp_path / "loader.py")
        (model / "code" / "loader.py").symlink_to(tmp_path / "loader.py")
    else:
        order["digest"] = "0" * 64

    process = launched(order)
    said, told = process.communicate(timeout=60)

    assert (process.returncode, said) == (3, "")
    assert told.startswith("refused (3): ")
    assert not trace.exists()


def test_a_model_that_cannot_be_loaded_ends_with_a_code_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "MLmodel").write_text("flavors: {}\n")
    process = launched(order_of(tmp_path))
    assert "cannot be loaded" in process.communicate(timeout=60)[1]
    assert process.returncode == 4


def test_an_order_without_a_key_is_refused(tmp_path: Path) -> None:
    process = launched({**order_of(tmp_path), "key": "short"})
    process.communicate(timeout=60)
    assert process.returncode == 2


def test_what_it_has_is_finished_before_it_stops(folder: Path, tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    running = model_process(folder, ready_file=str(ready))
    assert json.loads(ready.read_text())["port"] == running.port
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(30) == 0


def test_rows_that_are_scored_together_are_answered_alike(server: ModelProcess, folder: Path) -> None:
    asked: list[tuple[str, Any]] = [
        ("/invocations", {"dataframe_records": [{**RECORDS[at % 4], "age": 20 + at}, RECORDS[at % 3]]})
        for at in range(40)
    ]
    asked += [
        ("/invocations", {"dataframe_records": [{**RECORDS[0], "age": "old"}]}),
        ("/v2/models/credit/infer", {"inputs": [
            {"name": "age", "shape": [1], "datatype": "INT64", "data": [31]},
            {"name": "income", "shape": [1], "datatype": "FP64", "data": [1.5]},
            {"name": "is_new", "shape": [1], "datatype": "BOOL", "data": [True]},
            {"name": "region", "shape": [1], "datatype": "BYTES", "data": ["north"]},
        ]}),
    ]  # fmt: skip
    together = model_process(folder, name="credit", version="7", limits={"batch_rows": 16})
    try:
        with ThreadPoolExecutor(12) as pool:
            found = list(pool.map(lambda each: together.ask(*each), asked * 3))
        assert found == [server.ask(*each) for each in asked] * 3
    finally:
        together.process.kill()
