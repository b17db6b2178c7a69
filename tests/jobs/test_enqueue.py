"""Asking for work: one row per wish, in the caller's transaction."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, ProgrammingError, connection, transaction

from jobs import transitions
from jobs.models import JobEvent, JobRun
from jobs.queue import enqueue
from portal.accounts.actor import Actor
from portal.accounts.models import User, Workspace

Acting = Callable[[User], Actor]


def ask(actor: Actor, workspace: Workspace | None, key: str = "k", **args: Any) -> JobRun:
    workspace_id = workspace.pk if workspace else None
    return enqueue(
        "faults.returns", key=key, args=args or {"value": 1}, actor=actor, workspace_id=workspace_id
    )


def test_a_job_keeps_who_asked_for_what(acting: Acting, ann: User, workspace: Workspace) -> None:
    run = ask(acting(ann), workspace)
    assert (run.state, run.attempt, run.max_attempts, run.args) == ("queued", 0, 5, {"value": 1})
    assert (run.created_by, run.actor, run.actor_name, run.request_id) == (
        ann,
        f"user:{ann.pk}",
        "ann",
        "test",
    )
    assert list(run.events.values_list("name", "actor")) == [("queued", f"user:{ann.pk}")]


@pytest.mark.parametrize("is_portal_wide", [True, False])
def test_asking_twice_gives_the_same_job(
    acting: Acting, ann: User, workspace: Workspace, is_portal_wide: bool
) -> None:
    place = None if is_portal_wide else workspace
    first, second = ask(acting(ann), place), ask(acting(ann), place)
    assert first.pk == second.pk
    assert JobRun.objects.count() == JobEvent.objects.count() == 1
    transitions.claim(first.pk, "somebody")
    assert ask(acting(ann), place).pk == first.pk


def test_another_key_or_workspace_is_another_job(
    acting: Acting, ann: User, workspace: Workspace, other: Workspace
) -> None:
    places = [(workspace, "a"), (workspace, "b"), (other, "a"), (None, "a")]
    assert len({ask(acting(ann), place, key).pk for place, key in places}) == 4


def test_a_job_that_has_ended_can_be_asked_for_again(acting: Acting, ann: User, workspace: Workspace) -> None:
    first = ask(acting(ann), workspace)
    assert transitions.end(first.pk, 0, "cancelled", actor="x", reason="")
    assert ask(acting(ann), workspace).pk != first.pk


def test_the_bell_rings_once_when_the_transaction_commits(
    acting: Acting, ann: User, workspace: Workspace, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        ask(acting(ann), workspace)
        ask(acting(ann), workspace)
        assert callbacks == []
    assert len(callbacks) == 1


def test_a_rollback_leaves_neither_job_nor_bell(
    acting: Acting, ann: User, workspace: Workspace, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as callbacks, pytest.raises(ZeroDivisionError):
        _ask_and_fail(acting(ann), workspace)
    assert callbacks == []
    assert not JobRun.objects.exists()


def _ask_and_fail(actor: Actor, workspace: Workspace) -> None:
    with transaction.atomic():
        ask(actor, workspace)
        raise ZeroDivisionError


def test_unknown_kinds_and_wrong_arguments_are_refused_at_once(
    acting: Acting, ann: User, workspace: Workspace
) -> None:
    with pytest.raises(LookupError, match=r"no job kind faults\.unknown"):
        enqueue("faults.unknown", key="k", args={}, actor=acting(ann), workspace_id=workspace.pk)
    with pytest.raises(TypeError, match="value"):
        ask(acting(ann), workspace, valeu=1)
    assert not JobRun.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        "state = 'running'",
        "state = 'running', lease_until = now(), started_at = now(), owner = 'x'",
        "state = 'done'",
        "state = 'asleep'",
        "finished_at = now()",
        "lease_until = now()",
        "attempt = max_attempts + 1",
    ],
)
def test_postgresql_refuses_states_that_lie(
    acting: Acting, ann: User, workspace: Workspace, change: str
) -> None:
    ask(acting(ann), workspace)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE jobs_jobrun SET {change}")


@pytest.mark.parametrize(
    "change", ["UPDATE jobs_jobevent SET name = 'x'", "DELETE FROM jobs_jobevent", "TRUNCATE jobs_jobevent"]
)
def test_postgresql_refuses_to_change_events(
    acting: Acting, ann: User, workspace: Workspace, change: str
) -> None:
    ask(acting(ann), workspace)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises((ProgrammingError, InternalError), match="append-only"), transaction.atomic():
            cursor.execute(change)
