"""Real workers, a real broker and two sweepers, hit by what really happens to them."""

import os
import signal

import psycopg
import pytest

from jobs import bell
from jobs.services.runs import job_cancel
from portal.accounts.actor import Actor
from portal.embedded import processes
from tests.jobs.live import (
    Live,
    asked,
    effects,
    ended,
    events,
    fresh,
    gone,
    process_of,
    running,
    until,
)  # fmt: skip

pytestmark = pytest.mark.slow
CANCELLER = Actor.system("tests", actions=["jobs.job.cancel"])


def test_a_job_runs_in_a_worker_and_ends_with_one_effect(live: Live) -> None:
    live.worker()
    run = ended(asked("faults.slow", seconds=0.1))
    assert (run.state, run.attempt, run.result) == ("done", 1, {"note": "slow"})
    assert effects(run) == [(1, "slow")]
    assert events(run) == ["queued", "started", "done"]
    assert run.started_at is not None
    assert run.finished_at is not None
    assert run.created_at <= run.started_at <= run.finished_at


def test_ten_bells_for_one_job_have_one_effect(live: Live) -> None:
    live.worker()
    run = asked("faults.slow", seconds=0.3)
    assert bell.ring_all([run.pk] * 10, run.queue) == 10
    second = asked("faults.slow", seconds=0)
    ended(second)
    run = ended(run)
    assert bell.ring_all([run.pk] * 10, run.queue) == 10
    ended(asked("faults.slow", seconds=0))
    assert effects(run) == [(1, "slow")]
    assert events(run) == ["queued", "started", "done"]


def test_killing_the_worker_takes_its_children_along_and_the_job_runs_again(live: Live) -> None:
    worker = live.worker()
    run = running(asked("faults.slow", seconds=60, first_attempt_only=True))
    child = process_of(run)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    assert gone(child)
    live.worker()
    run = ended(run)
    assert (run.state, effects(run)) == ("done", [(2, "slow")])
    assert "lost" in events(run)


def test_killing_the_process_of_a_job_before_its_first_heartbeat_is_found(live: Live) -> None:
    live.worker()
    run = ended(asked("faults.dies", attempts=1))
    assert (run.state, run.attempt) == ("done", 2)
    assert effects(run) == [(2, "survived")]


def test_a_job_that_always_kills_its_process_stops_after_its_attempts(live: Live) -> None:
    live.worker()
    run = ended(asked("faults.dies", attempts=99))
    assert (run.state, run.attempt, effects(run)) == ("failed", 3, [])
    assert "stopped answering" in run.reason
    assert events(run).count("started") == 3


def test_dying_after_each_checkpoint_gives_the_same_end(live: Live) -> None:
    live.worker()
    unbroken = ended(asked("faults.counts", parts=2, die_after=[]))
    broken = ended(asked("faults.counts", parts=2, die_after=[1, 2]))
    assert (broken.state, broken.result, broken.cursor) == ("done", unbroken.result, unbroken.cursor)
    assert effects(broken) == [(3, "3")]


def test_a_worker_that_sleeps_through_its_lease_has_no_effect(live: Live) -> None:
    sleeper = live.worker()
    run = running(asked("faults.slow", seconds=3))
    first = process_of(run)
    os.killpg(sleeper.pid, signal.SIGSTOP)
    try:
        live.worker_start()
        until(run, lambda now: now.attempt > 1)
    finally:
        os.killpg(sleeper.pid, signal.SIGCONT)
    run = ended(run)
    # It ends itself, or finds at its next look that the job is another's.
    assert processes.wait_until(lambda: not first.is_alive or "fenced" in events(run), seconds=20)
    assert run.state == "done"
    assert [attempt for attempt, _ in effects(run)] == [run.attempt]
    assert run.attempt > 1


def test_a_worker_that_cannot_heartbeat_ends_the_job_itself(live: Live) -> None:
    """The row is locked by somebody, so that heartbeats wait in vain, and the handler never looks up."""
    live.worker()
    run = running(asked("faults.deaf"))
    child = process_of(run)
    with psycopg.connect(live.environment["DATABASE_URL"]) as other:
        other.execute("SELECT 1 FROM jobs_jobrun WHERE id = %s FOR UPDATE", [run.pk])
        assert gone(child)
        assert fresh(run).attempt == 1
    run = ended(run)
    assert (run.state, effects(run)) == ("done", [(2, "deaf")])


def test_a_broker_that_lost_everything_is_rung_again(live: Live) -> None:
    worker = live.worker()
    ended(asked("faults.slow", seconds=0))
    os.killpg(worker.pid, signal.SIGSTOP)
    runs = [asked("faults.slow", seconds=0) for _ in range(5)]
    live.broker_flush()
    os.killpg(worker.pid, signal.SIGCONT)
    for run in runs:
        assert (ended(run).state, len(effects(run))) == ("done", 1)


def test_a_broker_that_is_down_fails_nobody_and_the_job_runs_later(live: Live) -> None:
    live.worker()
    live.broker_kill()
    try:
        runs = [asked("faults.slow", seconds=0) for _ in range(3)]
        assert [run.state for run in runs] == ["queued"] * 3
        assert bell.ring(runs[0].pk, runs[0].queue) is False
    finally:
        live.broker_start()
    for run in runs:
        assert (ended(run).state, len(effects(run))) == ("done", 1)


def test_cancelling_a_running_job_stops_it_without_an_effect(live: Live) -> None:
    live.worker()
    run = running(asked("faults.slow", seconds=60))
    asked_to_stop = job_cancel(actor=CANCELLER, run=run, reason="not needed")
    assert asked_to_stop.state == "running"
    run = ended(run)
    assert (run.state, effects(run)) == ("cancelled", [])
    assert "cancel asked" in events(run)


def test_cancelling_a_queued_job_ends_it_at_once(live: Live) -> None:
    worker = live.worker()
    os.killpg(worker.pid, signal.SIGSTOP)
    run = job_cancel(actor=CANCELLER, run=asked("faults.slow", seconds=0))
    assert (run.state, run.finished_at is None) == ("cancelled", False)
    os.killpg(worker.pid, signal.SIGCONT)
    bell.ring(run.pk, run.queue)
    ended(asked("faults.slow", seconds=0))
    assert (fresh(run).state, fresh(run).attempt, effects(run)) == ("cancelled", 0, [])


def test_sweepers_leave_on_sigterm_or_die_and_another_goes_on(live: Live) -> None:
    leaving, dying = live.sweeper_start(), live.sweeper_start()
    assert processes.wait_until(lambda: live.log("scheduler").count("scheduler started") >= 4, seconds=30)
    leaving.send_signal(signal.SIGTERM)
    dying.kill()
    assert leaving.wait(10) == 0
    live.worker()
    assert ended(asked("faults.dies", attempts=1)).state == "done"
