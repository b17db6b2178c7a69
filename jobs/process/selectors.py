"""Reads of what processes of jobs left: attempts, logs, progress, names of secrets."""

import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, QuerySet

from jobs.models import RUNNING, JobAttempt, JobLogChunk, JobProgress, JobRun, JobSecret
from jobs.process.store import chunk_get
from jobs.selectors import job_visible
from portal import access
from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.clock import now
from portal.kernel.errors import NotFound, Unavailable
from portal.operations import permit

LOG_PART_BYTES = 256 * 1024
_TRIES = 3


@dataclass(frozen=True)
class LogState:
    """How the log of an attempt stands. `is_complete`: nothing will come any more."""

    attempt: int
    size: int
    is_complete: bool
    job_state: str


@dataclass(frozen=True)
class LogPart:
    """A piece of a log, from byte `offset` up to `next_offset`."""

    state: LogState
    offset: int
    data: bytes

    @property
    def next_offset(self) -> int:
        return self.offset + len(self.data)

    @property
    def is_last(self) -> bool:
        return self.state.is_complete and self.next_offset >= self.state.size

    @property
    def text(self) -> str:
        """For a page: of a line that was written over, the last state."""
        lines = self.data.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
        return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)


@dataclass(frozen=True)
class Progress:
    """How far a part of a job is; `eta_seconds` is None where it cannot be told."""

    name: str
    done: float
    total: float | None
    unit: str
    fraction: float | None
    eta_seconds: float | None
    updated_at: datetime


def attempts_of(actor: Actor, job_id: UUID) -> QuerySet[JobAttempt]:
    """The attempts of a job that started processes, in order. Raises NotFound."""
    return JobAttempt.objects.filter(job=_job(actor, job_id)).order_by("number")


def log_state(actor: Actor, job_id: UUID, attempt: int | None = None) -> LogState:
    """How the log of an attempt stands, by default of the newest. Raises NotFound."""
    return state_of(_job(actor, job_id), attempt)


def state_of(job: JobRun, attempt: int | None) -> LogState:
    """The same for a job that the actor is known to see."""
    number = attempt or max(job.attempt, 1)
    # The job was read before the size of its log: of one that was over then, nothing is missed.
    size = JobAttempt.objects.filter(job=job, number=number).values_list("log_bytes", flat=True).first()
    return _state(job, number, size or 0)


def states_of(wanted: set[tuple[UUID, int]]) -> dict[tuple[UUID, int], LogState]:
    """The same for many (job, attempt) in two statements."""
    jobs = JobRun.objects.in_bulk({job_id for job_id, _ in wanted})
    rows = JobAttempt.objects.filter(job__in=jobs).values_list("job_id", "number", "log_bytes")
    sizes = {(job_id, number): size for job_id, number, size in rows}
    return {key: _state(jobs[key[0]], key[1], sizes.get(key, 0)) for key in wanted if key[0] in jobs}


def log_part(
    actor: Actor, job_id: UUID, *, attempt: int | None = None, offset: int = 0, limit: int = LOG_PART_BYTES
) -> LogPart:
    """A piece of a log; a negative `offset` counts from the end. Raises NotFound and Unavailable."""
    state = log_state(actor, job_id, attempt)
    start = max(state.size + offset, 0) if offset < 0 else min(offset, state.size)
    return LogPart(state, start, log_bytes(job_id, state.attempt, start, min(start + limit, state.size)))


def log_bytes(job_id: UUID, attempt: int, start: int, end: int) -> bytes:
    """These bytes of the log of an attempt, as far as they are stored."""
    return b"".join(log_pieces(job_id, attempt, start, end))


def log_pieces(job_id: UUID, attempt: int, start: int, end: int) -> Iterator[bytes]:
    """The same piece by piece, for what is too long to hold."""
    chunks = JobLogChunk.objects.filter(job=job_id, attempt=attempt, offset__lt=end)
    first = (
        chunks.filter(offset__gt=start - F("length")).order_by("seq").values_list("seq", flat=True).first()
    )
    last = chunks.order_by("-seq").values_list("seq", flat=True).first()
    if first is None or last is None or start >= end:
        return
    for seq in range(first, last + 1):
        offset, data = _chunk_read(job_id, attempt, seq)
        yield data[max(start - offset, 0) : end - offset]


def progress_of(actor: Actor, job_id: UUID) -> list[Progress]:
    """The progress bars of a job, in the order in which they began. Raises NotFound."""
    rows = JobProgress.objects.filter(job=_job(actor, job_id)).order_by("started_at", "name")
    return [_progress(row, now()) for row in rows]


def secrets_of(actor: Actor, workspace: Workspace) -> QuerySet[JobSecret]:
    """The secrets of a workspace, by name. Their values are not to be had."""
    permit(actor=actor, action="jobs.secret.list", target=workspace)
    return JobSecret.objects.filter(workspace=workspace).select_related("set_by").order_by("-id")


def secrets_visible(actor: Actor) -> QuerySet[JobSecret]:
    """The secrets of all workspaces in which the actor may know of them."""
    rows = JobSecret.objects.select_related("workspace", "set_by").order_by("workspace__name", "name")
    places = access.workspaces_allowing(actor, "jobs.secret.list")
    return rows if places is None else rows.filter(workspace__in=places)


def secret_get(actor: Actor, workspace: Workspace, name: str) -> JobSecret:
    """One secret, for deleting it. Raises NotFound."""
    found = secrets_of(actor, workspace).select_related("workspace").filter(name=name).first()
    if found is None:
        raise NotFound(f"{workspace} has no secret {name}.")
    return found


def _state(job: JobRun, number: int, size: int) -> LogState:
    is_over = job.is_terminal or number < job.attempt or (number == job.attempt and job.state != RUNNING)
    return LogState(number, size, is_over, job.state)


def _job(actor: Actor, job_id: UUID) -> JobRun:
    found = job_visible(actor).filter(pk=job_id).first()
    if found is None:
        raise NotFound("No such job, or you may not see it.")
    return found


def _chunk_read(job_id: UUID, attempt: int, seq: int) -> tuple[int, bytes]:
    """`(offset, text)` of a chunk. A growing one may be replaced between the row and the file: look again."""
    rows = JobLogChunk.objects.filter(job=job_id, attempt=attempt, seq=seq)
    for again in range(_TRIES):
        offset, path, sha256 = rows.values_list("offset", "path", "sha256").get()
        try:
            packed = chunk_get(path)
        except Unavailable:
            if again == _TRIES - 1:
                raise
            continue
        if hashlib.sha256(packed).hexdigest() != sha256:
            raise Unavailable("A part of the log is damaged: its bytes are not those that were stored.")
        return offset, gzip.decompress(packed)
    raise Unavailable("A part of the log cannot be read now. Try again.")


def _progress(row: JobProgress, moment: datetime) -> Progress:
    """The time to come at the mean pace since the bar began."""
    fraction = None if not row.total else min(row.done / row.total, 1.0)
    eta = None
    passed = (row.updated_at - row.started_at).total_seconds()
    if row.total and 0 < row.done < row.total and passed > 0:
        left = passed * (row.total - row.done) / row.done
        eta = max(left - (moment - row.updated_at).total_seconds(), 0.0)
    return Progress(row.name, row.done, row.total, row.unit, fraction, eta, row.updated_at)
