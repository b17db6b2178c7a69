"""Which job is next: priority, then fairness between workspaces, then age, within every limit."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from jobs.claims import claim_next
from jobs.models import JobQueue, JobQuota, JobRun
from jobs.queue import enqueue
from jobs.quotas import QuotaExceeded
from jobs.registry import JOB_KINDS
from portal.accounts.models import Workspace
from portal.kernel import sql
from portal.kernel.errors import InvalidInput
from tests.jobs.live import ACTOR


@pytest.fixture(autouse=True)
def _db(db: None) -> None:
    """Every test here looks at rows."""


def ask(workspace: Workspace | None = None, **where: Any) -> JobRun:
    return enqueue(
        "faults.returns", key=uuid4().hex, args={"value": 1}, actor=ACTOR,
        workspace_id=workspace.pk if workspace else None, **where,
    )  # fmt: skip


def taken(queues: list[str] | None = None) -> JobRun | None:
    return claim_next("host:1", queues)


def order() -> list[JobRun]:
    """All that can be taken now, as one worker after another would."""
    found = []
    while (run := taken()) is not None:
        found.append(run)
    return found


def test_a_claim_is_an_attempt_with_a_lease_and_an_event() -> None:
    run = ask()
    claimed = taken()
    assert claimed is not None
    assert (claimed.pk, claimed.state, claimed.attempt, claimed.owner) == (run.pk, "running", 1, "host:1")
    assert claimed.args == {"value": 1}
    assert claimed.lease_until is not None
    assert [event.name for event in run.events.order_by("id")] == ["queued", "started"]
    assert taken() is None


def test_priority_of_the_queue_then_of_the_job_then_age(workspace: Workspace) -> None:
    JobQueue.objects.create(name="urgent", priority=50)
    JobQueue.objects.create(name="whenever", priority=-50)
    last = ask(queue="whenever", priority=100)
    old, young = ask(), ask()
    low, high = ask(priority=-1), ask(priority=7)
    urgent, system = ask(queue="urgent", priority=-100), ask(queue="system")
    assert order() == [system, urgent, high, old, young, low, last]


def test_workspaces_take_turns_however_much_one_of_them_asks_for(
    workspace: Workspace, other: Workspace
) -> None:
    many = [ask(workspace) for _ in range(6)]
    few = [ask(other) for _ in range(2)]
    assert order() == [many[0], few[0], many[1], few[1], *many[2:]]


def test_what_is_not_due_waits_and_holds_up_nobody() -> None:
    later = ask(not_before=_in_an_hour(), priority=9)
    now = ask()
    assert order() == [now]
    JobRun.objects.filter(pk=later.pk).update(not_before="2000-01-01T00:00Z")
    assert order() == [later]


def test_a_worker_takes_from_its_queues_only_and_nothing_from_a_paused_one() -> None:
    JobQueue.objects.create(name="gpu")
    JobQueue.objects.create(name="held", paused_at="2000-01-01T00:00Z")
    gpu, _held, plain = ask(queue="gpu"), ask(queue="held"), ask()
    assert taken(["system"]) is None
    assert taken(["gpu", "held"]) == gpu
    assert taken(["gpu", "held"]) is None
    assert taken(["*"]) == plain
    assert taken(["*"]) is None


def test_a_queue_runs_no_more_than_it_may() -> None:
    JobQueue.objects.create(name="licence", max_running=2, priority=9)
    runs = [ask(queue="licence") for _ in range(3)]
    plain = ask()
    assert order() == [runs[0], runs[1], plain]
    JobRun.objects.filter(pk=runs[0].pk).update(
        state="done", lease_until=None, finished_at="2026-01-01T00:00Z"
    )
    assert order() == [runs[2]]


def test_a_quota_holds_for_one_workspace_in_one_queue_or_in_all_but_the_system(
    workspace: Workspace, other: Workspace
) -> None:
    gpu = JobQueue.objects.create(name="gpu")
    JobQuota.objects.create(workspace=workspace, queue=gpu, max_running=1)
    JobQuota.objects.create(workspace=workspace, max_running=2)
    mine = [ask(workspace, queue="gpu"), ask(workspace, queue="gpu"), ask(workspace), ask(workspace)]
    theirs = [ask(other, queue="gpu"), ask(other, queue="gpu")]
    scan = ask(workspace, queue="system")
    assert set(order()) == {mine[0], mine[2], *theirs, scan}


def test_a_worker_leaves_kinds_that_it_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    ask()
    monkeypatch.delitem(JOB_KINDS, "faults.returns")
    assert taken() is None


def test_more_may_not_wait_than_the_quota_says(workspace: Workspace, other: Workspace) -> None:
    JobQuota.objects.create(workspace=workspace, max_queued=2)
    first = ask(workspace)
    ask(workspace)
    with pytest.raises(QuotaExceeded, match="2 jobs waiting in all queues") as refused, transaction.atomic():
        ask(workspace)
    assert (refused.value.status, refused.value.code) == (409, "quota_exceeded")
    ask(workspace, queue="system")
    ask(other)
    again = enqueue(
        first.kind, key=first.key, args=first.args, actor=ACTOR, workspace_id=workspace.pk
    )  # the same wish is no more
    assert again == first
    assert JobRun.objects.filter(workspace=workspace, queue="default").count() == 2
    assert order()
    ask(workspace)


def test_a_queue_that_is_not_there_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no queue nowhere"):
        ask(queue="nowhere")


def _in_an_hour() -> Any:
    found = sql.row("SELECT clock_timestamp() + interval '1 hour'")
    assert found is not None
    return found[0]


def fill(jobs: int, workspaces: int) -> None:
    """Many jobs at once, past the ORM."""
    sql.execute(
        "INSERT INTO accounts_workspace (id, name, description, created_at) SELECT 1000 + n, 'w' || n, '', now()"
        " FROM generate_series(1, %s::int) n",
        (workspaces,),
    )
    sql.execute(
        "INSERT INTO jobs_jobrun (id, kind, key, workspace_id, args, state, attempt, max_attempts, owner, cursor,"
        " reason, actor, actor_name, request_id) SELECT gen_random_uuid(), 'faults.returns', n::text,"
        " 1001 + n %% %s::int, '{\"value\": 1}', 'queued', 0, 5, '', '{}', '', 'x', 'x', ''"
        " FROM generate_series(1, %s::int) n",
        (workspaces, jobs),
    )
    sql.execute(
        "ANALYZE accounts_workspace, jobs_jobrun"
    )  # what the planner knows depends on no other test then


def rows_read() -> int:
    """The rows of jobs that this transaction has read until now, by index or not."""
    found = sql.row(
        "SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables "
        "WHERE relname = 'jobs_jobrun'",
        {},
    )
    return int(found[0]) if found else 0


@pytest.mark.slow
@pytest.mark.parametrize("is_limited", [False, True])
def test_a_claim_reads_little_of_a_long_queue(is_limited: bool) -> None:
    fill(10_000, 40)
    if is_limited:
        JobQueue.objects.filter(name="default").update(max_running=1_000)
    assert taken() is not None
    before = rows_read()
    assert all(taken() for _ in range(50))
    assert (rows_read() - before) / 50 < 1_000
