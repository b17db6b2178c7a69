"""Starting and ending processes: each in a session of its own, with its output in a file."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)
POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Identity:
    """A process that is told apart from a later one with the same number."""

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> "Identity | None":
        """The identity of a living process; None when there is none, or only a zombie."""
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] in "ZX" else cls(pid, fields[19])

    @property
    def is_alive(self) -> bool:
        return Identity.of(self.pid) == self

    @property
    def command(self) -> str:
        try:
            return (
                Path(f"/proc/{self.pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            )
        except OSError:
            return ""


def end_with_parent(number: int = signal.SIGTERM) -> None:
    """Ask the kernel for a signal when the parent dies, however it dies."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)


def start(
    command: Sequence[str], *, log: Path, env: Mapping[str, str] | None = None, cwd: Path | None = None,
    user: int | None = None,
) -> subprocess.Popen[bytes]:  # fmt: skip
    """Start a process in a session of its own; what it prints is appended to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            list(command), env=None if env is None else dict(env), cwd=cwd, stdin=subprocess.DEVNULL,
            stdout=output, stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=end_with_parent,
            user=user, group=user, extra_groups=None if user is None else [],
        )  # fmt: skip


def signal_group(pid: int, number: int) -> bool:
    """Send a signal to a process group; False when it is gone."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Wait for a condition; False when the time is over."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def end(identity: Identity, *, polite: int, seconds: float, final: int = signal.SIGKILL) -> None:
    """End a process that may not be our child: first politely, then for good."""
    for number in (polite, final):
        if not identity.is_alive:
            return
        os.kill(identity.pid, number)
        if wait_until(lambda: not identity.is_alive, seconds=seconds):
            return


def tail(log: Path, lines: int = 15) -> str:
    """The end of a log, for a message on the terminal."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
