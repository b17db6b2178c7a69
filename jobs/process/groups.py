"""All processes of one command, however they were started: ended together, measured together.

`NamespaceGroup` puts them into a process namespace, whose first process is a small one of ours: when that ends,
the kernel ends all of them, also those in sessions of their own. `SubreaperGroup` is for kernels or containers
that allow no namespace: orphans come to the launcher, which ends its descendants until none is left.
Standard library only.
"""

import os
import signal
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn, Protocol

from jobs.process import kernel

_PAGE = os.sysconf("SC_PAGE_SIZE")
Become = Callable[[], NoReturn]


class Group(Protocol):
    """`status` is the wait status of the command itself when `poll` has said that everything is over."""

    status: int | None

    def poll(self) -> bool: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...
    def folders(self) -> list[Path]: ...


class NamespaceGroup:
    """A process namespace. Raises OSError where the kernel does not allow it."""

    def __init__(self, become: Become) -> None:
        kernel.process_namespace_enter()
        self.status: int | None = None
        self._report, report = os.pipe()
        parent_alive, self._alive = os.pipe()
        self._first = os.fork()
        if self._first == 0:
            os.close(self._alive)
            _first_process(become, report, parent_alive)
        os.close(report)
        os.close(parent_alive)

    def poll(self) -> bool:
        """Whether all processes are gone; the kernel lets the first one end after all others."""
        if self._first and os.waitpid(self._first, os.WNOHANG)[0]:
            self._first = 0
            told = os.read(self._report, 4)
            self.status = struct.unpack("i", told)[0] if len(told) == 4 else signal.SIGKILL
        return not self._first

    def terminate(self) -> None:
        if self._first:
            os.kill(self._first, signal.SIGTERM)

    def kill(self) -> None:
        if self._first:
            os.kill(self._first, signal.SIGKILL)

    def folders(self) -> list[Path]:
        """The folders of the processes below /proc, seen from outside."""
        inside = Path(f"/proc/{self._first}/root/proc")
        # Until the first process has put its own there, this is the list of the whole machine.
        try:
            if inside.stat().st_dev == Path("/proc").stat().st_dev:
                return []
        except OSError:
            return []
        return [inside / name for name in _numbers(inside) if name != "1"]


class SubreaperGroup:
    """The descendants of this process, orphans included."""

    def __init__(self, become: Become) -> None:
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
        self.status: int | None = None
        self._main = os.fork()
        if self._main == 0:
            become()

    def poll(self) -> bool:
        """Whether all processes are gone. When the command itself has ended, what it left behind is killed."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return True
            if pid == self._main:
                self.status = status
            elif pid == 0:
                break
        if self.status is not None:
            self.kill()
        return False

    def terminate(self) -> None:
        _signal_all(self._pids(), signal.SIGTERM)

    def kill(self) -> None:
        _signal_all(self._pids(), signal.SIGKILL)

    def folders(self) -> list[Path]:
        return [Path(f"/proc/{pid}") for pid in self._pids()]

    def _pids(self) -> list[int]:
        return list(descendants(os.getpid()))


def descendants(root: int) -> Iterator[int]:
    """The processes below one, found by asking each process for its parent."""
    children: dict[int, list[int]] = {}
    for name in _numbers(Path("/proc")):
        try:
            parent = int(Path(f"/proc/{name}/stat").read_bytes().rpartition(b")")[2].split()[1])
        except (OSError, IndexError):
            continue
        children.setdefault(parent, []).append(int(name))
    below = list(children.get(root, ()))
    while below:
        pid = below.pop()
        yield pid
        below += children.get(pid, ())


def memory_of(folders: list[Path]) -> int:
    """The bytes that these processes hold in memory; what they share is counted for each."""
    return sum(_resident(folder) for folder in folders)


def memory_shared_fairly(folders: list[Path]) -> int:
    """The same with each shared page counted once in all; slower."""
    return sum(_proportional(folder) for folder in folders)


def _resident(folder: Path) -> int:
    try:
        return int((folder / "statm").read_bytes().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def _proportional(folder: Path) -> int:
    try:
        lines = (folder / "smaps_rollup").read_bytes().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(b"Pss:"))
    except (OSError, StopIteration):
        return _resident(folder)


def _first_process(become: Become, report: int, parent_alive: int) -> NoReturn:
    """The first process of a namespace: starts the command, buries orphans, and ends with the command.

    The kernel kills it when the launcher dies; `parent_alive` covers a launcher that died before that was set.
    """
    try:
        signal.set_wakeup_fd(-1)
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        _parent_check(parent_alive)
        kernel.process_folder_mount()
        os.setsid()
        signal.signal(signal.SIGTERM, lambda *_: _signal_all([-1], signal.SIGTERM))
        main = os.fork()
        if main == 0:
            become()
        _close_all_but(report)
        while True:
            pid, status = os.waitpid(-1, 0)
            if pid == main:
                os.write(report, struct.pack("i", status))
                os._exit(0)
    finally:
        os._exit(1)


def _parent_check(parent_alive: int) -> None:
    os.set_blocking(parent_alive, False)
    try:
        if os.read(parent_alive, 1) == b"":
            os._exit(1)
    except BlockingIOError:
        return


def _close_all_but(kept: int) -> None:
    """The output shall end with the command, and not with the process that waits for it."""
    os.closerange(0, kept)
    os.closerange(kept + 1, 256)


def _signal_all(pids: list[int], number: int) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except (ProcessLookupError, PermissionError):
            continue


def _numbers(folder: Path) -> list[str]:
    try:
        return [name for name in os.listdir(folder) if name.isdigit()]
    except OSError:
        return []
