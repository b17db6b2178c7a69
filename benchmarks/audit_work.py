"""What a writer of the benchmark of the audit log does, and the ways in which it is recorded."""

import hashlib
import time
from collections.abc import Callable
from typing import Any

from django.db import transaction

from experiments.models import Experiment
from portal import operations
from portal.accounts.actor import Actor
from portal.accounts.models import User, Workspace
from portal.audit.record import record, snapshot
from portal.kernel import sql
from registry.services import aliases
from tests.compliance.scenery import policy_put
from tests.registry.versions import version_make

OTHER_WORK_SECONDS = 0.005
# Rules alone, so that the move can be made over and over; with approvals a move does more, and an event weighs less.
POLICY = """
name: champion
applies_to: {acts: [registry.alias.move], aliases: [champion]}
rules:
  - id: digest
    title: The files have a digest
    require: size(facts.version.digest) == 64
"""
Work = Callable[[int], None]


def skipped(*_: Any, **__: Any) -> None:
    """No event."""


def chained(*args: Any, **kwargs: Any) -> None:
    """The event under a chain: its hash goes over the last one, which only one writer may hold."""
    (last,) = sql.row("SELECT hash FROM benchmark_head FOR UPDATE") or (b"",)
    record(*args, **kwargs)
    sql.execute("UPDATE benchmark_head SET hash = %s", (hashlib.sha256(bytes(last)).digest(),))


RECORDS: dict[str, Any] = {"off": skipped, "on": record, "chain": chained}
SNAPSHOTS: dict[str, Any] = {"off": skipped, "on": snapshot, "chain": snapshot}


def recorded_as(mode: str) -> None:
    """Switch the operations of this process: no event and no picture of the row before, or as the portal does."""
    operations.record, operations.snapshot = RECORDS[mode], SNAPSHOTS[mode]


def works(number: int) -> dict[str, Work]:
    """The kinds of change, each on rows of this writer's own."""
    workspace = Workspace.objects.create(name=f"writer-{number}")
    user = User.objects.create(username=f"writer-{number}", email=f"{number}@example.org")
    roles = {workspace.pk: frozenset({"maintainer"})}
    actor = Actor(kind="user", name=user.username, user_id=user.pk, roles=roles, request_id="benchmark")
    return {"governed": governed(number, workspace, actor), "row": one_row(workspace, actor)}


def governed(number: int, workspace: Workspace, actor: Actor) -> Work:
    """Move an alias between two versions: permission, a policy over the facts, interval, alias, event."""
    experiment = Experiment.objects.create(
        workspace=workspace, name="x", artifact_location=f"mlflow-artifacts:/{number}", lifecycle_stage="active",
        creation_time=1, last_update_time=1,
    )  # fmt: skip
    two = [
        version_make(experiment, {"model.pkl": b"x"}, number=2 * number + side, name=f"m{number}")
        for side in (1, 2)
    ]
    policy_put(workspace, POLICY)
    move = aliases.interval_move

    def slowly(*args: Any, **kwargs: Any) -> Any:
        time.sleep(OTHER_WORK_SECONDS)
        return move(*args, **kwargs)

    aliases.interval_move = slowly

    def work(count: int) -> None:
        version = two[count % 2]
        aliases.alias_move(actor=actor, model=version.model, version=version, alias="champion")

    return work


def one_row(workspace: Workspace, actor: Actor) -> Work:
    """One UPDATE and one event, as little as a change can be."""

    def work(count: int) -> None:
        with transaction.atomic():
            text = f"change {count}"
            sql.execute("UPDATE accounts_workspace SET description = %s WHERE id = %s", (text, workspace.pk))
            time.sleep(OTHER_WORK_SECONDS)
            operations.record(
                actor, "accounts.workspace.update", "done", workspace, before={"d": ""}, after={"d": text}
            )

    return work
