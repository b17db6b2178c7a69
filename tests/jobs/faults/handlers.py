"""Job kinds that die, hang, fail or dawdle. Their effect is a row in `fault_effect`, so that it can be counted."""

import os
import signal
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from experiments.artifacts.store import artifact_store
from jobs.errors import NothingToDo, Permanent, Transient
from jobs.process.command import Command, Limits
from jobs.process.run import run_command
from jobs.registry import job
from jobs.step import JobStep
from portal.kernel import sql

EFFECT_TABLE = "CREATE TABLE fault_effect (job_id uuid, attempt int, note text)"
ACTIONS = ["experiments.model.digest"]  # any listed action will do
LEASE = timedelta(seconds=2)


def effect_make(step: JobStep, note: str) -> dict[str, Any]:
    sql.execute("INSERT INTO fault_effect VALUES (%s, %s, %s)", (step.run.pk, step.attempt, note))
    return {"note": note}


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)


@job("faults.slow", actions=ACTIONS, lease=LEASE, max_attempts=20)
def slow(step: JobStep, *, seconds: float, first_attempt_only: bool = False) -> None:
    """Works for a while, looking up now and then."""
    if not first_attempt_only or step.attempt == 1:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(0.02)
            step.check()
    step.finish(partial(effect_make, step, "slow"))


@job("faults.deaf", actions=ACTIONS, lease=LEASE, max_attempts=20)
def deaf(step: JobStep) -> None:
    """Never looks up in its first attempt."""
    if step.attempt == 1:
        time.sleep(60)
    step.finish(partial(effect_make, step, "deaf"))


@job("faults.dies", actions=ACTIONS, lease=timedelta(seconds=1), max_attempts=3)
def dies(step: JobStep, *, attempts: int) -> None:
    """Takes its process along at once, before any heartbeat, in its first attempts."""
    if step.attempt <= attempts:
        die()
    step.finish(partial(effect_make, step, "survived"))


@job("faults.counts", actions=ACTIONS, lease=timedelta(seconds=1), max_attempts=20)
def counts(step: JobStep, *, parts: int, die_after: list[int]) -> None:
    """Adds up its parts, and dies right after some of its checkpoints."""
    total, done = step.cursor.get("total", 0), step.cursor.get("done", 0)
    for part in range(done + 1, parts + 1):
        total += part
        step.checkpoint({"total": total, "done": part})
        if part in die_after:
            die()
    step.finish(partial(effect_make, step, str(total)))


@job("faults.fails", actions=ACTIONS, max_attempts=3, retry_after=timedelta(seconds=100))
def fails(step: JobStep, *, how: str) -> None:
    """Fails in the way it is told to."""
    errors = {
        "transient": Transient("The other side is busy."),
        "permanent": Permanent("The file is no model."),
        "nothing": NothingToDo("It is gone."),
        "bug": ZeroDivisionError("division by zero"),
    }
    if how == "finish and fail":
        step.finish(partial(effect_make, step, how))
        raise RuntimeError("too late to matter")
    if how == "in the effect":
        step.finish(partial(_effect_broken, step))
    raise errors[how]


@job("faults.returns", actions=ACTIONS)
def returns(step: JobStep, *, value: Any) -> Any:
    """Returns its result."""
    return value


def _effect_broken(step: JobStep) -> None:
    effect_make(step, "must not stay")
    raise Transient("The effect broke in the middle.")


@job(
    "faults.command",
    actions=ACTIONS,
    lease=timedelta(seconds=4),
    max_attempts=20,
    retry_after=timedelta(seconds=0.2),
)
def command(
    step: JobStep, *, script: str, later: str = "true", memory: int | None = None, pause: float = 0.0
) -> None:
    """Runs a script, in later attempts another one; a failure of it fails the job."""
    argv = ("sh", "-c", script if step.attempt == 1 else later)
    env = {"PATH": "/usr/bin:/bin", "FAULT_JOB": str(step.run.pk), "ATTEMPT": str(step.attempt)}
    ended = run_command(step, Command(argv, Path("/tmp"), env, Limits(memory_bytes=memory)))  # noqa: S108
    if not ended.is_success:
        raise Permanent(f"The command ended: {ended.cause} {ended.signal or ended.code}.")
    time.sleep(pause)
    step.finish(partial(effect_make, step, ended.tail.strip()))


@job("faults.patient", actions=ACTIONS, restartable=True)
def patient(step: JobStep, *, script: str, later: str = "true") -> None:
    """The same with the lease and the heartbeat that jobs have where nobody says otherwise; may be handed back."""
    command(step, script=script, later=later)


@job("faults.steady", actions=ACTIONS, lease=timedelta(seconds=4), max_attempts=5)
def steady(step: JobStep, *, script: str, later: str = "true") -> None:
    """The same; a worker that leaves lets it end for a while."""
    command(step, script=script, later=later)


@job("faults.once", actions=ACTIONS, lease=timedelta(seconds=4), max_attempts=1)
def once(step: JobStep, *, script: str) -> None:
    """The same, which must not run again when nobody knows how far it came."""
    command(step, script=script)


@job("faults.kills", actions=ACTIONS, lease=LEASE, max_attempts=5, retry_after=timedelta(seconds=0.5))
def kills(step: JobStep, *, pid: int) -> None:
    """Kills another process, such as the database, in the middle of its first attempt's effect."""
    step.finish(partial(_effect_killing, step, pid))


def _effect_killing(step: JobStep, pid: int) -> dict[str, Any]:
    made = effect_make(step, "kills")
    if step.attempt == 1:
        os.kill(pid, signal.SIGKILL)
        time.sleep(0.3)
    return made


@job("faults.publishes", actions=ACTIONS, lease=LEASE, max_attempts=5)
def publishes(step: JobStep) -> None:
    """Stores a long file; dies in the middle of the first upload, and after the second, before it is recorded."""
    artifact_store().put(f"published/{step.run.pk}", _parts(step.attempt))
    if step.attempt == 2:
        die()
    step.finish(partial(effect_make, step, "published"))


def _parts(attempt: int) -> Iterator[bytes]:
    for number in range(24):
        if attempt == 1 and number == 20:
            time.sleep(0.5)  # the parts before are on the disk
            die()
        yield bytes([number]) * 1024 * 1024
