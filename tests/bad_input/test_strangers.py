"""What belongs to another workspace answers exactly as what does not exist."""

from typing import Any

import pytest

from tests.bad_input.conftest import Target, Untouched, is_refusal
from tests.live.portal import Portal

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live")]
API = "/api/2.0/mlflow"
NOBODY = "0" * 32
NOWHERE = "8999999"


def _posts(run: str, experiment: str) -> list[tuple[str, dict[str, Any]]]:
    return [
        ("runs/update", {"run_id": run, "status": "FINISHED"}),
        ("runs/delete", {"run_id": run}),
        ("runs/restore", {"run_id": run}),
        ("runs/log-metric", {"run_id": run, "key": "a", "value": 1, "timestamp": 1}),
        ("runs/log-parameter", {"run_id": run, "key": "a", "value": "2"}),
        ("runs/set-tag", {"run_id": run, "key": "a", "value": "2"}),
        ("runs/delete-tag", {"run_id": run, "key": "a"}),
        ("runs/log-batch", {"run_id": run, "params": [{"key": "a", "value": "2"}]}),
        ("runs/log-batch", {"run_id": run, "metrics": [{"key": "a", "value": 2, "timestamp": 2}]}),
        ("runs/log-inputs", {"run_id": run, "datasets": []}),
        ("runs/outputs", {"run_id": run, "models": [{"model_id": "m-" + NOBODY}]}),
        ("runs/log-model", {"run_id": run, "model_json": "{}"}),
        ("runs/create", {"experiment_id": experiment, "start_time": 1}),
        ("runs/search", {"experiment_ids": [experiment]}),
        ("experiments/update", {"experiment_id": experiment, "new_name": "taken over"}),
        ("experiments/delete", {"experiment_id": experiment}),
        ("experiments/restore", {"experiment_id": experiment}),
        ("experiments/set-experiment-tag", {"experiment_id": experiment, "key": "a", "value": "2"}),
        ("experiments/delete-experiment-tag", {"experiment_id": experiment, "key": "a"}),
        ("logged-models", {"experiment_id": experiment, "name": "m"}),
        ("logged-models/search", {"experiment_ids": [experiment]}),
        ("experiments/search-datasets", {"experiment_ids": [experiment]}),
    ]


def _gets(run: str, experiment: str) -> list[str]:
    return [
        f"/api/2.0/mlflow/runs/get?run_id={run}",
        f"/api/2.0/mlflow/experiments/get?experiment_id={experiment}",
        f"/api/2.0/mlflow/metrics/get-history?run_id={run}&metric_key=a",
        f"/ajax-api/2.0/mlflow/metrics/get-history-bulk?run_id={run}&metric_key=a",
        f"/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval?run_ids={run}&metric_key=a",
        f"/api/2.0/mlflow/artifacts/list?run_id={run}",
        f"/ajax-api/2.0/mlflow/get-artifact?run_id={run}&path=file.txt",
    ]


def test_a_stranger_cannot_tell(portal: Portal, target: Target, untouched: Untouched) -> None:
    theirs = [(path, body) for path, body in _posts(target.run, target.experiment)]
    nobodys = [(path, body) for path, body in _posts(NOBODY, NOWHERE)]
    with portal.wire("cleo") as wire, untouched():
        for (path, body), (_, other) in zip(theirs, nobodys, strict=True):
            one, two = wire.json("POST", f"{API}/{path}", body), wire.json("POST", f"{API}/{path}", other)
            _require_alike(one, two, target, path)
        for place, nowhere in zip(_gets(target.run, target.experiment), _gets(NOBODY, NOWHERE), strict=True):
            _require_alike(wire.send("GET", place), wire.send("GET", nowhere), target, place)


def _require_alike(one: Any, two: Any, target: Target, path: str) -> None:
    text = one.body.decode().replace(target.run, NOBODY).replace(target.experiment, NOWHERE)
    assert (one.status, text) == (two.status, two.body.decode()), path
    assert one.status < 500, (path, one)


def test_a_viewer_changes_nothing(portal: Portal, target: Target, untouched: Untouched) -> None:
    reads = ("runs/search", "logged-models/search", "experiments/search-datasets")
    with portal.wire("bob") as wire, untouched():
        for path, body in _posts(target.run, target.experiment):
            if path not in reads:
                reply = wire.json("POST", f"{API}/{path}", body)
                assert is_refusal(reply), (path, reply)
                assert reply.status in (403, 400, 404), (path, reply)
        place = f"/api/2.0/mlflow-artifacts/artifacts/{target.artifacts}"
        for method, name in (("PUT", "new.txt"), ("DELETE", "file.txt"), ("PUT", "file.txt")):
            assert wire.send(method, f"{place}/{name}", b"x").status == 403
        assert wire.send("GET", f"{place}/file.txt").body == b"content"


@pytest.mark.parametrize("person", ["cleo", None])
def test_files_of_others(person: str | None, portal: Portal, target: Target, untouched: Untouched) -> None:
    headers = {"Authorization": f"Bearer {portal.token(person)}"} if person else {"Authorization": ""}
    place = f"/api/2.0/mlflow-artifacts/artifacts/{target.artifacts}"
    with portal.wire("cleo") as wire, untouched():
        for method in ("GET", "PUT", "DELETE"):
            for path in (f"{place}/file.txt", f"{place}/nothing.txt"):
                reply = wire.send(method, path, b"x" if method == "PUT" else None, headers)
                assert reply.status == (404 if person else 401), (method, path, reply)
