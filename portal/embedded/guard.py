"""A tiny process that ends what its parent started, if the parent is killed before it can do so itself.

The kernel's own signal for this (PR_SET_PDEATHSIG) reaches direct children only and does not survive the user
namespace that PostgreSQL runs in. The guard reads process groups from a pipe; when the pipe closes without a
farewell, the parent is dead, and the guard ends them. This file runs as a script and imports nothing of ours,
so that the guard starts at once and stays small.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

FAREWELL = "bye"
# SIGINT comes first: to PostgreSQL, SIGTERM means "wait until everybody has left".
STEPS = ((signal.SIGINT, 1.5), (signal.SIGTERM, 1.5), (signal.SIGQUIT, 1.0), (signal.SIGKILL, 0.0))
POLL_SECONDS = 0.05


@dataclass
class Guard:
    """The parent's end of the pipe."""

    process: subprocess.Popen[bytes]

    @classmethod
    def start(cls) -> "Guard":
        command = [sys.executable, "-I", "-S", str(Path(__file__).resolve())]
        return cls(subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True, cwd="/"))

    def watch(self, pid: int) -> None:
        """End this process group too."""
        self._say(str(pid))

    def forget(self, pid: int) -> None:
        """It ended already, and its number may be somebody else's soon."""
        self._say(f"-{pid}")

    def dismiss(self) -> None:
        """All is stopped; the guard may go."""
        self._say(FAREWELL)
        self.process.communicate()

    def _say(self, line: str) -> None:
        if self.process.stdin is None:
            return
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(f"{line}\n".encode())
            self.process.stdin.flush()


def _groups_to_end() -> set[int]:
    """Read until the pipe closes; empty after a farewell."""
    groups: set[int] = set()
    for line in sys.stdin:
        word = line.strip()
        if word == FAREWELL:
            return set()
        pid = int(word)
        groups.add(pid) if pid > 0 else groups.discard(-pid)
    return groups


def _reached(group: int, number: int) -> bool:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def main() -> None:
    """Wait for the parent's end, then end what it left."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    groups = _groups_to_end()
    for number, patience_seconds in STEPS:
        groups = {group for group in groups if _reached(group, number)}
        deadline = time.monotonic() + patience_seconds
        while groups and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
            groups = {group for group in groups if _reached(group, 0)}


if __name__ == "__main__":
    main()
