"""The log of one attempt on its way from the spool file into the artifact store, a part of it every second.

What has been flushed survives this worker. What has not is in the spool file, which the next worker on this
machine that opens a log takes in (`leftovers_take_in`). A database or store that does not answer delays a
flush and fails nothing.
"""

import errno
import gzip
import hashlib
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from uuid import UUID
from weakref import WeakKeyDictionary

import structlog
from django.conf import settings
from django.db import DatabaseError, connection

from jobs.models import RUNNING, JobLogChunk, JobRun
from jobs.process.bars import bars_in
from jobs.process.progress import progress_note
from jobs.process.store import chunk_path, chunk_put, chunks_delete
from jobs.step import JobStep
from portal.kernel import sql
from portal.kernel.errors import Unavailable

log = structlog.get_logger("jobs")

CHUNK_BYTES = 512 * 1024
FLUSH_SECONDS = 0.8
_CHUNKS_AT_ONCE = 16
_QUIET_SECONDS = 20
_LEAST_ROOM_BYTES = 128 * 1024
_COMPRESSION = 3

_BEGIN = """
WITH lost AS (
    UPDATE jobs_jobattempt SET ended_at = clock_timestamp(), cause = 'lost'
    WHERE job_id = %(job)s AND number < %(number)s AND ended_at IS NULL
)
INSERT INTO jobs_jobattempt (job_id, number, owner, started_at)
VALUES (%(job)s, %(number)s, %(owner)s, clock_timestamp())
ON CONFLICT (job_id, number) DO NOTHING
"""
# A chunk only grows: who comes late with a shorter one changes nothing.
_CHUNK = """
WITH kept AS (
    INSERT INTO jobs_joblogchunk AS old (job_id, attempt, seq, "offset", length, path, sha256)
    VALUES (%(job)s, %(attempt)s, %(seq)s, %(offset)s, %(length)s, %(path)s, %(sha256)s)
    ON CONFLICT (job_id, attempt, seq) DO UPDATE
    SET length = EXCLUDED.length, path = EXCLUDED.path, sha256 = EXCLUDED.sha256
    WHERE old.length < EXCLUDED.length
    RETURNING "offset" + length AS size
)
UPDATE jobs_jobattempt a SET log_bytes = greatest(a.log_bytes, kept.size) FROM kept
WHERE a.job_id = %(job)s AND a.number = %(attempt)s
"""


@dataclass
class _Open:
    """The chunk that is still growing."""

    seq: int = 0
    offset: int = 0
    length: int = 0
    path: str = ""


class AttemptLog:
    """The log of one attempt. Only the thread of the handler uses it."""

    def __init__(self, job_id: UUID, attempt: int) -> None:
        self.job_id, self.attempt = job_id, attempt
        self.spool = spool_folder() / f"{job_id}.{attempt}.log"
        self._chunk = self._last_chunk()
        self._stale: list[str] = []
        self._flushed_at = 0.0

    def begin(self, owner: str) -> None:
        """Make the row of the attempt and the file, before anything is started. Raises Unavailable."""
        sql.execute(_BEGIN, {"job": self.job_id, "number": self.attempt, "owner": owner})
        try:
            self.spool.touch(mode=0o600)
            room = os.statvfs(self.spool)
            if room.f_bavail * room.f_frsize < _LEAST_ROOM_BYTES:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            _no_spool(error)

    def write(self, text: str) -> None:
        """Add lines of the portal's own."""
        try:
            with self.spool.open("ab") as file:
                file.write(text.encode(errors="replace"))
        except OSError as error:
            log.warning("log line not written", job=str(self.job_id), error=error.strerror)

    def flush_due(self) -> None:
        """Flush if the last time is long enough ago; without output, let go of the database connection."""
        if time.monotonic() - self._flushed_at < FLUSH_SECONDS:
            return
        if not self.flush() and not connection.in_atomic_block:
            connection.close()

    def flush(self) -> bool:
        """Store what is new; whether there was something. Failures are logged and made up for next time."""
        self._flushed_at = time.monotonic()
        chunks_delete(self._stale)
        self._stale = []
        try:
            # A burst is taken in over several flushes, so that orders and heartbeats are not kept waiting.
            flushed = [self._flush_one() for _ in range(_CHUNKS_AT_ONCE) if self.is_behind]
            return any(flushed)
        except (Unavailable, DatabaseError, OSError) as error:
            log.warning("log not flushed", job=str(self.job_id), error=f"{type(error).__name__}: {error}")
            if not connection.in_atomic_block:
                connection.close()
            elif isinstance(error, DatabaseError):
                raise
            return True

    def flush_all(self, *, seconds: float) -> bool:
        """Store everything, trying for a while; whether that worked."""
        limit = time.monotonic() + seconds
        while True:
            before = self._end
            self.flush()
            if not self.is_behind:
                chunks_delete(self._stale)
                return True
            if self._end == before:
                if time.monotonic() > limit:
                    return False
                time.sleep(0.2)

    @property
    def _end(self) -> int:
        return self._chunk.offset + self._chunk.length

    @property
    def is_behind(self) -> bool:
        """Whether there is output that is not stored."""
        try:
            return self.spool.stat().st_size > self._end
        except OSError:
            return False

    def _flush_one(self) -> bool:
        if self._chunk.length >= CHUNK_BYTES:
            self._chunk = _Open(self._chunk.seq + 1, self._end)
        chunk = self._chunk
        with self.spool.open("rb") as file:
            file.seek(chunk.offset)
            data = file.read(CHUNK_BYTES)
        if len(data) <= chunk.length:
            return False
        packed = gzip.compress(data, _COMPRESSION, mtime=0)
        path = chunk_path(self.job_id, self.attempt, chunk.seq, len(data))
        chunk_put(path, packed)
        self._row_write(chunk, len(data), path, hashlib.sha256(packed).hexdigest())
        progress_note(self.job_id, bars_in(data[max(chunk.length - 200, 0) :].decode("utf-8", "replace")))
        if chunk.path:
            self._stale.append(chunk.path)
        self._chunk = _Open(chunk.seq, chunk.offset, len(data), path)
        return True

    def _row_write(self, chunk: _Open, length: int, path: str, sha256: str) -> None:
        sql.execute(
            _CHUNK,
            {
                "job": self.job_id, "attempt": self.attempt, "seq": chunk.seq, "offset": chunk.offset,
                "length": length, "path": path, "sha256": sha256,
            },
        )  # fmt: skip

    def _last_chunk(self) -> _Open:
        rows = JobLogChunk.objects.filter(job=self.job_id, attempt=self.attempt).order_by("-seq")
        last = rows.values_list("seq", "offset", "length", "path").first()
        return _Open(*last) if last else _Open()


_LOGS: WeakKeyDictionary[JobStep, AttemptLog] = WeakKeyDictionary()


def attempt_log(step: JobStep) -> AttemptLog:
    """The log of this attempt, begun when it is first asked for. Raises Unavailable."""
    if step not in _LOGS:
        leftovers_take_in()
        begun = AttemptLog(step.run.pk, step.attempt)
        begun.begin(step.run.owner)
        _LOGS[step] = begun
    return _LOGS[step]


def spool_folder() -> Path:
    """Where output waits on this machine. Raises Unavailable."""
    folder = Path(settings.JOBS_SPOOL)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        _no_spool(error)
    return folder


def leftovers_take_in() -> None:
    """Store what earlier attempts on this machine left in their spool files, and remove those."""
    for path in spool_folder().glob("*.*.log"):
        job_id, number = UUID(path.name.split(".")[0]), int(path.name.split(".")[1])
        try:
            is_quiet = time.time() - path.stat().st_mtime > _QUIET_SECONDS
        except FileNotFoundError:
            continue
        is_live = JobRun.objects.filter(pk=job_id, state=RUNNING, attempt=number).exists()
        if is_live or not is_quiet:
            continue
        left = AttemptLog(job_id, number)
        left.flush()  # of a long one, a part; who comes next goes on
        if not left.is_behind:
            path.unlink(missing_ok=True)


def _no_spool(error: OSError) -> NoReturn:
    raise Unavailable(
        f"The worker has no place for the log of the job: {error.strerror}. Free space below its data folder."
    ) from error
