"""The statements that move a job from state to state, each with its event in the same one.

A statement names the attempt that it acts for, so a worker that lost its lease changes nothing; no row
changed means exactly that. Time is `clock_timestamp()` throughout.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from jobs.models import JobRun
from jobs.registry import JOB_KINDS
from portal.kernel import sql

LONGEST_PAUSE_SECONDS = 3600
_REASON_LENGTH = 4000


@dataclass(frozen=True)
class Pulse:
    """What a heartbeat learnt about the job."""

    is_cancelled: bool


_INSERT = """
WITH made AS (
    INSERT INTO jobs_jobrun (id, kind, key, workspace_id, args, state, attempt, max_attempts, owner, cursor,
                             reason, created_by_id, actor, actor_name, request_id)
    VALUES (%(id)s, %(kind)s, %(key)s, %(workspace)s, %(args)s, 'queued', 0, %(max_attempts)s, '', '{}', '',
            %(user)s, %(actor)s, %(actor_name)s, %(request)s)
    ON CONFLICT (workspace_id, kind, key) WHERE state IN ('queued', 'running') DO NOTHING
    RETURNING id, attempt
)
INSERT INTO jobs_jobevent (job_id, name, attempt, actor, detail)
SELECT id, 'queued', attempt, %(actor)s, '' FROM made RETURNING job_id
"""

# SKIP LOCKED: of several answers to one bell, one claims and the others leave without waiting. The list of
# known kinds keeps a worker of an older release from taking work that it cannot do.
_CLAIM = """
WITH claimed AS (
    UPDATE jobs_jobrun j
    SET state = 'running', attempt = j.attempt + 1, owner = %(owner)s, heartbeat_at = NULL, reason = '',
        lease_until = clock_timestamp() + known.lease * interval '1 second',
        started_at = COALESCE(j.started_at, clock_timestamp()),
        deadline = COALESCE(j.deadline, clock_timestamp() + known.time_limit * interval '1 second')
    FROM unnest(%(kinds)s::text[], %(leases)s::float8[], %(time_limits)s::float8[])
         AS known(kind, lease, time_limit)
    WHERE known.kind = j.kind AND j.id = (
        SELECT id FROM jobs_jobrun WHERE id = %(id)s AND state = 'queued' AND not_before <= clock_timestamp()
        FOR UPDATE SKIP LOCKED
    )
    RETURNING j.*
), noted AS (
    INSERT INTO jobs_jobevent (job_id, name, attempt, actor, detail)
    SELECT id, 'started', attempt, owner, '' FROM claimed
)
SELECT * FROM claimed
"""

_HEARTBEAT = """
UPDATE jobs_jobrun
SET heartbeat_at = clock_timestamp(),
    lease_until = clock_timestamp() + %(lease)s::float8 * interval '1 second'
WHERE id = %(id)s AND attempt = %(attempt)s AND state = 'running'
RETURNING cancel_requested_at IS NOT NULL
"""

_CHECKPOINT = """
UPDATE jobs_jobrun
SET heartbeat_at = clock_timestamp(),
    lease_until = clock_timestamp() + %(lease)s::float8 * interval '1 second',
    cursor = %(cursor)s
WHERE id = %(id)s AND attempt = %(attempt)s AND state = 'running'
RETURNING cancel_requested_at IS NOT NULL
"""

# The jitter keeps jobs that failed together from coming back together.
_RETRY = """
WITH again AS (
    UPDATE jobs_jobrun
    SET state = 'queued', lease_until = NULL, rung_at = NULL, reason = %(reason)s,
        not_before = clock_timestamp() + (0.5 + random() / 2) * interval '1 second'
                     * least(%(longest)s::float8, %(pause)s::float8 * power(2, attempt - 1))
    WHERE id = %(id)s AND attempt = %(attempt)s AND state = 'running' AND attempt < max_attempts
      AND cancel_requested_at IS NULL
    RETURNING id, attempt, owner, reason
)
INSERT INTO jobs_jobevent (job_id, name, attempt, actor, detail)
SELECT id, 'retry', attempt, owner, reason FROM again
"""

_RECOVER = """
WITH lost AS (
    SELECT id FROM jobs_jobrun
    WHERE state = 'running' AND lease_until < clock_timestamp() AND attempt < max_attempts
      AND cancel_requested_at IS NULL AND (deadline IS NULL OR deadline >= clock_timestamp())
    FOR UPDATE SKIP LOCKED
), again AS (
    UPDATE jobs_jobrun j
    SET state = 'queued', lease_until = NULL, rung_at = NULL,
        reason = format('The worker %%s stopped answering in attempt %%s.', j.owner, j.attempt),
        not_before = clock_timestamp() + (0.5 + random() / 2) * interval '1 second'
                     * least(%(longest)s::float8, power(2, j.attempt - 1))
    FROM lost WHERE j.id = lost.id
    RETURNING j.id, j.attempt, j.reason
)
INSERT INTO jobs_jobevent (job_id, name, attempt, actor, detail)
SELECT id, 'lost', attempt, %(actor)s, reason FROM again
"""

_OVERDUE = """
SELECT id FROM jobs_jobrun
WHERE state = 'running' AND (deadline < clock_timestamp() OR lease_until < clock_timestamp()
                             AND (attempt >= max_attempts OR cancel_requested_at IS NOT NULL))
   OR state = 'queued' AND deadline < clock_timestamp()
LIMIT 100
"""

_BELLS = """
WITH due AS (
    SELECT id FROM jobs_jobrun
    WHERE state = 'queued' AND not_before <= clock_timestamp()
      AND (rung_at IS NULL OR rung_at < clock_timestamp() - %(patience)s::float8 * interval '1 second')
    ORDER BY not_before LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE jobs_jobrun j SET rung_at = clock_timestamp() FROM due WHERE j.id = due.id RETURNING j.id
"""

_END = """
WITH ended AS (
    UPDATE jobs_jobrun
    SET state = %(state)s, lease_until = NULL, finished_at = clock_timestamp(), reason = %(reason)s,
        result = %(result)s
    WHERE id = %(id)s AND attempt = %(attempt)s AND state IN ('queued', 'running')
    RETURNING id, attempt
)
INSERT INTO jobs_jobevent (job_id, name, attempt, actor, detail)
SELECT id, %(state)s, attempt, %(actor)s, %(reason)s FROM ended
"""


def insert(values: Mapping[str, Any]) -> bool:
    """Make a queued job; False when an active one of the same workspace, kind and key exists."""
    return sql.row(_INSERT, {**values, "args": Jsonb(values["args"])}) is not None


def claim(job_id: UUID, owner: str) -> JobRun | None:
    """Take a queued job for one attempt; None when it is not there to be taken."""
    kinds = list(JOB_KINDS.values())
    limits = [kind.time_limit.total_seconds() if kind.time_limit else None for kind in kinds]
    found = JobRun.objects.raw(
        _CLAIM,
        {
            "id": job_id, "owner": owner, "kinds": [kind.name for kind in kinds],
            "leases": [kind.lease.total_seconds() for kind in kinds], "time_limits": limits,
        },
    )  # fmt: skip
    return next(iter(found), None)


def heartbeat(job_id: UUID, attempt: int, lease: timedelta) -> Pulse | None:
    """Extend the lease; None when this attempt does not hold the job any more."""
    found = sql.row(_HEARTBEAT, {"id": job_id, "attempt": attempt, "lease": lease.total_seconds()})
    return Pulse(*found) if found else None


def checkpoint(job_id: UUID, attempt: int, lease: timedelta, cursor: Mapping[str, Any]) -> Pulse | None:
    """Save the cursor and extend the lease; None when this attempt does not hold the job any more."""
    values = {"id": job_id, "attempt": attempt, "lease": lease.total_seconds(), "cursor": Jsonb(dict(cursor))}
    found = sql.row(_CHECKPOINT, values)
    return Pulse(*found) if found else None


def retry(job_id: UUID, attempt: int, *, pause: timedelta, reason: str) -> bool:
    """Queue the job again after a pause that doubles with each attempt; False when it may not be."""
    values = {
        "id": job_id, "attempt": attempt, "reason": printable(reason), "pause": pause.total_seconds(),
        "longest": LONGEST_PAUSE_SECONDS,
    }  # fmt: skip
    return sql.execute(_RETRY, values) == 1


def recover(actor: str) -> int:
    """Queue again what dead workers held; the number of jobs."""
    return sql.execute(_RECOVER, {"actor": actor, "longest": LONGEST_PAUSE_SECONDS})


def overdue() -> list[UUID]:
    """Jobs that only the sweeper will end: out of attempts, cancelled, or past their deadline."""
    return [found[0] for found in sql.rows(_OVERDUE)]


def bells_take(*, patience: timedelta, limit: int) -> list[UUID]:
    """Queued jobs that are due and whose bell nobody answered, now marked as rung."""
    return [found[0] for found in sql.rows(_BELLS, {"patience": patience.total_seconds(), "limit": limit})]


def end(job_id: UUID, attempt: int, state: str, *, actor: str, reason: str, result: Any = None) -> bool:
    """Bring the job to a terminal state; False when this attempt does not hold it."""
    values = {"id": job_id, "attempt": attempt, "state": state, "actor": actor, "reason": printable(reason)}
    return sql.execute(_END, values | {"result": None if result is None else Jsonb(result)}) == 1


def note(job_id: UUID, name: str, *, attempt: int, actor: str, detail: str) -> None:
    """Append an event that changes no state."""
    statement = "INSERT INTO jobs_jobevent (job_id, name, attempt, actor, detail) VALUES (%s, %s, %s, %s, %s)"
    sql.execute(statement, (job_id, name, attempt, actor, printable(detail)))


def printable(text: str) -> str:
    """A text that PostgreSQL takes, of bounded length; the end of a message says most."""
    clean = text.replace("\x00", "").encode("utf-8", "backslashreplace").decode()
    return clean if len(clean) <= _REASON_LENGTH else f"…{clean[-_REASON_LENGTH:]}"
