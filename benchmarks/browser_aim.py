"""Aim with as many runs, in an environment of its own: its repository is filled by its own client, a run after the other."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.environments import environment_built
from benchmarks.seed import METRICS, PARAMS
from tests.live.processes import Server, free_port

PACKAGES = ("aim==3.29.1",)
MOST_RUNS = 1_000  # its client takes a fifth of a second for each
_SEED = f"""
import random, sys
from aim import Run
for _ in range(int(sys.argv[2])):
    run = Run(repo=sys.argv[1], experiment="painted", system_tracking_interval=None, capture_terminal_logs=False)
    run["hparams"] = {{f"param{{k}}": f"v{{random.randrange(8)}}" for k in range({PARAMS})}}
    for k in range({METRICS}):
        run.track(random.random(), name=f"metric{{k}}", step=0)
    run.close()
"""


@contextmanager
def aim_served(environments: Path, folder: Path, runs: int) -> Iterator[str]:
    """The address of its page of runs, while this is open."""
    programs = environment_built(environments / "aim", PACKAGES)
    place = folder / "aim"
    place.mkdir()
    env = {**os.environ, "AIM_UI_TELEMETRY_ENABLED": "0"}
    subprocess.run(
        [programs / "aim", "init", "-s", "--repo", place], env=env, check=True, capture_output=True
    )
    subprocess.run([programs / "python", "-c", _SEED, place, str(runs)], env=env, check=True)
    port = free_port()
    server = Server(
        [str(programs / "aim"), "up", "--repo", str(place), "--host", "127.0.0.1", "--port", str(port)],
        port=port, log=folder / "aim.log", env=env, cwd=folder, health="/",
    )  # fmt: skip
    server.wait_until_up()
    try:
        yield f"http://127.0.0.1:{port}/runs"
    finally:
        server.stop()
