"""Which job a worker takes next: one statement decides, and takes it.

Jobs wait in lanes: one for each queue, workspace and priority. The statement hops from lane to lane through the
index, so its cost goes by the number of lanes and not by that of jobs. Of the lanes that may move, the first is
the one of the highest queue and priority, then of the workspace with the fewest running jobs, then of the job
that has been due the longest.

Limits are exact: where one applies, the claim is decided under a lock that only limited claims take.
"""

import random
import time
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.db import transaction

from jobs import transitions
from jobs.models import SYSTEM_QUEUE, JobRun
from jobs.transitions import TAKE
from portal.kernel import sql
from portal.kernel.instances import columns_of, instance_of

ANY_QUEUE = "*"
_LIMITS_LOCK = 0x6C696D69  # "limi"
_TRIES = 20
_LONGEST_PAUSE_SECONDS = 0.01
# How many of a lane are looked at: other workers may be taking the first ones at this moment.
_DEEP = 4

_LANES = """
RECURSIVE lane AS (
    (SELECT queue, COALESCE(workspace_id, 0) AS place, priority FROM jobs_jobrun WHERE state = 'queued'
     ORDER BY queue, COALESCE(workspace_id, 0), priority LIMIT 1)
    UNION ALL
    SELECT following.* FROM lane, LATERAL (
        SELECT queue, COALESCE(workspace_id, 0) AS place, priority FROM jobs_jobrun
        WHERE state = 'queued'
          AND (queue, COALESCE(workspace_id, 0), priority) > (lane.queue, lane.place, lane.priority)
        ORDER BY queue, COALESCE(workspace_id, 0), priority LIMIT 1
    ) following
), busy AS (
    SELECT queue, COALESCE(workspace_id, 0) AS place, count(*) AS running FROM jobs_jobrun
    WHERE state = 'running' GROUP BY 1, 2
), open_lane AS (
    SELECT lane.*, COALESCE(line.priority, 0) AS line_priority,
           (SELECT COALESCE(sum(running), 0) FROM busy WHERE busy.place = lane.place) AS running,
           line.max_running IS NOT NULL OR limits.is_limited AS is_limited
    FROM lane
    LEFT JOIN jobs_jobqueue line ON line.name = lane.queue
    CROSS JOIN LATERAL (
        SELECT COALESCE(bool_or(quota.max_running IS NOT NULL), false) AS is_limited,
               COALESCE(bool_or(quota.max_running <= (
                   SELECT COALESCE(sum(running), 0) FROM busy
                   WHERE busy.place = lane.place AND (
                       busy.queue = quota.queue_id OR quota.queue_id IS NULL AND busy.queue <> %(system)s)
               )), false) AS is_full
        FROM jobs_jobquota quota
        WHERE quota.workspace_id = lane.place
          AND (quota.queue_id = lane.queue OR quota.queue_id IS NULL AND lane.queue <> %(system)s)
    ) limits
    WHERE line.paused_at IS NULL AND NOT limits.is_full
      AND (%(queues)s::text[] IS NULL OR lane.queue = ANY(%(queues)s::text[]))
      AND (line.max_running IS NULL OR line.max_running > (
          SELECT COALESCE(sum(running), 0) FROM busy WHERE busy.queue = lane.queue))
)"""

# SKIP LOCKED: whoever finds the best job in another's hands takes the next one, without waiting.
_CLAIM = f"""
WITH {_LANES}, due AS (
    SELECT job.id, open_lane.is_limited,
           row_number() OVER (ORDER BY line_priority DESC, open_lane.priority DESC, running, job.not_before)
           AS place_in_line
    FROM open_lane CROSS JOIN LATERAL (
        SELECT id, not_before FROM jobs_jobrun j
        WHERE j.state = 'queued' AND j.queue = open_lane.queue
          AND COALESCE(j.workspace_id, 0) = open_lane.place AND j.priority = open_lane.priority
          AND j.not_before <= clock_timestamp() AND j.kind = ANY(%(kinds)s::text[])
        ORDER BY j.not_before LIMIT {_DEEP}
    ) job
), best AS (
    SELECT j.id FROM due JOIN jobs_jobrun j ON j.id = due.id
    -- Asked again of the row as it is when it is locked; in words for which no index can be taken.
    WHERE j.state NOT IN ('running', 'done', 'failed', 'cancelled')
      AND (%(is_locked)s OR NOT (SELECT is_limited FROM due ORDER BY place_in_line LIMIT 1))
      AND (%(is_locked)s OR NOT due.is_limited)
    ORDER BY place_in_line LIMIT 1
    FOR UPDATE OF j SKIP LOCKED
), {TAKE}
SELECT (SELECT is_limited FROM due ORDER BY place_in_line LIMIT 1), {{columns}}
FROM (SELECT) one LEFT JOIN claimed ON true
"""  # noqa: S608 - of ours


def claim_next(owner: str, queues: Sequence[str] | None) -> JobRun | None:
    """Take the best job that is due in these queues (None means all) and may run; None when there is none.

    A job that somebody else is taking at this moment is passed by; when all are, it is tried again.
    """
    values = {"owner": owner, "queues": _asked(queues), "system": SYSTEM_QUEUE, **transitions.known_kinds()}
    for _ in range(_TRIES):
        is_limited, run = _claim(values, is_locked=False)
        if is_limited and run is None:
            is_limited, run = _claim_alone(values)
        if run is not None or is_limited is None:
            return run
        time.sleep(random.uniform(0, _LONGEST_PAUSE_SECONDS))  # noqa: S311 - no secret
    return None


def _claim_alone(values: Mapping[str, Any]) -> tuple[bool | None, JobRun | None]:
    """With nobody else counting what runs, so that a limit holds."""
    with transaction.atomic():
        sql.row("SELECT pg_advisory_xact_lock(%s)", (_LIMITS_LOCK,))
        return _claim(values, is_locked=True)


def _claim(values: Mapping[str, Any], *, is_locked: bool) -> tuple[bool | None, JobRun | None]:
    """Whether the best job is under a limit (None: nothing is due), and the job that was taken."""
    found = sql.row(_statement(), {**values, "is_locked": is_locked})
    if found is None or found[1] is None:
        return (found[0] if found else None), None
    return found[0], instance_of(JobRun, found[1:])


@cache
def _statement() -> str:
    return _CLAIM.format(columns=columns_of(JobRun))


def _asked(queues: Sequence[str] | None) -> list[str] | None:
    return None if queues is None or ANY_QUEUE in queues else list(queues)
