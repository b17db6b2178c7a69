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
# So many bells of one lane wake all who could come; each goes on until the lane is empty.
ENOUGH_BELLS = 64
_REASON_LENGTH = 4000


@dataclass(frozen=True)
class Pulse:
    """What a heartbeat learnt about the job."""

    is_cancelled: bool


_INSERT = """
WITH made AS (
    INSERT INTO jobs_jobrun (id, kind, key, workspace_id, args, queue, priority, retry_of_id, state, attempt,
                             max_attempts, not_before, rung_at, owner, cursor, reason, created_by_id, actor,
                             actor_name, request_id, traceparent)
    VALUES (%(id)s, %(kind)s, %(key)s, %(workspace)s, %(args)s, %(queue)s, %(priority)s, %(retry_of)s, 'queued',
            0, %(max_attempts)s, COALESCE(%(not_before)s::timestamptz, clock_timestamp()),
            CASE WHEN %(not_before)s::timestamptz IS NULL THEN clock_timestamp() END, '', '{}', '', %(user)s,
            %(actor)s, %(actor_name)s, %(request)s, %(traceparent)s)
    ON CONFLICT (workspace_id, kind, key) WHERE state IN ('queued', 'running') DO NOTHING
    RETURNING id, attempt
)
INSERT INTO jobs_jobevent (job_id, name, attempt, actor, detail)
SELECT id, 'queued', attempt, %(actor)s, '' FROM made
RETURNING job_id, (
    SELECT count(*) FROM (
        SELECT FROM jobs_jobrun
        WHERE state = 'queued' AND queue = %(queue)s AND COALESCE(workspace_id, 0) = COALESCE(%(workspace)s::bigint, 0)
          AND priority = %(priority)s AND not_before <= clock_timestamp() LIMIT %(enough)s
    ) ahead
)
"""

# What taking a job is, with `best` as the one that is taken. A worker takes only kinds that it knows, so one of
# an older release leaves new work to others.
TAKE = """
claimed AS (
    UPDATE jobs_jobrun j
    SET state = 'running', attempt = j.attempt + 1, owner = %(owner)s, heartbeat_at = NULL, reason = '',
        lease_until = clock_timestamp() + known.lease * interval '1 second',
        started_at = COALESCE(j.started_at, clock_timestamp()),
        deadline = COALESCE(j.deadline, clock_timestamp() + known.time_limit * interval '1 second')
    FROM best, unnest(%(kinds)s::text[], %(leases)s::float8[], %(time_limits)s::float8[])
         AS known(kind, lease, time_limit)
    WHERE known.kind = j.kind AND j.id = best.id
    RETURNING j.*
), noted AS (
    INSERT INTO jobs_jobevent (job_id, name, attempt, actor, detail)
    SELECT id, 'started', attempt, owner, '' FROM claimed
)"""

# SKIP LOCKED: of several answers to one bell, one claims and the others leave without waiting.
_CLAIM = f"""
WITH best AS (
    SELECT id FROM jobs_jobrun WHERE id = %(id)s AND state = 'queued' AND not_before <= clock_timestamp()
    FOR UPDATE SKIP LOCKED
), {TAKE}
SELECT * FROM claimed
"""  # noqa: S608 - of ours

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
                     * least(%(longest)s::float8, %(pause)s::float8 * power(2, attempt - handed_back - 1))
    WHERE id = %(id)s AND attempt = %(attempt)s AND state = 'running' AND attempt - handed_back < max_attempts
      AND cancel_requested_at IS NULL
    RETURNING id, attempt, owner, reason
)
INSERT INTO jobs_jobevent (job_id, name, attempt, actor, detail)
SELECT id, 'retry', attempt, owner, reason FROM again
"""

# The attempt used up nothing: it did not fail, its worker was told to leave.
_HAND_BACK = """
WITH again AS (
    UPDATE jobs_jobrun
    SET state = 'queued', lease_until = NULL, rung_at = NULL, not_before = clock_timestamp(),
        handed_back = handed_back + 1, reason = %(reason)s
    WHERE id = %(id)s AND attempt = %(attempt)s AND state = 'running' AND cancel_requested_at IS NULL
    RETURNING id, attempt, owner, reason
)
INSERT INTO jobs_jobevent (job_id, name, attempt, actor, detail)
SELECT id, 'handed back', attempt, owner, reason FROM again
"""

_RECOVER = """
WITH lost AS (
    SELECT id FROM jobs_jobrun
    WHERE state = 'running' AND lease_until < clock_timestamp() AND attempt - handed_back < max_attempts
      AND cancel_requested_at IS NULL AND (deadline IS NULL OR deadline >= clock_timestamp())
    FOR UPDATE SKIP LOCKED
), again AS (
    UPDATE jobs_jobrun j
    SET state = 'queued', lease_until = NULL, rung_at = NULL,
        reason = format('The worker %%s stopped answering in attempt %%s.', j.owner, j.attempt),
        not_before = clock_timestamp() + (0.5 + random() / 2) * interval '1 second'
                     * least(%(longest)s::float8, power(2, j.attempt - j.handed_back - 1))
    FROM lost WHERE j.id = lost.id
    RETURNING j.id, j.attempt, j.reason
)
INSERT INTO jobs_jobevent (job_id, name, attempt, actor, detail)
SELECT id, 'lost', attempt, %(actor)s, reason FROM again
"""

_OVERDUE = """
SELECT id FROM jobs_jobrun
WHERE state = 'running' AND (deadline < clock_timestamp() OR lease_until < clock_timestamp()
                             AND (attempt - handed_back >= max_attempts OR cancel_requested_at IS NOT NULL))
   OR state = 'queued' AND deadline < clock_timestamp()
LIMIT 100
"""

_BELLS = """
WITH due AS (
    SELECT id FROM jobs_jobrun
    WHERE state = 'queued' AND queue = %(queue)s AND not_before <= clock_timestamp()
      AND (rung_at IS NULL OR rung_at < clock_timestamp() - %(patience)s::float8 * interval '1 second')
    ORDER BY not_before LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE jobs_jobrun j SET rung_at = clock_timestamp() FROM due WHERE j.id = due.id RETURNING j.id
"""

# As a claim does, from one to the next through the index.
_QUEUES = """
WITH RECURSIVE found AS (
    (SELECT queue FROM jobs_jobrun WHERE state = 'queued' ORDER BY queue LIMIT 1)
    UNION ALL
    SELECT following.queue FROM found, LATERAL (
        SELECT queue FROM jobs_jobrun WHERE state = 'queued' AND queue > found.queue ORDER BY queue LIMIT 1
    ) following
)
SELECT queue FROM found
WHERE NOT EXISTS (SELECT FROM jobs_jobqueue WHERE name = found.queue AND paused_at IS NOT NULL)
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


def insert(values: Mapping[str, Any]) -> int | None:
    """Make a queued job; None when an active one of the same workspace, kind and key exists.

    Otherwise how many wait in its lane before it, counted up to ENOUGH_BELLS.
    """
    found = sql.row(_INSERT, {**values, "args": Jsonb(values["args"]), "enough": ENOUGH_BELLS})
    return found[1] if found else None


def claim(job_id: UUID, owner: str) -> JobRun | None:
    """Take a queued job for one attempt; None when it is not there to be taken."""
    found = JobRun.objects.raw(_CLAIM, {"id": job_id, "owner": owner, **known_kinds()})
    return next(iter(found), None)


def known_kinds() -> dict[str, list[Any]]:
    """The kinds of this release, as a claim takes them."""
    kinds = list(JOB_KINDS.values())
    return {
        "kinds": [kind.name for kind in kinds],
        "leases": [kind.lease.total_seconds() for kind in kinds],
        "time_limits": [kind.time_limit.total_seconds() if kind.time_limit else None for kind in kinds],
    }


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


def hand_back(job_id: UUID, attempt: int, *, reason: str) -> bool:
    """Queue the job again at once, with the attempt uncounted; False when this attempt may not."""
    return sql.execute(_HAND_BACK, {"id": job_id, "attempt": attempt, "reason": printable(reason)}) == 1


def recover(actor: str) -> int:
    """Queue again what dead workers held; the number of jobs."""
    return sql.execute(_RECOVER, {"actor": actor, "longest": LONGEST_PAUSE_SECONDS})


def overdue() -> list[UUID]:
    """Jobs that only the sweeper will end: out of attempts, cancelled, or past their deadline."""
    return [found[0] for found in sql.rows(_OVERDUE)]


def queues_waiting() -> list[str]:
    """The queues in which jobs wait and that are not paused."""
    return [found[0] for found in sql.rows(_QUEUES)]


def bells_take(queue: str, *, patience: timedelta, limit: int) -> list[UUID]:
    """Queued jobs that are due and whose bell nobody answered, now marked as rung."""
    values = {"queue": queue, "patience": patience.total_seconds(), "limit": limit}
    return [found[0] for found in sql.rows(_BELLS, values)]


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
