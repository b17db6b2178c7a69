"""One small supervisor: starts services in order, waits until each answers, restarts what falls, stops all of it.

Stopping takes less than five seconds: the programs first, the servers that they use after them, each politely,
then by force. Should the supervisor itself be killed, the guard ends what it left.
"""

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from portal.embedded import processes
from portal.embedded.errors import StartRefused
from portal.embedded.guard import Guard

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
BACK_OFF_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
SETTLED_AFTER_SECONDS = 60.0
PROGRAM_STOP_SECONDS, SERVER_STOP_SECONDS, FORCE_SECONDS = 2.0, 1.5, 0.5


class Stopping(Exception):
    """Somebody asked the supervisor to stop."""


@dataclass
class Service:
    """A process that should run. `launch` starts it, `is_ready` tells when others may rely on it."""

    name: str
    launch: Callable[[], subprocess.Popen[bytes]]
    log: Path
    is_ready: Callable[[], bool] = lambda: True
    is_server: bool = False  # a data server: stopped after the programs that use it
    stop_signal: int = signal.SIGTERM
    force_signal: int = signal.SIGKILL
    start_seconds: float = 60.0
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    started_at: float = 0.0
    restart_at: float | None = None

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def send(self, number: int) -> None:
        """Signal the process and what it started."""
        if self.process is not None:
            processes.signal_group(self.process.pid, number)


@dataclass
class Supervisor:
    """Starts services with `start`, then `watch` returns when a signal asks to stop; `stop` ends all."""

    say: Callable[[str], None]
    services: list[Service] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._guard = Guard.start()
        self._asked = False
        self._wake_read, self._wake_write = os.pipe()
        for end in (self._wake_read, self._wake_write):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        for number in STOP_SIGNALS:
            # `nohup` has SIGHUP ignored, and that stays so. A shell has SIGINT ignored for what it starts in the
            # background; there it must work, or such a start could not be interrupted.
            if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._ask)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # so that the end of a process wakes us up

    def start(self, service: Service) -> None:
        """Start a service and wait until it is ready. Raises StartRefused with the end of its log, or Stopping."""
        self.services.append(service)
        self._launch(service)
        deadline = time.monotonic() + service.start_seconds
        while not service.is_ready():
            if not service.is_running or time.monotonic() > deadline:
                reason = "did not answer in time" if service.is_running else "ended"
                raise StartRefused(f"{service.name} {reason}. {_quote(service.log)}")
            self.pause(processes.POLL_SECONDS)

    def run(self, name: str, command: Sequence[str], *, log: Path, env: Mapping[str, str], cwd: Path) -> None:
        """Run a command to its end. Raises StartRefused when it fails, or Stopping."""
        process = processes.start(command, log=log, env=env, cwd=cwd)
        self._guard.watch(process.pid)
        try:
            while process.poll() is None:
                self.pause(1.0)
        finally:
            processes.signal_group(process.pid, signal.SIGKILL)
            code = process.wait()
            self._guard.forget(process.pid)
        if code:
            raise StartRefused(f"{name} failed ({_ending(code)}). {_quote(log)}")

    def pause(self, seconds: float) -> None:
        """Sleep, but wake up for a signal or the end of a process. Raises Stopping."""
        readable, _, _ = select.select([self._wake_read], [], [], max(0.0, seconds))
        if readable:
            os.read(self._wake_read, 4096)
        if self._asked:
            raise Stopping

    def watch(self) -> None:
        """Restart what falls, until a signal asks to stop."""
        try:
            while True:
                for service in self.services:
                    self._tend(service)
                self.pause(self._seconds_to_next_restart())
        except Stopping:
            return

    def stop(self) -> None:
        """End everything: the programs, then the servers below them."""
        programs = [each for each in self.services if not each.is_server]
        servers = [each for each in self.services if each.is_server]
        _end_all(programs, seconds=PROGRAM_STOP_SECONDS)
        _end_all(servers, seconds=SERVER_STOP_SECONDS)
        self._guard.dismiss()

    def _launch(self, service: Service) -> None:
        service.process = service.launch()
        service.started_at = time.monotonic()
        service.restart_at = None
        self._guard.watch(service.process.pid)

    def _tend(self, service: Service) -> None:
        if service.is_running or service.process is None:
            return
        if service.restart_at is None:
            self._plan_restart(service, service.process)
        elif time.monotonic() >= service.restart_at:
            self._launch(service)
            self.say(f"{service.name} was started again")

    def _plan_restart(self, service: Service, ended: subprocess.Popen[bytes]) -> None:
        service.send(signal.SIGKILL)  # what it had started itself
        self._guard.forget(ended.pid)
        now = time.monotonic()
        if now - service.started_at > SETTLED_AFTER_SECONDS:
            service.failures = 0
        wait_seconds = BACK_OFF_SECONDS[min(service.failures, len(BACK_OFF_SECONDS) - 1)]
        service.failures += 1
        service.restart_at = now + wait_seconds
        ending = _ending(ended.returncode)
        self.say(f"{service.name} ended ({ending}), next start in {wait_seconds:g} s; see {service.log}")

    def _seconds_to_next_restart(self) -> float:
        waits = [each.restart_at - time.monotonic() for each in self.services if each.restart_at is not None]
        return min([5.0, *waits])

    def _ask(self, *_: object) -> None:
        self._asked = True


def _end_all(services: list[Service], *, seconds: float) -> None:
    def all_gone() -> bool:
        # A list, not a generator: every process that ended is to be reaped.
        return not any([each.is_running for each in services])  # noqa: C419

    for service in services:
        service.send(service.stop_signal)
    if not processes.wait_until(all_gone, seconds=seconds):
        for service in services:
            if service.is_running:
                service.send(service.force_signal)
        processes.wait_until(all_gone, seconds=FORCE_SECONDS)
    for service in services:
        service.send(signal.SIGKILL)  # what they had started themselves
    processes.wait_until(all_gone, seconds=FORCE_SECONDS)


def _ending(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _quote(log: Path) -> str:
    return f"{log} says:\n{processes.tail(log)}"
