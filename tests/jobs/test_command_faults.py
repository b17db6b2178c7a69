"""Commands in real workers, hit by what really happens: no process stays, no log line that was flushed is lost."""

import os
import signal
import subprocess
import sys
import time
from typing import Any

import psycopg
import pytest
from django.conf import settings

from jobs.models import JobAttempt, JobRun
from jobs.process.selectors import log_bytes
from jobs.services.runs import job_cancel
from portal.accounts.actor import Actor
from portal.embedded import processes
from portal.kernel.errors import Conflict
from tests.jobs.live import Live, asked, effects, ended, fresh, process_of, processes_of, until

pytestmark = pytest.mark.slow
CANCELLER = Actor.system("tests", actions=["jobs.job.cancel"])
# Ignores TERM, forks, and a grandchild leaves the session.
STUBBORN = (
    "trap '' TERM; setsid sh -c \"trap '' TERM; while :; do sleep 1; done\" & "
    "(trap '' TERM; while :; do sleep 1; done) & echo up; while :; do sleep 1; done"
)
STOP_SECONDS = 10.0


def has_none(run: JobRun, seconds: float) -> bool:
    return processes.wait_until(lambda: not processes_of(run), seconds=seconds)


def said(run: JobRun, attempt: int = 1) -> str:
    size = JobAttempt.objects.filter(job=run, number=attempt).values_list("log_bytes", flat=True).first() or 0
    return log_bytes(run.pk, attempt, 0, size).decode()


def started(script: str, *, count: int = 1, kind: str = "faults.command", **args: Any) -> JobRun:
    """A job whose processes are there and whose first line is stored."""
    run = asked(kind, script=script, **args)
    until(run, lambda now: len(processes_of(now)) >= count and "up\n" in said(now))
    return fresh(run)


@pytest.mark.parametrize("victim", ["worker", "process"])
def test_killing_the_worker_kills_what_it_started_and_the_job_runs_again(live: Live, victim: str) -> None:
    worker = live.worker()
    run = started(STUBBORN, count=3, later="echo again")
    begun = time.monotonic()
    os.kill(worker.pid if victim == "worker" else process_of(run).pid, signal.SIGKILL)
    assert has_none(run, 3)
    if victim == "worker":
        worker.wait(10)
    live.worker()
    run = ended(run)
    assert time.monotonic() - begun < 4 + 10 + 20  # the lease, the sweep, and a worker that starts
    assert (run.state, effects(run)) == ("done", [(2, "again")])
    assert said(run) == "up\n"
    attempts = JobAttempt.objects.filter(job=run).order_by("number").values_list("cause", flat=True)
    assert list(attempts) == ["lost", "exited"]


def test_killing_the_command_fails_the_job_with_its_last_lines(live: Live) -> None:
    live.worker()
    run = started("echo up; exec sleep 100")
    os.kill(processes_of(run)[0], signal.SIGKILL)
    run = ended(run)
    assert (run.state, run.reason, effects(run)) == ("failed", "The command ended: signal 9.", [])
    kept = JobAttempt.objects.get(job=run)
    assert (kept.cause, kept.exit_signal, kept.tail) == ("signal", 9, "up\n")


def test_killing_the_supervisor_of_a_command_kills_the_command(live: Live) -> None:
    live.worker()
    run = started(STUBBORN, count=3, later="echo again")
    [launcher] = [
        int(pid)
        for pid in subprocess.run(
            ["pgrep", "-P", run.owner.rpartition(":")[2]], capture_output=True, text=True
        ).stdout.split()
    ]
    os.kill(launcher, signal.SIGKILL)
    assert has_none(run, 3)
    run = ended(run)
    assert (run.state, effects(run)) == ("done", [(2, "again")])
    assert JobAttempt.objects.get(job=run, number=1).cause == "lost"


def test_too_much_memory_fails_the_job(live: Live) -> None:
    live.worker()
    eater = "import time; x = bytearray(300_000_000); time.sleep(60)"
    run = ended(asked("faults.command", script=f"echo up; {sys.executable} -c '{eater}'", memory=100_000_000))
    assert (run.state, run.reason) == ("failed", "The command ended: memory 9.")
    kept = JobAttempt.objects.get(job=run)
    assert (kept.cause, kept.tail) == ("memory", "up\n")
    assert (kept.peak_memory_bytes or 0) > 100_000_000
    assert has_none(run, 1)


def test_a_worker_that_is_stopped_keeps_no_command_past_its_lease(live: Live) -> None:
    sleeper = live.worker()
    run = started(STUBBORN, count=3, later="echo again")
    os.killpg(sleeper.pid, signal.SIGSTOP)
    try:
        assert has_none(run, 4)
        assert fresh(run).attempt == 1
        live.worker_start()
        until(run, lambda now: now.attempt > 1)
    finally:
        os.killpg(sleeper.pid, signal.SIGCONT)
    run = ended(run)
    assert (run.state, len(effects(run))) == ("done", 1)


def test_a_database_that_is_away_for_longer_than_the_lease_ends_the_command(live: Live) -> None:
    """The test keeps its connection; everybody else is thrown out and may not come back for a while."""
    live.worker()
    run = started(STUBBORN, count=3, later="echo again")
    at = settings.DATABASES["default"]
    admin = f"postgresql://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/postgres"
    with psycopg.connect(admin, autocommit=True) as other:
        other.execute(f'ALTER DATABASE "{live.name}" ALLOW_CONNECTIONS false')
        try:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [live.name]
            )
            assert has_none(run, 5)
            time.sleep(1)
            assert not processes_of(run)
        finally:
            other.execute(f'ALTER DATABASE "{live.name}" ALLOW_CONNECTIONS true')
    settings_connection_renew()
    live.worker()
    run = ended(run)
    assert (run.state, len(effects(run))) == ("done", 1)


def settings_connection_renew() -> None:
    """The connection of this process was thrown out as well."""
    from django.db import connection  # noqa: PLC0415 - next to its one use

    connection.close()


def cancelled(run: JobRun) -> JobRun:
    """The job after a cancellation, which ends every process of it within ten seconds."""
    begun = time.monotonic()
    job_cancel(actor=CANCELLER, run=run, reason="not needed")
    assert has_none(run, STOP_SECONDS)
    run = ended(run)
    assert time.monotonic() - begun < STOP_SECONDS + 1
    assert not processes_of(run)
    return run


def test_a_cancellation_ends_what_ignores_term_forks_and_leaves_its_session(live: Live) -> None:
    live.worker()
    run = cancelled(started(STUBBORN, count=3, kind="faults.patient"))
    assert (run.state, effects(run)) == ("cancelled", [])
    assert JobAttempt.objects.get(job=run).cause == "cancelled"


def test_a_cancellation_in_each_state_ends_in_the_right_one(live: Live) -> None:
    worker = live.worker()
    os.killpg(worker.pid, signal.SIGSTOP)
    queued = cancelled(asked("faults.command", script="echo never"))
    os.killpg(worker.pid, signal.SIGCONT)
    assert (queued.state, queued.attempt) == ("cancelled", 0)

    starting = asked("faults.command", script="echo up; sleep 100")
    until(starting, lambda now: now.state == "running")
    assert cancelled(starting).state == "cancelled"

    polite = started("trap 'echo tidied; exit 0' TERM; echo up; while :; do sleep 0.1; done")
    assert (cancelled(polite).state, effects(polite)) == ("cancelled", [])
    assert "tidied" in said(polite)

    finishing = asked("faults.command", script="echo up", pause=1.5)
    until(finishing, lambda now: JobAttempt.objects.filter(job=now, cause="exited").exists())
    assert (cancelled(finishing).state, effects(finishing)) == ("cancelled", [])

    done = ended(asked("faults.command", script="echo up"))
    assert done.state == "done"
    with pytest.raises(Conflict):
        job_cancel(actor=CANCELLER, run=done)
    assert (fresh(done).state, effects(done)) == ("done", [(1, "up")])


def test_a_worker_that_is_told_to_leave_hands_the_job_on_without_its_processes(live: Live) -> None:
    leaving = live.worker()
    script = "trap 'echo saved; exit 0' TERM; echo up; while :; do sleep 0.1; done"
    run = started(script, kind="faults.patient", later="echo again")
    leaving.send_signal(signal.SIGTERM)
    live.worker_start()
    assert has_none(run, 6)
    run = ended(run)
    assert (run.state, effects(run)) == ("done", [(2, "again")])
    assert "saved" in said(run)
    assert (run.max_attempts, run.handed_back) == (5, 1)
    assert leaving.wait(20) == 0
