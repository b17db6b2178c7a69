"""Starts a command, watches it, and outlives neither it nor the worker: `python -m jobs.process.launcher`.

It is told what to do by one line of JSON on its standard input, then by short lines there: `hold <seconds>` (the
job is this worker's for at least so long), `cancel`, `lose [<grace>]`. The input ends when the worker dies. It answers
with one line of JSON. It reads the command's output and writes it, masked and bounded, to the spool file, so a
command never waits for the portal. Standard library only, to start fast and stay small.
"""

import contextlib
import json
import os
import select
import signal
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from jobs.process import groups, kernel
from jobs.process.child import become
from jobs.process.masking import Masker
from jobs.process.spool import Spool

GRACE_SECONDS = 4.0
MEASURE_SECONDS = 0.1
_READ_BYTES = 256 * 1024
_DRAIN_SECONDS = 2.0
_KINDS: dict[str, type[groups.NamespaceGroup] | type[groups.SubreaperGroup]] = {
    "namespace": groups.NamespaceGroup,
    "subreaper": groups.SubreaperGroup,
}


class Launcher:
    """One command from its start to the end of its last process."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.limits: dict[str, Any] = spec["limits"]
        self.spool = Spool(Path(spec["spool"]), self.limits["log_bytes"])
        self.masker = Masker(spec["secrets"])
        self.started = time.monotonic()
        self.hold_until = self.started + spec["hold_seconds"]
        self.kill_at: float | None = None
        self.cause = ""
        self.peak: int | None = None
        self._measured_at = 0.0
        self._orders = b""
        self._kills_before = _machine_kills()
        self.output, output = os.pipe()
        self.group: groups.Group = _KINDS[spec["isolation"]](partial(_become, spec, output))
        os.close(output)
        os.set_blocking(self.output, False)
        os.set_blocking(0, False)

    def run(self, wake: int) -> dict[str, Any]:
        """Watch until everything is over; the facts about the end."""
        poll = select.poll()
        for source in (self.output, 0, wake):
            poll.register(source, select.POLLIN)
        while not self.group.poll():
            for source, _ in poll.poll(MEASURE_SECONDS * 1000):
                if source == self.output and not self._copy():
                    poll.unregister(source)
                elif source == 0:
                    self._obey(poll)
                elif source == wake:
                    os.read(wake, 512)
            self._enforce()
        self._drain()
        return self._facts()

    def end(self, cause: str, grace: float = GRACE_SECONDS) -> None:
        """Ask all processes to end, and kill them after a while; the first cause counts."""
        self.cause = self.cause or cause
        now = time.monotonic()
        if self.kill_at is None and grace:
            self.group.terminate()
        self.kill_at = min(self.kill_at or now + grace, now + grace)

    def _copy(self) -> bool:
        """Take what output there is; False at its end."""
        try:
            data = os.read(self.output, _READ_BYTES)
        except BlockingIOError:
            return True
        self.spool.write(self.masker.feed(data))
        return bool(data)

    def _drain(self) -> None:
        """What is still in the pipe; somebody outside the group may hold it open, so not for ever."""
        limit = time.monotonic() + _DRAIN_SECONDS
        while time.monotonic() < limit and select.select([self.output], [], [], 0)[0] and self._copy():
            pass
        self.spool.write(self.masker.finish())
        self.spool.finish()

    def _obey(self, poll: select.poll) -> None:
        try:
            data = os.read(0, 4096)
        except BlockingIOError:
            return
        if not data:  # the worker is dead
            poll.unregister(0)
            self.end("lost", grace=0)
        *lines, self._orders = (self._orders + data).split(b"\n")
        for line in lines:
            word, _, value = line.decode().partition(" ")
            if word == "hold":
                self.hold_until = time.monotonic() + float(value)
            elif word == "cancel":
                self.end("cancelled")
            elif word == "lose":
                self.end("lost", grace=float(value or 0))

    def _enforce(self) -> None:
        now = time.monotonic()
        if now > self.hold_until:
            self.end("lost", grace=0)
        if self.limits["seconds"] is not None and now - self.started > self.limits["seconds"]:
            self.end("time")
        if now >= self._measured_at:
            self._measure()
            # Looking costs at most a twentieth of a processor, however many processes there are.
            took = time.monotonic() - now
            self._measured_at = now + max(MEASURE_SECONDS, 20 * took)
        if self.kill_at is not None and now >= self.kill_at:
            self.group.kill()

    def _measure(self) -> None:
        folders = self.group.folders()
        used = groups.memory_of(folders)
        if len(folders) > 1 and used > (self.peak or 0):
            used = groups.memory_shared_fairly(folders)
        self.peak = max(self.peak or 0, used)
        if self.limits["memory_bytes"] is not None and used > self.limits["memory_bytes"]:
            self.end("memory", grace=0)
        if self.limits["processes"] is not None and len(folders) > self.limits["processes"]:
            self.end("processes", grace=0)

    def _facts(self) -> dict[str, Any]:
        status = self.group.status or 0
        number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        if number == signal.SIGKILL and not self.cause and _machine_kills() > self._kills_before:
            self.cause = "memory"
        return {
            "code": os.WEXITSTATUS(status) if number is None else None,
            "signal": number,
            "cause": self.cause or ("exited" if number is None else "signal"),
            "tail": self.spool.tail.decode("utf-8", "replace"),
            "seconds": time.monotonic() - self.started,
            "peak_memory_bytes": self.peak,
        }


def main(arguments: list[str]) -> int:
    """Run the command that the first line of the input describes; with `--probe`, see what the kernel allows."""
    if arguments == ["--probe"]:
        return _probe()
    wake, write = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(write, False)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    launcher = Launcher(json.loads(_line_read()))
    signal.signal(signal.SIGTERM, lambda *_: launcher.end("lost", grace=0))
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGTERM)
    facts = launcher.run(wake)
    with contextlib.suppress(BrokenPipeError):
        os.write(1, json.dumps(facts).encode() + b"\n")
    return 0


def _line_read() -> bytes:
    """One line of the input and nothing after it: what follows are orders."""
    line = bytearray()
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            sys.exit("the worker is gone")
        line += byte
    return bytes(line)


def _become(spec: dict[str, Any], output: int) -> NoReturn:
    signal.set_wakeup_fd(-1)
    become(spec, output)


def _probe() -> int:
    """Exit with 0 where a process namespace with a /proc of its own can be made."""
    try:
        group = groups.NamespaceGroup(lambda: os._exit(0))
    except OSError as error:
        return _refused(error)
    while not group.poll():
        time.sleep(0.002)
    return group.status or 0


def _refused(error: OSError) -> int:
    sys.stderr.write(f"{error}\n")
    return 1


def _machine_kills() -> int:
    """How many processes the kernel has killed for want of memory since it started."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/vmstat").read_text().splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
