"""Run a command for an attempt of a job, and wait for it with neither its memory nor a transaction held."""

import json
import os
import select
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from typing import Any
from uuid import uuid4

import structlog
from django.db import DatabaseError, connection, transaction

from jobs.errors import CancelRequested, HandedBack, LeaseLost, Transient
from jobs.models import JobAttempt
from jobs.process.command import LOST, Command, Exit
from jobs.process.isolation import MARK, isolation, launcher_start, leftovers_kill
from jobs.process.launcher import GRACE_SECONDS
from jobs.process.logs import AttemptLog, attempt_log
from jobs.step import JobStep
from jobs.transitions import printable
from portal import tracing
from portal.kernel import sql

log = structlog.get_logger("jobs")

LOOK_SECONDS = 0.2
STOP_SECONDS = 8.0
_LAST_FLUSH_SECONDS = 5.0
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_ENDED = """
UPDATE jobs_jobattempt
SET ended_at = clock_timestamp(), exit_code = %(code)s, exit_signal = %(signal)s, cause = %(cause)s,
    tail = %(tail)s, peak_memory_bytes = greatest(peak_memory_bytes, %(peak_memory_bytes)s::bigint), note = %(note)s
WHERE job_id = %(job)s AND number = %(number)s
"""


def run_command(
    step: JobStep, command: Command, *, label: str = "", meanwhile: Callable[[], object] = bool
) -> Exit:
    """Run a command to its end; its output goes to the log of the attempt, after a line that says `label`.

    `meanwhile` is called several times a second as long as it runs, to look at what it has made so far; what it raises
    ends the command.
    A command that fails is no exception: look at the Exit. Raises CancelRequested or LeaseLost after every
    process of it is gone, Unavailable when there is no place for the log, and Transient when somebody killed what
    watches over the command.
    """
    _outside_transaction_check()
    step.check()
    kept = attempt_log(step)
    if label:
        kept.write(f"[portal] {label}\n")
    _reopened(step)
    with tracing.span(f"command {label or command.argv[0]}"):
        running = _Running(step, command, kept)
        try:
            ended = running.wait(meanwhile)
        finally:
            running.gone_make()
    is_whole = kept.flush_all(seconds=_LAST_FLUSH_SECONDS)
    note = "" if is_whole else "The end of the log could not be stored; it waits on the worker's disk."
    end_record(step, ended, note)
    if running.stop is not None:
        raise running.stop
    if ended.cause == LOST:
        raise Transient("The process that watched over the command was killed from outside.")
    return ended


def log_write(step: JobStep, text: str) -> None:
    """Add a line of the portal's own to the log of the attempt."""
    kept = attempt_log(step)
    kept.write(f"[portal] {text.rstrip()}\n")
    kept.flush()


class _Running:
    """A launcher at work."""

    def __init__(self, step: JobStep, command: Command, kept: AttemptLog) -> None:
        self.step, self.kept = step, kept
        self.stop: CancelRequested | LeaseLost | None = None
        self._stop_at = 0.0
        self._mark = uuid4().hex
        self._started = time.monotonic()
        spec = _spec(command, kept, mark=self._mark, hold_seconds=step.hold_seconds)
        self._process = launcher_start()
        self._say(json.dumps(spec))
        self._is_over = threading.Event()
        # A store or database that hangs in a flush must keep neither a cancellation nor the lease waiting.
        self._orders = threading.Thread(
            target=self._orders_give, name=f"orders-{self._mark[:6]}", daemon=True
        )
        self._orders.start()

    def wait(self, meanwhile: Callable[[], object]) -> Exit:
        """Until the launcher says how it ended; output is stored meanwhile."""
        said, answers = b"", self._process.stdout.fileno()  # type: ignore[union-attr]
        while not said.endswith(b"\n"):
            if select.select([answers], [], [], LOOK_SECONDS)[0]:
                part = os.read(answers, 65_536)
                if not part:
                    return Exit(None, None, LOST, "", time.monotonic() - self._started, None)
                said += part
                continue
            self.kept.flush_due()
            meanwhile()
        return Exit(**json.loads(said))

    def gone_make(self) -> None:
        """Whatever happened, no process stays: a launcher whose input ends kills its group, then ends."""
        self._is_over.set()
        self._orders.join()
        with suppress(BrokenPipeError):
            self._process.stdin.close()  # type: ignore[union-attr]
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()  # type: ignore[union-attr]
        if self._process.returncode != 0:
            found = leftovers_kill(self._mark)
            log.error("launcher died", job=str(self.step.run.pk), code=self._process.returncode, killed=found)

    def _orders_give(self) -> None:
        """Tell the launcher that the job is still ours, or that it shall stop; end it if it does not answer."""
        while self.stop is None:
            try:
                self.step.check()
            except (CancelRequested, LeaseLost) as stop:
                self.stop = stop
            else:
                self._say(f"hold {self.step.hold_seconds:.2f}")
                if self._is_over.wait(LOOK_SECONDS):
                    return
        self._say(_stop_order(self.stop))
        if not self._is_over.wait(STOP_SECONDS):
            self._process.kill()

    def _say(self, line: str) -> None:
        with suppress(BrokenPipeError):
            self._process.stdin.write(line.encode() + b"\n")  # type: ignore[union-attr]
            self._process.stdin.flush()  # type: ignore[union-attr]


def _stop_order(stop: Exception | None) -> str:
    """Who hands a job back, or cancels it, has time; who lost it must be gone before another begins."""
    if isinstance(stop, CancelRequested):
        return "cancel"
    return f"lose {GRACE_SECONDS}" if isinstance(stop, HandedBack) else "lose"


def _spec(command: Command, kept: AttemptLog, *, mark: str, hold_seconds: float) -> dict[str, Any]:
    limits = command.limits
    threads = {} if limits.cpus is None else dict.fromkeys(_THREADS, str(limits.cpus))
    return {
        "argv": list(command.argv), "cwd": str(command.cwd), "spool": str(kept.spool), "limits": asdict(limits),
        "env": {**threads, **_context(), **command.env, **command.secrets, MARK: mark},
        "secrets": list(command.secrets.values()),
        "hold_seconds": hold_seconds, "isolation": isolation(),
    }  # fmt: skip


def _context() -> dict[str, str]:
    """What lets a program that sends traces go on with ours."""
    found = tracing.traceparent()
    return {tracing.VARIABLE: found} if found else {}


def _reopened(step: JobStep) -> None:
    JobAttempt.objects.filter(job=step.run.pk, number=step.attempt).update(ended_at=None, cause="")


def end_record(step: JobStep, ended: Exit, note: str) -> None:
    """Keep how it ended. A database that is away for a moment must not cost the work of hours."""
    facts = asdict(ended) | {
        "tail": printable(ended.tail),
        "note": note,
        "job": step.run.pk,
        "number": step.attempt,
    }
    while True:
        try:
            sql.execute(_ENDED, facts)
            return
        except DatabaseError as error:
            log.warning("end of a command not recorded yet", job=str(step.run.pk), error=str(error))
            if connection.in_atomic_block:
                raise
            connection.close()
            step.check()
            time.sleep(0.5)


def _outside_transaction_check() -> None:
    blocks = connection.atomic_blocks if connection.in_atomic_block else []
    if any(not getattr(block, "_from_testcase", False) for block in blocks):
        raise transaction.TransactionManagementError("A command must not be waited for in a transaction.")
