"""The newest of what the inference log keeps of an endpoint, without bodies."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from deployments.models import Endpoint
from portal.kernel import sql
from portal.kernel.clock import now

SHOWN, SPAN = 15, dt.timedelta(days=1)
_NEWEST = """
SELECT l.at, l.role, l.status, l.code, l.latency_ms, l.rows, l.request_id, r.number, coalesce(u.username, l.actor)
FROM deployments_inferencerecord l LEFT JOIN deployments_revision r ON r.id = l.revision_id
LEFT JOIN accounts_user u ON l.actor = 'user:' || u.id
WHERE l.endpoint_id = %s AND l.at >= %s ORDER BY l.at DESC LIMIT %s
"""
_DROPPED = """
SELECT coalesce(sum(dropped), 0)::bigint FROM deployments_inferencegap WHERE endpoint_id = %s AND begins_at >= %s
"""


@dataclass(frozen=True)
class Logged:
    """One request. `revision` is its number, `rows` how many rows were asked about, where that is known."""

    at: dt.datetime
    role: str
    status: int
    code: str
    latency_ms: float
    rows: int | None
    request_id: str
    revision: int | None
    actor: str

    @property
    def state(self) -> str:
        """`ok`, `warn` for what the caller could help, `fail` for what the server could not do."""
        return "ok" if self.status < 400 else "warn" if self.status < 500 else "fail"


def log_newest(endpoint: Endpoint) -> tuple[list[Logged], int]:
    """The newest requests of the last day, and how many of that day the log dropped."""
    key: UUID = endpoint.pk
    since = now() - SPAN
    found = [Logged(*each) for each in sql.rows(_NEWEST, (key, since, SHOWN))]
    dropped = sql.row(_DROPPED, (key, since))
    return found, int(dropped[0]) if dropped else 0
