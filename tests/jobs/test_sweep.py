"""The sweeper: what it recovers, ends and rings, and that two of them are harmless."""

from datetime import timedelta

import psycopg
import pytest
from django.db import connection

from jobs import bell, sweeper, transitions
from jobs.models import JobRun, JobWorker
from jobs.sweeper import Swept, sweep
from jobs.workers import Worker
from portal.audit.models import AuditEvent
from portal.kernel.clock import now
from tests.jobs.live import asked, events, fresh

pytestmark = pytest.mark.django_db
PAST = "2000-01-01T00:00Z"
HOUR = timedelta(hours=1)


def claimed(**changes: object) -> JobRun:
    run = asked("faults.slow", seconds=0)
    assert transitions.claim(run.pk, "host:1") is not None
    JobRun.objects.filter(pk=run.pk).update(**changes)
    return run


def test_an_expired_lease_is_queued_again_with_a_pause_and_rung_when_due() -> None:
    run = claimed(lease_until=PAST)
    assert sweep(patience=HOUR) == Swept(recovered=1)
    now = fresh(run)
    assert (now.state, now.lease_until, now.rung_at) == ("queued", None, None)
    assert now.not_before > run.created_at
    assert "host:1 stopped answering in attempt 1" in now.reason
    JobRun.objects.filter(pk=run.pk).update(not_before=PAST)
    assert sweep(patience=HOUR) == Swept(rung=1)
    assert sweep(patience=HOUR) == Swept()


def test_a_lease_that_holds_is_left_alone() -> None:
    run = claimed()
    assert sweep(patience=HOUR) == Swept()
    assert fresh(run).state == "running"


@pytest.mark.parametrize(
    ("changes", "state", "reason"),
    [
        ({"lease_until": PAST, "attempt": 20}, "failed", "stopped answering in the last attempt"),
        ({"lease_until": PAST, "cancel_requested_at": PAST}, "cancelled", "Cancelled"),
        ({"deadline": PAST}, "failed", "time limit passed"),
        ({"state": "queued", "lease_until": None, "deadline": PAST}, "failed", "time limit passed"),
    ],
)
def test_what_no_worker_will_end_is_ended_with_an_audit_event(
    changes: dict[str, object], state: str, reason: str
) -> None:
    run = claimed(**changes)
    assert sweep(patience=HOUR).ended == 1
    assert fresh(run).state == state
    assert reason in fresh(run).reason
    assert events(run)[-1] == state
    found = AuditEvent.objects.get(object_id=run.pk.hex)
    assert (found.action, found.outcome, found.actor) == ("jobs.job.finish", "done", "system:jobs.sweeper")


def test_a_bell_is_rung_again_only_after_patience() -> None:
    run = asked("faults.slow", seconds=0)
    assert sweep(patience=HOUR).rung == 0
    JobRun.objects.filter(pk=run.pk).update(rung_at=PAST)
    assert sweep(patience=HOUR).rung == 1
    assert sweep(patience=HOUR).rung == 0


def test_bells_do_not_pile_up_in_the_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        JobRun.objects.filter(pk=asked("faults.slow", seconds=0).pk).update(rung_at=PAST)
    waiting = bell.waiting("default") or 0
    monkeypatch.setattr(sweeper, "_BELLS_AT_MOST", waiting + 2)
    assert sweep(patience=HOUR).rung == 2
    assert sweep(patience=HOUR).rung == 0


def test_only_one_sweeper_works_at_a_time() -> None:
    run = claimed(lease_until=PAST)
    at = connection.get_connection_params()
    with psycopg.connect(
        host=at["host"], port=at["port"], user=at["user"], password=at["password"], dbname=at["dbname"]
    ) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [sweeper._LOCK])
        assert sweep(patience=HOUR) == Swept(is_leader=False)
        assert fresh(run).state == "running"
    assert sweep(patience=HOUR).recovered == 1


def test_workers_that_were_not_heard_of_for_a_week_are_forgotten() -> None:
    for pid, days in ((1, 8), (2, 6)):
        Worker(slots=1, host="node", pid=pid).join(["default"])
        JobWorker.objects.filter(pid=pid).update(heartbeat_at=now() - timedelta(days=days))
    sweep(patience=HOUR)
    assert list(JobWorker.objects.values_list("pid", flat=True)) == [2]


def test_a_bell_is_heard_where_its_queue_is_served() -> None:
    before = bell.waiting("default")
    assert bell.ring(asked("faults.slow", seconds=0).pk, "somewhere-else")
    assert (bell.waiting("somewhere-else"), bell.waiting("default")) == (1, before)


@pytest.mark.slow
def test_a_broker_that_is_down_does_not_stop_the_recovery(settings: object) -> None:
    run = claimed(lease_until=PAST)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"  # type: ignore[attr-defined]
    assert sweep(patience=HOUR) == Swept(recovered=1)
    assert fresh(run).state == "queued"
