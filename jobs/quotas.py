"""How much may wait: a workspace that has as many queued jobs as it may gets no more."""

from jobs.models import SYSTEM_QUEUE
from portal.kernel import sql
from portal.kernel.errors import Conflict

_LIMITS = """
SELECT queue_id, max_queued FROM jobs_jobquota
WHERE workspace_id = %(workspace)s AND max_queued IS NOT NULL
  AND (queue_id = %(queue)s OR queue_id IS NULL AND %(queue)s::text <> %(system)s::text)
ORDER BY id FOR NO KEY UPDATE
"""

_WAITING = """
SELECT count(*) FROM jobs_jobrun
WHERE state = 'queued' AND COALESCE(workspace_id, 0) = %(workspace)s
  AND (queue = %(queue)s::text OR %(queue)s::text IS NULL AND queue <> %(system)s)
"""


class QuotaExceeded(Conflict):
    """The workspace has as many jobs waiting as it may."""

    code = "quota_exceeded"


def room_check(workspace_id: int | None, queue: str) -> None:
    """Raise QuotaExceeded when the jobs that wait, the new one among them, are more than may.

    The quotas that apply stay locked until the transaction ends, so that two callers cannot both be the last.
    """
    if workspace_id is None:
        return
    values = {"workspace": workspace_id, "queue": queue, "system": SYSTEM_QUEUE}
    for limited, most in sql.rows(_LIMITS, values):
        found = sql.row(_WAITING, values | {"queue": limited})
        if found and found[0] > most:
            where = f"in the queue {limited}" if limited else "in all queues"
            raise QuotaExceeded(
                f"The job was not queued: the workspace may have {most} jobs waiting {where}, and has as many. "
                "Cancel some, wait until they run, or ask an operator for a larger quota.",
                max_queued=most, queue=limited,
            )  # fmt: skip
