"""Sweeps on the live portal: two workers, a scheduler, real trainings of a bundled example."""

import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from portal.embedded import processes
from tests.live.portal import ROOT, Portal
from tests.live.wire import Wire
from tests.training.live import waited
from tests.training.sweeps import bowl

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live")]
TRAINING: dict[str, Any] = {
    "experiment": "sweeps", "code": {"bundled": "parabola"}, "limits": {"timeout": "2m"},
    "command": "python train.py --x {x} --n {n} --kind {kind} --steps {steps} --pause {pause}",
    "parameters": {"steps": 1, "pause": 0},
}  # fmt: skip
SPACE = {
    "x": {"type": "float", "low": -2, "high": 2}, "n": {"type": "int", "low": 1, "high": 8},
    "kind": {"type": "categorical", "choices": ["a", "b"]},
}  # fmt: skip
OVER = ("done", "failed", "stopped")


@pytest.fixture(scope="module")
def wire(portal_server: Portal) -> Iterator[Wire]:
    """Two workers for everything, and beside them what each installation has: a scheduler, and a worker for the
    portal's own short work, which trainings must not hold up."""
    celery = (
        "-m celery -A portal worker -c 1 --without-gossip --without-mingle --without-heartbeat -l warning"
    )
    own = {**portal_server.env, "JOB_QUEUES": "system"}
    others = [
        processes.start([sys.executable, *words.split()], log=portal_server.folder / name, env=env, cwd=ROOT)
        for name, words, env in (
            ("scheduler.log", "manage.py scheduler", portal_server.env),
            ("system.log", celery, own),
        )
    ]
    try:
        with portal_server.worker(), portal_server.worker(), portal_server.wire("eve") as wire:
            yield wire
    finally:
        for process in others:
            processes.signal_group(process.pid, signal.SIGKILL)
            process.wait(10)


def begun(wire: Wire, **given: Any) -> str:
    spec = {
        "training": TRAINING,
        "space": SPACE,
        "objectives": [{"metric": "loss", "direction": "minimize"}],
        **given,
    }
    made = wire.json("POST", "/api/v1/sweeps", {"workspace": "credit", "spec": spec})
    assert made.status == 201, made.body
    return f"/api/v1/sweeps/{made.json['id']}"


def trials(wire: Wire, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = wire.json("GET", f"{path}/trials?limit=200").json["items"]
    return found


def test_a_dozen_trials_on_two_workers(wire: Wire) -> None:
    path = begun(wire, name="dozen", budget={"trials": 12}, parallel=4, seed=3)
    found = waited(wire, path, lambda sweep: sweep["state"] in OVER)
    assert (found["state"], found["ended_by"]) == ("done", "trials"), found
    made = trials(wire, path)
    assert Counter(trial["state"] for trial in made) == {"complete": 12}
    assert [trial["number"] for trial in made] == list(range(11, -1, -1))
    assert len({trial["run_id"] for trial in made}) == 12
    best = min(trial["values"][0] for trial in made)
    assert found["best"]["values"] == [best]
    query = {"filter": f"tags.mlflow.parentRunId = '{found['parent_run_id']}'", "max_results": 100}
    ids = wire.json("GET", "/api/2.0/mlflow/experiments/get-by-name?experiment_name=sweeps").json
    runs = wire.json(
        "POST",
        "/api/2.0/mlflow/runs/search",
        {**query, "experiment_ids": [ids["experiment"]["experiment_id"]]},
    ).json["runs"]
    assert Counter(run["info"]["status"] for run in runs) == {"FINISHED": 12}
    explained = waited(wire, path, lambda sweep: sweep["importance_trials"] == 12)
    assert set(explained["importance"][0]) == set(SPACE)


def test_parameters_reach_words_variables_the_file_and_entry_points(
    wire: Wire, portal_server: Portal
) -> None:
    code = bowl.snapshot(portal_server)
    found, made = bowl.played(wire, bowl.training(code), budget={"trials": 2})
    assert (found["state"], len(made)) == ("done", 2), found
    assert bowl.heard(made)
    project = {key: value for key, value in bowl.training(code).items() if key != "command"}
    found, made = bowl.played(wire, {**project, "entry_point": "main"}, budget={"trials": 1})
    assert (found["state"], len(made)) == ("done", 1), (found, made)
    assert bowl.heard(made)
    found, made = bowl.played(
        wire, {**project, "entry_point": "deaf"}, budget={"trials": 2}, stop={"failures": 1}, parallel=1
    )
    assert found["state"] == "failed"
    assert (
        "The sweep varies x, which the entry point declares and its command does not use" in found["reason"]
    )
    refused = bowl.asked(wire, bowl.training(code, command="python train.py --x {x}"))
    assert (refused.status, refused.json["code"]) == (400, "unused_parameter"), refused.body


def test_a_trial_that_goes_badly_is_pruned_while_it_runs(wire: Wire) -> None:
    training = {**TRAINING, "parameters": {"steps": 40, "pause": 0.5}}
    pruner = {"type": "median", "startup_trials": 1}
    space = {"x": {"type": "categorical", "choices": [0.5, 5.0, 6.0, 7.0]}}
    command = "python train.py --x {x} --steps {steps} --pause {pause}"
    path = begun(
        wire, name="pruned", training={**training, "command": command}, space=space, sampler="random", seed=1,
        pruner=pruner, budget={"trials": 6}, parallel=2,
    )  # fmt: skip
    started = time.monotonic()
    waited(wire, path, lambda sweep: sweep["trials"]["pruned"] > 0 or sweep["state"] in OVER)
    found = next((trial for trial in trials(wire, path) if trial["state"] == "pruned"), None)
    assert found is not None, (time.monotonic() - started, trials(wire, path))
    assert found["pruned_step"] < 40
    assert found["seconds"] < 18
    run = wire.json("GET", f"/api/2.0/mlflow/runs/get?run_id={found['run_id']}").json["run"]
    assert run["info"]["status"] == "KILLED"
    tags = {tag["key"]: tag["value"] for tag in run["data"]["tags"]}
    assert tags["portal.sweep.pruned_step"] == str(found["pruned_step"])
    wire.json("POST", f"{path}/stops", {})
    waited(wire, path, lambda sweep: sweep["state"] in OVER)
