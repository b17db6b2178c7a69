"""Keeps the lease of one attempt alive, and ends the process when it no longer can.

Two threads for all but the shortest work, since a beat can hang on a database that does not answer. The beats
extend the lease. The watch only looks at the time since the last good one: after half of the lease the work is
told to stop, after two thirds the process ends itself, before anybody else may take the job.
"""

import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import NoReturn
from uuid import UUID

import structlog
from django.db import connection

from jobs import leaving, transitions
from jobs.errors import CancelRequested, HandedBack, LeaseLost

log = structlog.get_logger("jobs")

BEAT_SECONDS = 3.0
_EXIT_CODE = 75  # EX_TEMPFAIL: somebody else shall try again
_LOOK_SECONDS = 0.5
_YOUNG_SECONDS = 0.1
# How long work that was told to stop has for it before its process is ended.
UNHEARD_SECONDS = 15.0
HANDED_BACK = "The worker was told to leave; the attempt does not count."
_worker_name = ""


def sign_as(worker: str) -> None:
    """From now on, claims are signed with the name of a worker and the process."""
    global _worker_name
    _worker_name = worker


def owner_name() -> str:
    """How a process signs its claims."""
    return f"{_worker_name or socket.gethostname()}:{os.getpid()}"[:120]


def end_process() -> NoReturn:
    """Leave without clean-up: nothing of this process may act for the job any more."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(_EXIT_CODE)


class Heartbeat:
    """The lease of one attempt, held while the context lasts."""

    def __init__(
        self,
        job_id: UUID,
        attempt: int,
        lease: timedelta,
        *,
        give_up: Callable[[], object] = end_process,
        grace_seconds: float = 0.0,
    ) -> None:
        self.job_id, self.attempt, self.lease = job_id, attempt, lease
        self._grace_seconds = grace_seconds
        self._give_up = give_up
        self._stop = threading.Event()
        self._is_lost = self._is_cancelled = False
        self._last_good = time.monotonic()
        self._threads = [
            threading.Thread(target=run, name=f"{run.__name__}-{job_id.hex[-6:]}", daemon=True)
            for run in (self._beats, self._watch)
        ]

    def __enter__(self) -> "Heartbeat":
        _LOOKOUT.add(self)
        return self

    def begin(self) -> None:
        """Start the threads: this attempt is not one of the short ones."""
        for thread in self._threads:
            thread.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        if not _LOOKOUT.remove(self):
            for thread in self._threads:
                thread.join(self.lease.total_seconds())

    def check(self) -> None:
        """Raise LeaseLost, HandedBack or CancelRequested when the work shall stop; costs nothing."""
        if self._is_lost or self._silence() > self.lease.total_seconds() / 2:
            raise LeaseLost
        if self._is_cancelled:
            raise CancelRequested
        if self.overstayed() >= 0:
            raise HandedBack

    def overstayed(self) -> float:
        """For how many seconds the job should have been handed back, as its worker is leaving; below 0: not yet."""
        left = leaving.seconds()
        return -1.0 if left is None else left - self._grace_seconds

    @property
    def hold_seconds(self) -> float:
        """For how long from now the lease is certainly this attempt's, less the time to stop its work."""
        return max(self.lease.total_seconds() * 2 / 3 - self._silence(), 0.0)

    def heard(self, pulse: transitions.Pulse | None) -> None:
        """Take note of what the database said about the lease."""
        if pulse is None:
            self._is_lost = True
        else:
            self._last_good = time.monotonic()
            self._is_cancelled = pulse.is_cancelled

    def _silence(self) -> float:
        return time.monotonic() - self._last_good

    def _beats(self) -> None:
        pause = min(BEAT_SECONDS, self.lease.total_seconds() / 6)
        try:
            while not self._is_lost and not self._stop.wait(pause):
                self._beat()
        finally:
            connection.close()

    def _beat(self) -> None:
        try:
            self.heard(transitions.heartbeat(self.job_id, self.attempt, self.lease))
        except Exception as error:  # any failure means the same: no beat this time
            log.warning("no heartbeat", job=str(self.job_id), error=f"{type(error).__name__}: {error}")
            connection.close()

    def _watch(self) -> None:
        limit = self.lease.total_seconds() * 2 / 3
        while not self._stop.wait(min(max(limit - self._silence(), 0.05), _LOOK_SECONDS)):
            if self._silence() >= limit:
                log.error("heartbeat failed for too long", job=str(self.job_id), attempt=self.attempt)
                self._give_up()
                return
            if self.overstayed() >= UNHEARD_SECONDS:
                self._hand_back()
                return

    def _hand_back(self) -> None:
        """The work does not look up: end it, so that another worker can begin."""
        log.error("ended by its leaving worker", job=str(self.job_id), attempt=self.attempt)
        try:
            transitions.hand_back(self.job_id, self.attempt, reason=HANDED_BACK)
        except Exception as error:  # then the lease runs out
            log.warning("not handed back", job=str(self.job_id), error=f"{type(error).__name__}: {error}")
        self._give_up()


class _Lookout:
    """Starts the threads of attempts that are not over at once: two threads cost as much as a short job."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._young: dict[Heartbeat, float] = {}
        self._is_needed = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, attempt: Heartbeat) -> None:
        with self._lock:
            self._young[attempt] = time.monotonic()
            if (
                self._thread is None or not self._thread.is_alive()
            ):  # none, or that of the process before a fork
                self._is_needed = threading.Event()
                self._thread = threading.Thread(target=self._look, name="lookout", daemon=True)
                self._thread.start()
        self._is_needed.set()

    def remove(self, attempt: Heartbeat) -> bool:
        """Whether its threads never began, and now never will."""
        with self._lock:
            return self._young.pop(attempt, None) is not None

    def _look(self) -> None:
        while self._is_needed.wait():
            time.sleep(_YOUNG_SECONDS)
            with self._lock:
                for attempt, since in list(self._young.items()):
                    if time.monotonic() - since >= _YOUNG_SECONDS:
                        del self._young[attempt]
                        attempt.begin()
                if not self._young:
                    self._is_needed.clear()


_LOOKOUT = _Lookout()
