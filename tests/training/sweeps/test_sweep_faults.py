"""A worker is killed in the middle of a sweep: each trial counts once, and the sweep ends as if nothing had been."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from portal.embedded import processes
from tests.live.portal import ROOT, Portal
from tests.live.wire import Wire
from tests.training.live import waited
from tests.training.sweeps.bowl import OVER

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live")]
# What time would do: the dead worker is not waited for.
LEASE_OVER = """
import sys, django; django.setup()
from jobs.models import JobRun
from portal.kernel.clock import now
JobRun.objects.filter(pk__in=sys.argv[1:], state="running").update(lease_until=now())
"""
TRIALS = 5
SPEC = {
    "training": {
        "experiment": "killed sweeps", "code": {"bundled": "parabola"}, "limits": {"timeout": "2m"},
        "command": "python train.py --x {x} --kind {kind} --steps 2 --pause 0.8",
    },
    "space": {
        "x": {"type": "float", "low": -2, "high": 2}, "kind": {"type": "categorical", "choices": ["a", "b"]},
    },
    "objectives": [{"metric": "loss", "direction": "minimize"}],
    "budget": {"trials": TRIALS}, "parallel": 2, "seed": 5,
}  # fmt: skip


@pytest.fixture(scope="module")
def wire(portal_server: Portal) -> Iterator[Wire]:
    command = [sys.executable, "manage.py", "scheduler", "--interval", "0.5"]
    log = portal_server.folder / "scheduler.log"
    scheduler = processes.start(command, log=log, env=portal_server.env, cwd=ROOT)
    try:
        with portal_server.wire("eve") as wire:
            yield wire
    finally:
        processes.signal_group(scheduler.pid, signal.SIGKILL)
        scheduler.wait(10)


def held_by(wire: Wire, path: str, worker: subprocess.Popen[bytes]) -> str:
    """The job of a trial whose command runs in this worker."""
    limit = time.monotonic() + 90
    while time.monotonic() < limit:
        children = subprocess.run(
            ["pgrep", "-P", str(worker.pid)], capture_output=True, text=True
        ).stdout.split()
        for trial in wire.json("GET", f"{path}/trials?limit=50").json["items"]:
            training = wire.json("GET", f"/api/v1/training-jobs/{trial['training']}").json
            job = wire.json("GET", f"/api/v1/jobs/{training['job']}").json
            is_begun = job["state"] == "running" and trial["run_id"] is not None
            if is_begun and str(job["owner"]).rpartition(":")[2] in children:
                return str(job["id"])
        time.sleep(0.2)
    raise AssertionError("The worker takes no trial.")


def test_a_worker_that_is_killed_in_mid_sweep_costs_an_attempt_and_no_trial(
    wire: Wire, portal_server: Portal
) -> None:
    made = wire.json("POST", "/api/v1/sweeps", {"workspace": "credit", "spec": SPEC})
    assert made.status == 201, made.body
    path = f"/api/v1/sweeps/{made.json['id']}"
    with portal_server.worker(), portal_server.worker() as victim:
        job = held_by(wire, path, victim)
        os.kill(victim.pid, signal.SIGKILL)
        portal_server.run("-c", LEASE_OVER, job)
        found = waited(wire, path, lambda sweep: sweep["state"] in OVER, 150)
    assert (found["state"], found["ended_by"]) == ("done", "trials"), found
    trials = wire.json("GET", f"{path}/trials?limit=50").json["items"]
    assert sorted(trial["number"] for trial in trials) == list(range(TRIALS))
    assert {trial["state"] for trial in trials} == {"complete"}
    for trial in trials:
        params = trial["params"]
        assert trial["values"] == pytest.approx([(params["x"] - 0.5) ** 2 + (params["kind"] == "b")])
    assert found["best"]["values"] == [min(trial["values"][0] for trial in trials)]
    assert found["trials"]["complete"] == TRIALS
    ids = {trial["training"] for trial in trials}
    assert len(ids) == len({trial["run_id"] for trial in trials}) == TRIALS
    listed = wire.json("GET", "/api/v1/training-jobs?limit=100").json["items"]
    begun = [each for each in listed if each["experiment"] == "killed sweeps"]
    assert {each["id"] for each in begun} == ids, "no trial was begun twice"
    attempts = Counter(
        len(wire.json("GET", f"/api/v1/jobs/{each['job']}/attempts").json["items"]) for each in begun
    )
    assert attempts[2] >= 1, "one was begun again"
