"""Work that may not be handed back at once, in real workers that are told to leave or die.

Three right ends: it finishes within the grace, it is handed back after it, or its worker died and its attempts decide.
"""

import os
import signal
import time

import pytest

from jobs.models import JobAttempt
from tests.jobs.live import (
    Live,
    asked,
    effects,
    ended,
    events,
    fresh,
    gone,
    process_of,
    processes_of,
    running,
    until,
)

pytestmark = pytest.mark.slow
GRACE = {"JOB_GRACE_SECONDS": "3"}


def test_what_ends_within_the_grace_is_done_by_the_worker_that_leaves(live: Live) -> None:
    leaving = live.worker_alone(JOB_GRACE_SECONDS="60")
    run = running(asked("faults.steady", script="sleep 1.5; echo done"))
    leaving.send_signal(signal.SIGTERM)
    run = ended(run)
    assert (run.state, run.attempt, run.handed_back, effects(run)) == ("done", 1, 0, [(1, "done")])
    assert events(run) == ["queued", "started", "done"]
    assert leaving.wait(20) == 0


def test_what_is_longer_than_the_grace_is_handed_back_with_a_reason(live: Live) -> None:
    leaving = live.worker_alone(**GRACE)
    run = asked("faults.steady", script="echo up; sleep 100", later="echo again")
    until(run, lambda now: bool(processes_of(now)))
    begun = time.monotonic()
    leaving.send_signal(signal.SIGTERM)
    until(run, lambda now: now.handed_back == 1)
    assert time.monotonic() - begun > 2.5, "the grace is for it to end"
    reason = fresh(run).events.get(name="handed back").detail
    assert reason == "The worker was told to leave; the attempt does not count."
    live.worker_start()
    run = ended(run)
    assert (run.state, run.attempt, effects(run)) == ("done", 2, [(2, "again")])
    assert not processes_of(run)
    assert leaving.wait(20) == 0


def test_a_worker_that_is_killed_in_its_grace_hands_nothing_back_and_loses_nothing(live: Live) -> None:
    leaving = live.worker_alone(**GRACE)
    run = asked("faults.steady", script="echo up; sleep 100", later="echo again")
    until(run, lambda now: bool(processes_of(now)))
    leaving.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    child = process_of(fresh(run))
    os.kill(leaving.pid, signal.SIGKILL)
    assert gone(child)
    live.worker_start()
    run = ended(run)
    assert (run.state, run.handed_back, effects(run)) == ("done", 0, [(2, "again")])
    assert "lost" in events(run)
    assert not processes_of(run)


def test_work_that_has_one_attempt_fails_with_the_reason_when_its_worker_dies(live: Live) -> None:
    """Nobody knows how far it came, and it said that it must not run again."""
    worker = live.worker_alone()
    run = asked("faults.once", script="echo up; sleep 100")
    until(run, lambda now: bool(processes_of(now)))
    os.kill(worker.pid, signal.SIGKILL)
    live.worker_start()
    run = ended(run)
    assert (run.state, run.attempt, effects(run)) == ("failed", 1, [])
    assert "stopped answering in the last attempt, number 1" in run.reason
    assert events(run)[-1] == "failed"
    assert JobAttempt.objects.get(job=run).cause == "lost"
    assert not processes_of(run)
