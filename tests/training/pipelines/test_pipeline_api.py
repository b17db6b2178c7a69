"""Pipelines over the API, from the document to a run that an alias started."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from django.test import Client

from portal.accounts.models import User
from registry.models import ModelVersion
from tests.experiments.conftest import caller, new_run, run
from tests.experiments.tracking import Client as Tracking
from tests.registry.conftest import fraud, store
from tests.training.pipelines.play import document, finish, step
from tests.training.sweeps.play import settle
from training.models import Pipeline, PipelineRun

__all__ = ["caller", "fraud", "new_run", "run", "store"]
URL = "/api/v1/pipelines"


@pytest.fixture
def call(client: Client, token_for: Any) -> Any:
    def send(user: User, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {token_for(user)}"}
        data = "" if body is None else json.dumps(body)
        return client.generic(method, path, data, "application/json", headers=headers)

    return send


@pytest.fixture
def made(call: Any, workspace: Any, cora: User) -> str:
    text = yaml.safe_dump(document({"a": step(), "b": step("python b.py", needs=["a"])}, parameters={"n": 1}))
    answer = call(cora, "POST", URL, {"workspace": "credit", "name": "nightly", "document": text})
    assert answer.status_code == 201, answer.content
    assert answer.json()["number"] == 1
    again = call(
        cora, "POST", URL, {"workspace": "credit", "name": "nightly", "document": f"# Remark\n{text}"}
    )
    assert again.json()["number"] == 2, "the text is kept as it was written"
    return str(answer.json()["pipeline"])


def test_from_the_document_to_the_end(call: Any, made: str, cora: User, bob: User) -> None:
    begun = call(cora, "POST", f"{URL}/{made}/runs", {"parameters": {"n": 2}})
    assert begun.status_code == 201, begun.content
    settle()
    address = f"/api/v1/pipeline-runs/{begun.json()['id']}"
    run = PipelineRun.objects.get()
    finish(run, "a")
    finish(run, "b", state="failed")
    seen = call(bob, "GET", address).json()
    assert (seen["state"], seen["parameters"]) == ("failed", {"n": 2})
    assert {each["name"]: each["state"] for each in seen["steps"]} == {"a": "done", "b": "failed"}
    assert call(bob, "POST", f"{address}/resume", {}).status_code == 403
    assert call(cora, "POST", f"{address}/resume", {}).json()["state"] == "running"
    assert call(cora, "POST", f"{address}/cancel", {"reason": "enough"}).status_code == 200
    settle()
    assert call(bob, "GET", address).json()["state"] == "cancelled"
    assert call(cora, "POST", f"{address}/cancel", {}).status_code == 409
    listed = call(bob, "GET", f"{URL}?workspace=credit").json()["items"]
    assert [(each["name"], each["last_state"]) for each in listed] == [("nightly", "cancelled")]
    assert len(call(bob, "GET", f"{URL}/{made}/runs?state=cancelled").json()["items"]) == 1
    assert len(call(bob, "GET", "/api/v1/pipeline-runs").json()["items"]) == 1


def test_outsiders_see_nothing(call: Any, made: str, cora: User, cleo: User) -> None:
    begun = call(cora, "POST", f"{URL}/{made}/runs", {}).json()["id"]
    paths = [
        f"{URL}/{made}",
        f"{URL}/{made}/runs",
        f"{URL}/{made}/schedules",
        f"/api/v1/pipeline-runs/{begun}",
    ]
    assert {call(cleo, "GET", path).status_code for path in paths} == {404}
    assert call(cleo, "POST", f"/api/v1/pipeline-runs/{begun}/cancel", {}).status_code == 404
    assert call(cleo, "GET", URL).json()["items"] == []


def test_schedules_and_triggers(call: Any, made: str, cora: User, bob: User) -> None:
    schedules, triggers = f"{URL}/{made}/schedules", f"{URL}/{made}/triggers"
    one = call(cora, "POST", schedules, {"cron": "0 9 * * 1-5", "time_zone": "Europe/Berlin"})
    assert one.status_code == 201, one.content
    assert one.json()["next_at"].endswith("Z")
    assert call(bob, "POST", schedules, {"cron": "0 9 * * *"}).status_code == 403
    refused = call(cora, "POST", schedules, {"cron": "soon"})
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_schedule")
    listens = {"kind": "alias", "subject": "churn@champion", "parameters": {"n": "${{ event.version }}"}}
    other = call(cora, "POST", triggers, listens)
    assert other.status_code == 201, other.content
    for base, kind in ((schedules, "schedules"), (triggers, "triggers")):
        found = call(bob, "GET", base).json()["items"][0]
        address = f"/api/v1/pipeline-{kind}/{found['id']}"
        assert call(cora, "PATCH", address, {"is_paused": True}).json()["is_paused"] is True
        assert call(bob, "GET", address).status_code == 200
        assert call(cora, "DELETE", address).status_code == 204
        assert call(bob, "GET", address).status_code == 404


def test_an_alias_that_moves_starts_a_pipeline(
    call: Any, made: str, cora: User, caller: Callable[[str], Tracking], fraud: list[ModelVersion]
) -> None:
    trigger = {"kind": "alias", "subject": "fraud@candidate", "parameters": {"n": "${{ event.version }}"}}
    assert call(cora, "POST", f"{URL}/{made}/triggers", trigger).status_code == 201
    for version in ("2", "1"):
        moved = {"name": "fraud", "alias": "candidate", "version": version}
        assert caller("cora").post("registered-models/alias", **moved).status == 200
        settle()
    runs = PipelineRun.objects.order_by("id")
    assert [run.parameters["n"] for run in runs] == [2, 1]


@pytest.mark.parametrize(
    "given",
    [
        {"document": "a: &x [*x]"}, {"document": "{"}, {"document": 3}, {"document": None}, {"name": "../x"},
        {"document": {}},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_pipeline_is_refused(call: Any, workspace: Any, cora: User, given: dict[str, Any]) -> None:
    body = {"workspace": "credit", "name": "x", "document": document({"a": step()}), **given}
    answer = call(cora, "POST", URL, body)
    assert answer.status_code == 400, answer.content
    assert answer.json()["code"]
    assert not Pipeline.objects.exists()
