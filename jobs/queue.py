"""Ask for work. Inside an operation this is the whole interface of jobs."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from jobs import bell, quotas, transitions
from jobs.models import ACTIVE_STATES, DEFAULT_QUEUE, SYSTEM_QUEUE, JobQueue, JobRun
from jobs.registry import kind_get
from portal import tracing
from portal.accounts.actor import Actor
from portal.kernel.errors import InvalidInput, Unavailable
from portal.kernel.ids import uuid7
from portal.kernel.instances import instances

HIGHEST_PRIORITY = 100
_BUILT_IN = (DEFAULT_QUEUE, SYSTEM_QUEUE)
_TRIES = 5


def enqueue(
    kind: str,
    *,
    key: str,
    args: Mapping[str, Any],
    actor: Actor,
    workspace_id: int | None,
    queue: str | None = None,
    priority: int = 0,
    not_before: datetime | None = None,
    retry_of: UUID | None = None,
    max_attempts: int | None = None,
) -> JobRun:
    """The active job of this workspace, kind and key, made now unless there is one.

    The row is part of the caller's transaction; the bell rings when that commits, and a broker that is down
    never fails the caller. `args` are ids and plain JSON. `queue` and `max_attempts` are those of the kind unless
    given; of two jobs in a queue, the one of higher `priority` (-100 to 100) goes first; none starts before
    `not_before`. An active job may already have begun, and keeps its own: a kind whose input changes meanwhile looks
    again before it finishes. Raises QuotaExceeded when the workspace may have no more jobs wait, InvalidInput for a
    queue that does not exist, LookupError for an unknown kind and TypeError for arguments that its handler does not
    take.
    """
    declared = kind_get(kind)
    declared.arguments_check(args)
    line = _queue_checked(queue or declared.queue)
    wanted = {
        "id": uuid7(), "kind": kind, "key": key, "workspace": workspace_id, "args": dict(args),
        "queue": line, "priority": max(-HIGHEST_PRIORITY, min(HIGHEST_PRIORITY, priority)),
        "retry_of": retry_of, "not_before": not_before,
        "max_attempts": max_attempts or declared.max_attempts, "user": actor.user_id, "actor": actor.reference,
        "actor_name": actor.name, "request": actor.request_id, "traceparent": tracing.traceparent(),
    }  # fmt: skip
    return _queued(wanted, rings=not_before is None)


def _queued(wanted: dict[str, Any], *, rings: bool) -> JobRun:
    with transaction.atomic():
        # An active job can end between the two statements; then the next try makes a new one.
        for _ in range(_TRIES):
            ahead = transitions.insert(wanted)
            if ahead is not None:
                quotas.room_check(wanted["workspace"], wanted["queue"])
                if rings and ahead < transitions.ENOUGH_BELLS:
                    transaction.on_commit(partial(bell.ring, wanted["id"], wanted["queue"]), robust=True)
                return instances(JobRun, "id = %s", [wanted["id"]])[0]
            active = JobRun.objects.filter(
                workspace=wanted["workspace"], kind=wanted["kind"], key=wanted["key"], state__in=ACTIVE_STATES
            ).first()
            if active is not None:
                return active
    raise Unavailable(
        f"The job {wanted['kind']} {wanted['key']} could not be queued, as others like it begin and end. Try again."
    )


def _queue_checked(name: str) -> str:
    if name not in _BUILT_IN and not JobQueue.objects.filter(pk=name).exists():
        raise InvalidInput(f"There is no queue {name}. An operator can make one.", code="unknown_queue")
    return name
