"""Writes what was seen, behind the answers: sums, and the inference log by COPY. One thread, a bounded queue.

What does not fit into the queue is counted, and the count becomes a row as soon as the database takes one.
"""

import threading
import time
from collections import deque
from dataclasses import dataclass, replace
from hashlib import blake2b
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.utils import DatabaseError, Error, IntegrityError
from prometheus_client.core import CounterMetricFamily

from deployments.gateway.figures import Figures, figures_write
from deployments.gateway.outcomes import Outcome
from deployments.gateway.reading import gateway_name
from deployments.gateway.redaction import request_kept, response_kept
from deployments.gateway.routes import PARTS, part_of
from portal.kernel import sql
from portal.kernel.ids import uuid7

log = structlog.get_logger("gateway")

WRITE_SECONDS, TAKE_AT_ONCE = 0.5, 1000
QUEUE_RECORDS, QUEUE_BYTES, RECORD_BYTES = 20_000, 128 * 1024 * 1024, 1024 * 1024
FULL, REFUSED = "queue_full", "refused_by_database"
_COPY = """
COPY deployments_inferencerecord (id, endpoint_id, revision_id, version, at, request_id, actor, role, status, code,
    latency_ms, rows, request, response, retention_class, routing_key_hash) FROM STDIN
"""
_GAP = """
INSERT INTO deployments_inferencegap (endpoint_id, gateway, begins_at, ends_at, dropped, why)
VALUES (%s, %s, to_timestamp(%s), to_timestamp(%s), %s, %s)
"""


@dataclass
class Gap:
    """Records of an endpoint that are lost, and between when."""

    begins: float
    ends: float
    dropped: int = 0


class Recorder:
    """`add` is called in the loop and never waits."""

    def __init__(self) -> None:
        self.figures, self.name = Figures(), gateway_name()
        self._queue: deque[Outcome] = deque()
        self._bytes = 0
        self._lock = threading.Lock()
        self._gaps: dict[tuple[UUID, str], Gap] = {}
        self._dropped: dict[str, int] = {}
        self._written = 0
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="records", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Write what there is, within some seconds."""
        self._is_over.set()
        self._thread.join(seconds)

    def add(self, outcome: Outcome) -> None:
        """Count a request, and keep it for the log where the policy of its endpoint wants it."""
        self.figures.add(outcome)
        if outcome.choice is None or not _is_sampled(outcome):
            return None
        if len(outcome.request) + len(outcome.response) > RECORD_BYTES:
            outcome = _cut(outcome)
        size = len(outcome.request) + len(outcome.response)
        with self._lock:
            if len(self._queue) >= QUEUE_RECORDS or self._bytes + size > QUEUE_BYTES:
                return self._lost(outcome, FULL)
            self._queue.append(outcome)
            self._bytes += size
        return None

    def exposition(self) -> tuple[str, bytes]:
        """For Prometheus: the sums, and how the log fares."""
        with self._lock:
            dropped, written = dict(self._dropped), self._written
        lost = CounterMetricFamily(
            "portal_inference_log_dropped",
            "Records of the inference log that were lost.",
            labels=["endpoint"],
        )
        for name, count in dropped.items():
            lost.add_metric([name], count)
        kept = CounterMetricFamily(
            "portal_inference_log_written", "Records of the inference log.", value=written
        )
        return self.figures.exposition([lost, kept])

    def _run(self) -> None:
        while not self._is_over.wait(WRITE_SECONDS):
            self.write()
        self.write()
        connection.close()

    def write(self) -> None:
        """Write all that waits. What the database does not take now stays, as long as there is room."""
        taken = self.figures.take()
        try:
            figures_write(taken)
        except Error as error:
            self.figures.give_back(taken)
            return _away(error)
        try:
            while self._queue:
                self._batch_write()
            self._gaps_write()
        except Error as error:
            _away(error)
        return None

    def _batch_write(self) -> None:
        with self._lock:
            batch = [self._queue[at] for at in range(min(TAKE_AT_ONCE, len(self._queue)))]
        rows = [_row(outcome) for outcome in batch]
        try:
            _copy(rows)
        except DatabaseError as error:
            if not connection.is_usable():
                raise
            log.error("the database refuses records", error=str(error).strip()[:500])
            self._one_by_one(batch, rows)
        with self._lock:
            for outcome in batch:
                self._queue.popleft()
                self._bytes -= len(outcome.request) + len(outcome.response)
            self._written += len(batch)

    def _one_by_one(self, batch: list[Outcome], rows: list[tuple[object, ...]]) -> None:
        """One row that cannot be kept does not cost the others."""
        for outcome, row in zip(batch, rows, strict=True):
            try:
                _copy([row])
            except DatabaseError:
                if not connection.is_usable():
                    raise
                with self._lock:
                    self._lost(outcome, REFUSED)

    def _lost(self, outcome: Outcome, why: str) -> None:
        key = (outcome.route.endpoint_id, why)
        gap = self._gaps.setdefault(key, Gap(outcome.at, outcome.at))
        gap.ends, gap.dropped = max(gap.ends, outcome.at), gap.dropped + 1
        self._dropped[outcome.route.name] = self._dropped.get(outcome.route.name, 0) + 1

    def _gaps_write(self) -> None:
        with self._lock:
            gaps, self._gaps = self._gaps, {}
        for key in list(gaps):
            (endpoint, why), gap = key, gaps[key]
            try:
                sql.execute(_GAP, (endpoint, self.name, gap.begins, gap.ends, gap.dropped, why))
            except IntegrityError as error:
                log.error("the database refuses a gap", error=str(error).strip()[:500])
            except Error:
                with self._lock:
                    self._gaps = {**gaps, **self._gaps}
                raise
            del gaps[key]


def _is_sampled(outcome: Outcome) -> bool:
    """By the id of the request, so that a request and its copies are kept together."""
    percent = outcome.route.log.percent
    return percent > 0 and (percent >= 100 or part_of(f"log:{outcome.request_id}") < percent * PARTS / 100)


def _cut(outcome: Outcome) -> Outcome:
    """Without bodies that are too large to be looked at."""
    return replace(outcome, request=b"", response=b"", code=outcome.code or "body_omitted")


def _copy(rows: list[tuple[object, ...]]) -> None:
    connection.ensure_connection()
    with connection.wrap_database_errors, transaction.atomic(), sql.cursor().copy(_COPY) as copy:
        for row in rows:
            copy.write_row(row)


def _row(outcome: Outcome) -> tuple[object, ...]:
    route, choice = outcome.route, outcome.choice
    revision, version = (choice.revision_id, choice.version[:20]) if choice else (None, "")
    fields = route.log.redact
    request, rows = (
        request_kept(outcome.request, outcome.content_type, fields) if outcome.request else (None, None)
    )
    response = response_kept(outcome.response, outcome.status, fields)
    hashed = blake2b(outcome.routing_key.encode(), digest_size=8).hexdigest()
    return (
        uuid7(), route.endpoint_id, revision, version, _time(outcome.at),
        outcome.request_id, outcome.actor[:120], outcome.role, outcome.status, outcome.code[:60],
        round(outcome.seconds * 1000, 3), rows, _text(request), _text(response), route.log.retention_class, hashed,
    )  # fmt: skip


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode()


def _time(at: float) -> str:
    whole, part = divmod(at, 1)
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(whole)) + f".{int(part * 1_000_000):06d}+00"


def _away(error: Error) -> None:
    log.warning("cannot write records", error=str(error).strip()[:500])
    connection.close()
