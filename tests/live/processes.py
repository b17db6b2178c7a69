"""Starting and stopping a server process with everything that it starts itself."""

import ctypes
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

START_SECONDS = 240
_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
STOP_SECONDS = 4


class Server:
    """A process that serves HTTP on a port of 127.0.0.1, with its output in a file."""

    def __init__(
        self, command: Sequence[str], *, port: int, log: Path, env: Mapping[str, str], cwd: Path, health: str
    ) -> None:
        self.port = port
        self.log = log
        self._health = f"http://127.0.0.1:{port}{health}"
        with log.open("wb") as output:
            # A session of its own, so that stopping it reaches its workers too.
            self.process = subprocess.Popen(
                list(command), cwd=cwd, env=dict(env), stdout=output, stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=_end_with_parent,
            )  # fmt: skip

    def wait_until_up(self) -> None:
        """Return when the server answers. Raises RuntimeError with the end of its output."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            if self._answers():
                return
            time.sleep(0.1)
        output = self.output()
        self.stop()
        raise RuntimeError(f"{self.process.args!r} does not serve {self._health}:\n{output[-4000:]}")

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def stop(self) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                continue

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self._health, timeout=2):  # noqa: S310 - our own port
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False


def _end_with_parent() -> None:
    """Have the kernel stop this process when a test run is killed and can stop nothing itself (Linux)."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def processes_below(pid: int) -> list[int]:
    """A process and all its descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(entry.name))
    found, queue = [], [pid]
    while queue:
        found.append(queue.pop())
        queue.extend(children.get(found[-1], ()))
    return found


def memory_bytes(pid: int) -> int:
    """Proportional memory of a process and its descendants: shared pages count once for all."""
    total = 0
    for member in processes_below(pid):
        try:
            lines = Path(f"/proc/{member}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return total
