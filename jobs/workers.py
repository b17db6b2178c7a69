"""The registry of workers: each tells who it is, what it serves and that it lives."""

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings

from jobs.models import JobQueue
from portal.kernel import sql
from portal.kernel.ids import uuid7

BEAT_SECONDS = 5.0
_KEPT = "7 days"

_JOIN = """
INSERT INTO jobs_jobworker (id, name, host, pid, queues, slots, version)
VALUES (%(id)s, %(name)s, %(host)s, %(pid)s, %(queues)s, %(slots)s, %(version)s)
"""
_BEAT = """
UPDATE jobs_jobworker
SET heartbeat_at = clock_timestamp(), queues = %(queues)s,
    stopping_at = CASE WHEN %(is_leaving)s THEN COALESCE(stopping_at, clock_timestamp()) END
WHERE id = %(id)s
"""
_LEAVE = """
UPDATE jobs_jobworker
SET heartbeat_at = clock_timestamp(), stopping_at = COALESCE(stopping_at, clock_timestamp()),
    stopped_at = clock_timestamp()
WHERE id = %(id)s
"""
_FORGET = f"DELETE FROM jobs_jobworker WHERE heartbeat_at < clock_timestamp() - interval '{_KEPT}'"  # noqa: S608


@dataclass(frozen=True)
class Worker:
    """This process as a worker; `name` begins the signature of its claims."""

    slots: int
    host: str = field(default_factory=lambda: socket.gethostname()[:80])
    pid: int = field(default_factory=os.getpid)
    id: UUID = field(default_factory=uuid7)

    @property
    def name(self) -> str:
        return f"{self.host}:{self.pid}"

    def join(self, queues: Sequence[str]) -> None:
        """Enter the registry."""
        sql.execute(
            _JOIN,
            {
                "id": self.id, "name": self.name, "host": self.host, "pid": self.pid, "queues": list(queues),
                "slots": self.slots, "version": settings.RELEASE[:40],
            },
        )  # fmt: skip

    def beat(self, queues: Sequence[str], *, is_leaving: bool) -> None:
        """Say that it lives."""
        sql.execute(_BEAT, {"id": self.id, "queues": list(queues), "is_leaving": is_leaving})

    def leave(self) -> None:
        """Say that it is gone."""
        sql.execute(_LEAVE, {"id": self.id})


def workers_forget() -> int:
    """Remove those that have not been heard of for a week."""
    return sql.execute(_FORGET)


def queue_names() -> list[str]:
    """All queues that there are."""
    return list(JobQueue.objects.order_by("name").values_list("name", flat=True))
