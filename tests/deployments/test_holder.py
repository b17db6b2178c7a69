"""What holds a process, with real processes: memory, the end of the node, and the end of the holder itself."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deployments.node.holder import process_key
from deployments.node.processes import ModelProcess
from jobs.process.groups import descendants
from jobs.process.isolation import ROOT, isolation

HUNGRY = "import time; kept = bytearray(400 * 1024 * 1024); print('fed', flush=True); time.sleep(100)"


@pytest.fixture
def hold(tmp_path: Path) -> Iterator[Any]:
    """`hold(*argv, …)` has a command held; killed at the end, whatever becomes of it."""
    held: list[subprocess.Popen[bytes]] = []

    def start(*argv: str, memory_mb: int = 200, alone_seconds: float = 60) -> ModelProcess:
        spec = {
            "argv": list(argv), "cwd": str(tmp_path), "env": {"PATH": os.defpath}, "isolation": isolation(),
            "limits": {"memory_bytes": memory_mb * 1024**2, "cpus": 1, "file_bytes": None, "log_bytes": 100_000},
            "node_lock": str(tmp_path / "node.lock"), "alone_seconds": alone_seconds,
            "environment_lock": str(tmp_path / "environment.lock"),
        }  # fmt: skip
        (tmp_path / "held.json").write_text(json.dumps(spec))
        held.append(
            subprocess.Popen(
                [sys.executable, "-m", "deployments.node.holder", str(tmp_path)],
                cwd=ROOT,
                start_new_session=True,
            )
        )
        process = ModelProcess(tmp_path)
        until(lambda: process.holder[0] or process.ended)
        return process

    yield start
    for each in held:
        each.kill()
        each.wait(10)


def until(condition: Any, seconds: float = 60) -> Any:
    limit = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < limit
        time.sleep(0.05)
    return found


def test_what_takes_more_memory_than_it_may_is_ended(hold):
    process = hold(sys.executable, "-c", HUNGRY)
    ended = until(lambda: process.ended)
    assert ended["cause"] == "memory"
    assert ended["code"] in (-signal.SIGTERM, -signal.SIGKILL)  # it is asked first


def test_what_no_node_looks_after_ends_by_itself(hold):
    process = hold("sleep", "100", alone_seconds=1)
    assert process.is_alive
    ended = until(lambda: process.ended)
    assert (ended["cause"], process.is_alive) == ("alone", False)


def test_a_killed_holder_takes_all_that_it_held_along(hold):
    process = hold("sh", "-c", "sleep 100 & sleep 100")
    pid, key = process.holder
    below = until(lambda: len(found := list(descendants(pid))) >= 3 and found)
    assert process_key(pid) == key
    process.kill()
    until(lambda: not [each for each in below if process_key(each)])
    until(lambda: not process.is_alive)
    assert process.ended == {}
