"""The supervisor with real processes: what falls is restarted, what is stubborn is killed, nothing stays behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.embedded import processes
from tests.operations.processes import processes_about

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
# A program below the supervisor: writes its number, starts a child, and ignores what it is told to ignore.
STUBBORN = """
import os, pathlib, signal, subprocess, sys, time
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
    signal.signal(number, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", sys.argv[1]])
with (pathlib.Path(sys.argv[1]) / "starts").open("a") as file:
    file.write(f"{os.getpid()}\\n")
time.sleep(600)
"""
SUPERVISOR = f"""
import pathlib, subprocess, sys
from portal.embedded import processes
from portal.embedded.supervisor import Service, Supervisor
folder = pathlib.Path(sys.argv[1])
log = folder / "stubborn.log"
command = [sys.executable, "-c", {STUBBORN!r}, str(folder)]
supervisor = Supervisor(lambda text: print(text, flush=True))
supervisor.start(Service("stubborn", lambda: processes.start(command, log=log), log, (folder / "starts").exists))
print("watching", flush=True)
supervisor.watch()
supervisor.stop()
"""


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "watching\n"
    yield process
    if process.poll() is None:
        process.kill()
    process.wait()
    process.stdout.close()
    assert processes.wait_until(lambda: not processes_about(tmp_path), seconds=30), processes_about(tmp_path)


def starts(folder: Path) -> list[int]:
    return [int(line) for line in (folder / "starts").read_text().split()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_even_programs_that_ignore_it(
    supervisor: subprocess.Popen[str], tmp_path: Path, number: int
) -> None:
    assert len(processes_about(tmp_path)) >= 3
    supervisor.send_signal(number)
    assert supervisor.wait(60) == 0
    assert processes_about(tmp_path) == {}


def test_a_killed_supervisor_leaves_no_orphan(supervisor: subprocess.Popen[str], tmp_path: Path) -> None:
    supervisor.kill()
    supervisor.wait()
    assert processes.wait_until(lambda: not processes_about(tmp_path), seconds=60), processes_about(tmp_path)


def test_what_falls_is_started_again_without_its_old_children(
    supervisor: subprocess.Popen[str], tmp_path: Path
) -> None:
    (first,) = starts(tmp_path)
    before = set(processes_about(tmp_path))
    os.kill(first, signal.SIGKILL)
    assert supervisor.stdout is not None
    assert "stubborn ended (signal SIGKILL)" in supervisor.stdout.readline()
    assert "stubborn was started again" in supervisor.stdout.readline()
    assert processes.wait_until(lambda: len(starts(tmp_path)) == 2, seconds=60)
    assert set(processes_about(tmp_path)) & before == {supervisor.pid}
