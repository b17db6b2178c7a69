"""Ask for work. Inside an operation this is the whole interface of jobs."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import transaction

from jobs import bell, transitions
from jobs.models import ACTIVE_STATES, JobRun
from jobs.registry import kind_get
from portal.accounts.actor import Actor
from portal.kernel.errors import Unavailable
from portal.kernel.ids import uuid7

_TRIES = 5


def enqueue(
    kind: str, *, key: str, args: Mapping[str, Any], actor: Actor, workspace_id: int | None
) -> JobRun:
    """The active job of this workspace, kind and key, made now unless there is one.

    The row is part of the caller's transaction; the bell rings when that commits, and a broker that is down
    never fails the caller. `args` are ids and plain JSON. An active job may already have begun: a kind whose
    input changes meanwhile looks again before it finishes. Raises LookupError for an unknown kind and
    TypeError for arguments that its handler does not take.
    """
    declared = kind_get(kind)
    declared.arguments_check(args)
    job_id = uuid7()
    wanted = {
        "id": job_id, "kind": kind, "key": key, "workspace": workspace_id, "args": dict(args),
        "max_attempts": declared.max_attempts, "user": actor.user_id, "actor": actor.reference,
        "actor_name": actor.name, "request": actor.request_id,
    }  # fmt: skip
    with transaction.atomic():
        # An active job can end between the two statements; then the next try makes a new one.
        for _ in range(_TRIES):
            if transitions.insert(wanted):
                transaction.on_commit(partial(bell.ring, job_id), robust=True)
                return JobRun.objects.get(pk=job_id)
            active = JobRun.objects.filter(
                workspace=workspace_id, kind=kind, key=key, state__in=ACTIVE_STATES
            ).first()
            if active is not None:
                return active
    raise Unavailable(
        f"The job {kind} {key} could not be queued, as others like it begin and end. Try again."
    )
