"""A training from the API to its run, by a real worker with a real environment."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.live.portal import Portal
from tests.live.wire import Wire

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live")]
SPEC: dict[str, Any] = {
    "name": "first", "experiment": "trainings", "command": "python train.py --c {c}",
    "code": {"bundled": "iris"}, "parameters": {"c": 0.5}, "seed": 7, "limits": {"timeout": "5m"},
}  # fmt: skip


@pytest.fixture(scope="module")
def wire(portal_server: Portal) -> Iterator[Wire]:
    with portal_server.worker(), portal_server.wire("eve") as wire:
        yield wire


def ended(wire: Wire, training_id: str, seconds: float = 180) -> dict[str, Any]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found: dict[str, Any] = wire.json("GET", f"/api/v1/training-jobs/{training_id}").json
        if found["state"] not in ("queued", "running"):
            return found
        time.sleep(0.3)
    raise AssertionError(found)


def test_a_training_makes_a_run_with_what_it_ran_with(wire: Wire) -> None:
    made = wire.json("POST", "/api/v1/training-jobs", {"workspace": "credit", "spec": SPEC})
    assert made.status == 201, made.body
    found = ended(wire, made.json["id"])
    assert found["state"] == "done", found["reason"]
    run = wire.json("GET", f"/api/2.0/mlflow/runs/get?run_id={found['run_id']}").json["run"]
    assert run["info"]["status"] == "FINISHED"
    assert {"key": "c", "value": "0.5"} in run["data"]["params"]
    assert {each["key"] for each in run["data"]["metrics"]} == {"accuracy", "log_loss"}
    listed = wire.json("GET", f"/api/2.0/mlflow/artifacts/list?run_id={found['run_id']}&path=portal").json
    assert [file["path"] for file in listed["files"]] == [
        "portal/requirements.lock",
        "portal/specification.json",
    ]
