"""One attempt: how it ends, and what it leaves behind."""

from typing import Any
from uuid import uuid4

import pytest

from jobs import transitions
from jobs.errors import CancelRequested, LeaseLost
from jobs.heartbeat import Heartbeat
from jobs.models import JobRun
from jobs.registry import JOB_KINDS
from jobs.runner import run_job
from jobs.step import JobStep
from portal.audit.models import AuditEvent
from portal.kernel import sql
from tests.jobs.faults.handlers import effect_make
from tests.jobs.live import asked, effects, events, fresh

pytestmark = pytest.mark.usefixtures("effect_table")


def due_now(run: JobRun) -> None:
    JobRun.objects.filter(pk=run.pk).update(not_before="2000-01-01T00:00Z")


def outcomes(run: JobRun) -> list[tuple[str, str]]:
    found = AuditEvent.objects.filter(object_id=run.pk.hex).order_by("id")
    return list(found.values_list("action", "outcome"))


def step_of(run: JobRun) -> JobStep:
    claimed = transitions.claim(run.pk, "one")
    assert claimed is not None
    kind = JOB_KINDS[run.kind]
    return JobStep(claimed, kind, Heartbeat(run.pk, claimed.attempt, kind.lease))


def test_what_a_handler_returns_is_the_result() -> None:
    run = asked("faults.returns", value={"a": [1, None]})
    assert run_job(run.pk)
    run = fresh(run)
    assert (run.state, run.result, run.lease_until) == ("done", {"a": [1, None]}, None)
    assert outcomes(run) == [("jobs.job.finish", "done")]


def test_a_job_runs_once_however_often_it_is_rung() -> None:
    run = asked("faults.returns", value=1)
    assert [run_job(run.pk), run_job(run.pk), run_job(uuid4())] == [True, False, False]
    assert events(run) == ["queued", "started", "done"]


@pytest.mark.parametrize(
    ("how", "reason"), [("transient", "The other side is busy."), ("bug", "ZeroDivisionError: ")]
)
def test_a_passing_error_is_tried_again_after_a_growing_pause_until_attempts_are_used_up(
    how: str, reason: str
) -> None:
    run = asked("faults.fails", how=how)
    for attempt, longest in [(1, 100), (2, 200)]:
        run_job(run.pk)
        run = fresh(run)
        pause = (run.not_before - run.events.get(name="retry", attempt=attempt).at).total_seconds()
        assert (run.state, run.attempt) == ("queued", attempt)
        assert longest / 2 - 1 < pause <= longest
        assert not run_job(run.pk), "it is not due yet"
        due_now(run)
    run_job(run.pk)
    run = fresh(run)
    assert (run.state, run.attempt) == ("failed", 3)
    assert run.reason.startswith(reason)
    assert run.reason.endswith("That was the last of 3 attempts.")
    assert outcomes(run) == [("jobs.job.finish", "done")]


def test_a_permanent_error_fails_at_once() -> None:
    run = asked("faults.fails", how="permanent")
    run_job(run.pk)
    assert (fresh(run).state, fresh(run).attempt, fresh(run).reason) == ("failed", 1, "The file is no model.")


def test_nothing_to_do_is_done_with_a_reason() -> None:
    run = asked("faults.fails", how="nothing")
    run_job(run.pk)
    assert (fresh(run).state, fresh(run).reason, fresh(run).result) == ("done", "It is gone.", None)


def test_an_error_after_the_end_changes_nothing() -> None:
    run = asked("faults.fails", how="finish and fail")
    run_job(run.pk)
    assert (fresh(run).state, effects(run)) == ("done", [(1, "finish and fail")])


def test_an_effect_that_breaks_leaves_nothing_of_itself() -> None:
    run = asked("faults.fails", how="in the effect")
    run_job(run.pk)
    assert (fresh(run).state, effects(run), outcomes(run)) == ("queued", [], [])


def test_an_attempt_whose_lease_passed_on_cannot_finish_save_or_extend() -> None:
    run = asked("faults.slow", seconds=0)
    late = step_of(run)
    JobRun.objects.filter(pk=run.pk).update(lease_until="2000-01-01T00:00Z")
    assert transitions.recover("test") == 1
    due_now(run)
    winner = step_of(run)
    with pytest.raises(LeaseLost):
        late.finish(lambda: effect_make(late, "late"))
    assert transitions.heartbeat(run.pk, late.attempt, late.kind.lease) is None
    with pytest.raises(LeaseLost):
        late.checkpoint({"from": "late"})
    assert transitions.retry(run.pk, late.attempt, pause=late.kind.retry_after, reason="late") is False
    assert (effects(run), fresh(run).state, fresh(run).cursor) == ([], "running", {})
    winner.finish(lambda: effect_make(winner, "in time"))
    assert (effects(run), fresh(run).state) == ([(2, "in time")], "done")


def test_a_cancellation_before_the_finish_wins_over_the_effect() -> None:
    run = asked("faults.slow", seconds=0)
    step = step_of(run)
    JobRun.objects.filter(pk=run.pk).update(cancel_requested_at=run.created_at)
    with pytest.raises(CancelRequested):
        step.checkpoint({"done": 1})
    with pytest.raises(CancelRequested):
        step.finish(lambda: effect_make(step, "too late"))
    assert effects(run) == []
    assert fresh(run).cursor == {"done": 1}


def test_a_checkpoint_saves_the_cursor_and_extends_the_lease() -> None:
    run = asked("faults.slow", seconds=0)
    step = step_of(run)
    before = fresh(run).lease_until
    step.checkpoint({"after": "a"})
    now = fresh(run)
    assert (now.cursor, dict(step.cursor)) == ({"after": "a"}, {"after": "a"})
    assert before is not None
    assert now.lease_until is not None
    assert now.lease_until > before


def test_a_worker_without_the_kind_leaves_the_job_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    run = asked("faults.returns", value=1)
    monkeypatch.delitem(JOB_KINDS, "faults.returns")
    assert not run_job(run.pk)
    assert fresh(run).state == "queued"


def test_reasons_hold_what_postgresql_cannot(settings: Any) -> None:
    run = asked("faults.slow", seconds=0)
    step = step_of(run)
    assert transitions.retry(run.pk, 1, pause=step.kind.retry_after, reason="a\x00b\ud800" + "x" * 9000)
    assert len(fresh(run).reason) == 4001
    assert sql.row("SELECT count(*) FROM jobs_jobevent WHERE name = 'retry'") == (1,)
