"""The bundle of the audit log: everything up to one signed checkpoint, in a zip that `compliance/verify.py` checks.

    manifest.json             what the bundle says it is
    checkpoints.ndjson        every signed head up to the last, the smallest first
    index/<start>.bin         per entry 48 bytes: the uuid of its event, and its leaf hash as placed
    nodes/<level>/<start>.bin the hashes of the complete subtrees of each level from 1 on, 32 bytes each
    events/<start>.ndjson     per line one event: payload as hashed, the copies in columns, its detail
    state/<name>.ndjson       privileged state as it is now, to be explained by the events
    pending.ndjson            events of this moment that the last checkpoint does not cover yet: not proven, but told

An event that is gone from the database has no line, and stands in the index all the same: that is a finding of the
verifier, so the export goes on. Every chunk is one short query, and what is up to the checkpoint does not change.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection, transaction

from compliance.exports.states import STATES
from compliance.exports.zips import StoredZip
from portal.audit.models import AuditCheckpoint, AuditKey
from portal.kernel import sql
from portal.kernel.clock import now

FORMAT = "portal-audit-bundle/1"
CHUNK = 10_000
_COLUMNS = (
    "uuid", "actor", "token_id", "action", "outcome", "object_type", "object_id", "workspace_id", "request_id",
)  # fmt: skip
_EVENTS = """
SELECT leaf.idx, leaf.leaf_hash, event.payload, event.recorded_at, detail.salt, detail.body,
       event.uuid, event.actor, event.token_id, event.action, event.outcome, event.object_type, event.object_id,
       event.workspace_id, event.request_id
FROM audit_auditleaf leaf
LEFT JOIN audit_auditevent event ON event.id = leaf.event_id
LEFT JOIN audit_auditdetail detail ON detail.event_id = leaf.event_id
WHERE leaf.idx >= %s AND leaf.idx < %s ORDER BY leaf.idx
"""
_UNPLACED = """
SELECT -1, NULL, event.payload, event.recorded_at, detail.salt, detail.body,
       event.uuid, event.actor, event.token_id, event.action, event.outcome, event.object_type, event.object_id,
       event.workspace_id, event.request_id
FROM audit_auditevent event LEFT JOIN audit_auditdetail detail ON detail.event_id = event.id
WHERE event.id = ANY(%s) ORDER BY event.id
"""
# Events without a place, or with a later one. What is older than this window was placed long ago.
_PENDING = """
SELECT event.id FROM audit_auditevent event LEFT JOIN audit_auditleaf leaf ON leaf.event_id = event.id
WHERE event.id > (SELECT coalesce(max(event_id), 0) FROM audit_auditleaf WHERE idx < %(size)s) - 10000
  AND (leaf.idx IS NULL OR leaf.idx >= %(size)s) ORDER BY event.id
"""
_NODES = "SELECT hash FROM audit_auditnode WHERE level = %s AND idx >= %s AND idx < %s ORDER BY idx"
_NO_UUID = bytes(16)


@dataclass(frozen=True)
class BundlePlan:
    """What will be in a bundle: the log up to `size`."""

    origin: str
    size: int
    has_details: bool

    @property
    def file_name(self) -> str:
        return f"audit-{self.size}.zip"


def bundle_write(plan: BundlePlan) -> Iterator[bytes]:
    """The bytes of the zip, chunk by chunk; memory holds one chunk at a time."""
    archive = StoredZip()
    for name, content in _members(plan):
        yield from archive.member(name, content)
    yield from archive.end()


def _members(plan: BundlePlan) -> Iterator[tuple[str, bytes]]:
    yield "manifest.json", json.dumps(_manifest(plan), indent=1).encode() + b"\n"
    yield "checkpoints.ndjson", _lines(_checkpoints(plan.size))
    for start in range(0, plan.size, CHUNK):
        index, events = _chunk(plan, start, min(start + CHUNK, plan.size))
        yield f"index/{start:012d}.bin", index
        yield f"events/{start:012d}.ndjson", events
    for level in range(1, plan.size.bit_length()):
        count = plan.size >> level
        for start in range(0, count, CHUNK):
            rows = sql.rows(_NODES, (level, start, min(start + CHUNK, count)), binary=True)
            yield f"nodes/{level:02d}/{start:012d}.bin", b"".join(bytes(value) for (value,) in rows)
    yield from _states(plan)


def _states(plan: BundlePlan) -> list[tuple[str, bytes]]:
    """The state and the events that may explain its newest part, as one moment shows them."""
    is_free = not connection.in_atomic_block
    with transaction.atomic():
        if is_free:
            sql.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        ids = [key for (key,) in sql.rows(_PENDING, {"size": plan.size})]
        pending = [_line(-1, row, plan.has_details) for row in sql.rows(_UNPLACED, (ids,), binary=True)]
        states = [(f"state/{name}.ndjson", _lines(STATES[name].rows())) for name in sorted(STATES)]
    return [("pending.ndjson", b"".join(line + b"\n" for line in pending)), *states]


def _manifest(plan: BundlePlan) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "origin": plan.origin,
        "size": plan.size,
        "chunk": CHUNK,
        "details": plan.has_details,
        "verifiers": list(AuditKey.objects.order_by("created_at").values_list("verifier", flat=True)),
        "exported_at": now().isoformat(timespec="seconds"),
        "states": sorted(STATES),
    }


def _checkpoints(size: int) -> Iterator[dict[str, Any]]:
    rows = AuditCheckpoint.objects.filter(size__lte=size).order_by("size")
    for note in rows.values_list("note", flat=True).iterator():
        yield {"note": note}


def _chunk(plan: BundlePlan, start: int, end: int) -> tuple[bytes, bytes]:
    """The index and the lines of the entries from `start` to `end`."""
    index, lines = [], []
    for row in sql.rows(_EVENTS, (start, end), binary=True):
        position, leaf_hash, payload, uuid = row[0], row[1], row[2], row[6]
        index.append((uuid.bytes if uuid else _NO_UUID) + bytes(leaf_hash))
        if payload is not None:
            lines.append(_line(position, row, plan.has_details))
    return b"".join(index), b"\n".join(lines) + (b"\n" if lines else b"")


def _line(position: int, row: tuple[Any, ...], has_details: bool) -> bytes:
    payload, recorded_at, salt, body = row[2:6]
    said: dict[str, Any] = {
        "index": position,
        **_text("payload", bytes(payload)),
        "recorded_at": recorded_at.isoformat(timespec="microseconds"),
        "columns": dict(zip(_COLUMNS, row[6:], strict=True)),
    }
    if has_details:
        said["detail"] = None if salt is None else {"salt": bytes(salt).hex(), **_text("body", bytes(body))}
    return orjson.dumps(said)


def _text(name: str, content: bytes) -> dict[str, str]:
    """Bytes that should be text; what is none was never written by the portal, and is shown as it is."""
    try:
        return {name: content.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": base64.b64encode(content).decode()}


def _lines(rows: Iterable[dict[str, Any]]) -> bytes:
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)
