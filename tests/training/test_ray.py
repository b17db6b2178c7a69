"""The same specification on a worker and on a Ray cluster of two nodes; real processes, real faults.

Takes about a minute on an idle machine, of which half is the start of Ray.
"""

import contextlib
import json
import os
import signal
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from portal.embedded import processes
from scripts.install import pip_settings
from tests.live.portal import Portal
from tests.live.wire import Wire
from tests.training.clusters import (
    GO,
    SECRET,
    TINY,
    go,
    key_of,
    log_of,
    processes_of,
    run_of,
    tiny_on,
    until_log,
)
from tests.training.live import ended, submitted
from tests.training.ray_cluster import RayNodes, ray_program
from tests.training.sweeps import bowl
from training.executors.cluster import Submission
from training.executors.ray_jobs import RayCluster

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live"), pytest.mark.timeout(600)]
PARABOLA: dict[str, Any] = {
    "name": "parabola", "experiment": "on clusters", "command": "python train.py", "code": {"bundled": "parabola"},
    "parameters": {"x": 0.5}, "seed": 7, "limits": {"timeout": "5m"}, "resources": {"cpus": 1},
}  # fmt: skip
LEASE_OVER = """
import sys, django; django.setup()
from jobs.models import JobRun
from portal.kernel.clock import now
assert JobRun.objects.filter(pk=sys.argv[1], state="running").update(lease_until=now()) == 1
"""
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def ray(portal_server: Portal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RayNodes]:
    program = ray_program()
    folder = tmp_path_factory.mktemp("ray")
    uv = ROOT / ".venv" / "bin"
    nodes = RayNodes(
        program, folder, address=portal_server.env["RAY_ADDRESS"], PATH=f"{os.environ['PATH']}:{uv}",
        PORTAL_ENVIRONMENTS=str(folder / "environments"),
        UV_CACHE_DIR=portal_server.env["UV_CACHE_DIR"], UV_INDEX_STRATEGY="unsafe-best-match", **pip_settings(),
    )  # fmt: skip
    yield nodes
    nodes.close()


@pytest.fixture(scope="module")
def portal(portal_server: Portal, ray: RayNodes) -> Iterator[Portal]:
    """Its workers leave at once when they are told to."""
    before = dict(portal_server.env)
    portal_server.env |= {"JOB_GRACE_SECONDS": "0"}
    yield portal_server
    portal_server.env.clear()
    portal_server.env |= before


@pytest.fixture(scope="module")
def wire(portal: Portal) -> Iterator[Wire]:
    with portal.wire("eve") as wire:
        yield wire


@pytest.fixture
def worker(portal: Portal) -> Iterator[None]:
    with portal.worker():
        yield


@pytest.fixture
def sweeper(portal: Portal, tmp_path: Path) -> Iterator[None]:
    """What starts jobs that wait for another try."""
    command = [sys.executable, "manage.py", "scheduler", "--interval", "0.5"]
    process = processes.start(command, log=tmp_path / "scheduler.log", env=portal.env, cwd=ROOT)
    yield
    processes.signal_group(process.pid, signal.SIGKILL)
    process.wait(10)


@pytest.fixture(scope="module")
def cluster(ray: RayNodes) -> RayCluster:
    return RayCluster(ray.address)


@pytest.fixture(scope="module")
def tiny(portal: Portal) -> Callable[..., dict[str, Any]]:
    return tiny_on(portal, "ray")


def of_ray(ray: RayNodes, path: str = "", body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(  # noqa: S310
        f"{ray.address}/api/jobs/{path}", data, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(asked, timeout=20) as answer:  # noqa: S310
        return json.load(answer)


@pytest.fixture
def mark() -> Iterator[str]:
    mark = uuid4().hex
    yield mark
    (GO / f"portal-go-{mark}").unlink(missing_ok=True)


def test_the_same_specification_gives_the_same_on_ray_and_can_be_cancelled(
    wire: Wire, worker: None, ray: RayNodes, portal: Portal, tiny: Any, mark: str
) -> None:
    asked = [submitted(wire, {**PARABOLA, "executor": name}) for name in ("local", "ray")]
    shy = submitted(wire, tiny(mark))
    here, there = (ended(wire, each) for each in asked)
    assert (here["state"], there["state"]) == ("done", "done"), (here["reason"], log_of(wire, there))
    first, second = run_of(wire, here)["data"], run_of(wire, there)["data"]
    values = [{each["key"]: each["value"] for each in data["metrics"]} for data in (first, second)]
    assert values[0] == values[1]
    assert "loss" in values[0]
    assert first["params"] == second["params"]
    assert here["environment_digest"] == there["environment_digest"]
    assert there["seen"]["exit"]["code"] == 0
    assert "[portal] handing over to Ray" in log_of(wire, there)
    nothing_secret_shows(wire, ray, portal, ended(wire, shy))
    cancelling_ends_the_processes_there(wire, submitted(wire, tiny(mark, "wait")), mark)


def nothing_secret_shows(wire: Wire, ray: RayNodes, portal: Portal, found: dict[str, Any]) -> None:
    """The output came back, and what the cluster tells of the work opens nothing."""
    assert found["state"] == "done", (found["reason"], log_of(wire, found))
    assert found["seen"]["outputs"]["report"]["files"] == 1
    path = f"/get-artifact?run_uuid={found['run_id']}&path=outputs/report/said.txt"
    assert wire.send("GET", path).body == (TINY / "said.txt").read_bytes()
    log = log_of(wire, found)
    assert "secret [secret]" in log
    assert "token [secret]" in log
    key = key_of(found["id"])
    shown = json.dumps(of_ray(ray)) + json.dumps(of_ray(ray, f"{key}/logs"))
    assert "secret [secret]" in shown
    assert SECRET not in shown
    assert "mlp_" not in shown, "a token of the portal"
    claim = of_ray(ray, key)["runtime_env"]["env_vars"]["PORTAL_CLAIM"]
    with portal.wire("cleo") as stranger:
        assert stranger.json("POST", "/api/v1/training-claims", {"claim": claim}).json["code"] == "claim_used"


def cancelling_ends_the_processes_there(wire: Wire, training_id: str, mark: str) -> None:
    found = until_log(wire, training_id, "tick 3")
    assert processes_of(mark)
    asked_at = time.monotonic()
    assert wire.json("POST", f"/api/v1/jobs/{found['job']}/cancellations", {}).status < 300
    while processes_of(mark):
        assert time.monotonic() - asked_at < 10
        time.sleep(0.1)
    found = ended(wire, training_id)
    assert found["state"] == "cancelled"
    assert run_of(wire, found)["info"]["status"] == "KILLED"


def test_a_sweep_on_ray_hands_its_parameters_to_the_code(
    wire: Wire, worker: None, sweeper: None, portal: Portal
) -> None:
    """`RAY_TRIALS=50` makes it a sweep that finds the least value."""
    most, one = int(os.environ.get("RAY_TRIALS", "4")), bowl.training(bowl.snapshot(portal), executor="ray")
    with portal.worker():
        found, made = bowl.played(wire, one, 1500, budget={"trials": most}, parallel=2)
    assert (found["state"], len(made)) == ("done", most), (found, made)
    assert bowl.heard(made)
    shown = [trial["values"][0] for trial in made]
    print("sweep on Ray:", sorted(shown)[:5], found["best"]["params"])  # noqa: T201 - for who runs it long
    assert found["best"]["values"] == [min(shown)]
    assert most < 50 or min(shown) < 0.05


def test_neither_a_killed_worker_nor_a_dead_node_costs_a_training(
    wire: Wire, portal: Portal, sweeper: None, ray: RayNodes, cluster: RayCluster, tiny: Any, mark: str
) -> None:
    with portal.worker() as killed:
        training_id = submitted(wire, tiny(mark, "wait"))
        found = until_log(wire, training_id, "tick 3")
        processes.signal_group(killed.pid, signal.SIGKILL)
    portal.run("-c", LEASE_OVER, found["job"])
    key = key_of(training_id)
    cluster.submit(Submission(key, "", "", "another claim", portal.uri, {}, 60))
    assert of_ray(ray, key)["status"] == "RUNNING"
    go(mark)
    with portal.worker():
        found = ended(wire, training_id)
        assert found["state"] == "done", found["reason"]
        mine = [each["submission_id"] for each in of_ray(ray)]
        assert [each for each in mine if each.startswith(key.partition("-")[0])] == [key]
        assert of_ray(ray, f"{key}/logs")["logs"].count("begun") == 1
        attempts = wire.json("GET", f"/api/v1/jobs/{found['job']}/attempts").json["items"]
        assert len(attempts) == 2
        a_node_dies(wire, ray, cluster, tiny)


def a_node_dies(wire: Wire, ray: RayNodes, cluster: RayCluster, tiny: Any) -> None:
    """It costs an attempt."""
    mark = uuid4().hex
    with head_occupied(ray, cluster):
        training_id = submitted(wire, tiny(mark, "wait"))
        until_log(wire, training_id, "tick 3")
        ray.node_kill()
        go(mark)
    found = ended(wire, training_id)
    (GO / f"portal-go-{mark}").unlink()
    assert found["state"] == "done", found["reason"]
    assert found["seen"]["exit"]["code"] == 0
    attempts = wire.json("GET", f"/api/v1/jobs/{found['job']}/attempts").json["items"]
    assert len(attempts) == 2
    assert processes_of(mark) == []


@contextlib.contextmanager
def head_occupied(ray: RayNodes, cluster: RayCluster) -> Iterator[None]:
    """While this is open, the only free processor is that of the second node."""
    head = ray.head_id()
    keys = [uuid4().hex for _ in range(2)]
    for key in keys:
        body = {"entrypoint": "sleep 300", "submission_id": key, "entrypoint_num_cpus": 1}
        of_ray(ray, "", body)
    nodes: dict[str, str] = {}
    while len(nodes) < 2:
        jobs = {job["submission_id"]: job.get("driver_node_id") for job in of_ray(ray)}
        nodes = {jobs[key]: key for key in keys if jobs.get(key)}
        time.sleep(0.2)
    elsewhere = next(key for node, key in nodes.items() if node != head)
    cluster.stop(elsewhere)
    try:
        yield
    finally:
        cluster.stop(nodes[head])
