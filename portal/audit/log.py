"""Reads of the signed log: its head, its proofs, and receipts that prove an event to somebody outside."""

import base64
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from portal.accounts.actor import Actor
from portal.audit import merkle, tree
from portal.audit.models import (
    AuditCheckpoint,
    AuditDetail,
    AuditEvent,
    AuditKey,
    AuditLeaf,
    AuditTrouble,
    AuditWitness,
)
from portal.kernel import sql
from portal.kernel.errors import Conflict, InvalidInput, NotFound

RECEIPT_FORMAT = "portal-audit-receipt/1"
# Late commits below the newest placed event are looked for this far back.
_WINDOW = 10_000
# How many troubles that are over are told of.
_TOLD = 10
_WAITING = """
WITH last AS (SELECT coalesce(max(event_id), 0) AS id FROM audit_auditleaf),
waiting AS (
    (SELECT recorded_at FROM audit_auditevent WHERE id > (SELECT id FROM last) ORDER BY id LIMIT 1)
    UNION ALL
    SELECT event.recorded_at FROM audit_auditevent event
    WHERE event.id > (SELECT id FROM last) - %s AND event.id <= (SELECT id FROM last)
      AND NOT EXISTS (SELECT FROM audit_auditleaf leaf WHERE leaf.event_id = event.id)
)
SELECT coalesce(extract(epoch FROM clock_timestamp() - min(recorded_at)), 0)::float FROM waiting
"""


@dataclass(frozen=True)
class LogState:
    """The log as a whole. `oldest_waiting_seconds` is the age of the oldest event that has no place yet."""

    origin: str
    size: int
    verifiers: list[str]
    latest: AuditCheckpoint | None
    oldest_waiting_seconds: float
    witnesses: list[AuditWitness]
    troubles: list[AuditTrouble]


@dataclass(frozen=True)
class Inclusion:
    """That an event is entry `index` of the log of `checkpoint.size` entries."""

    index: int
    leaf_hash: bytes
    path: list[bytes]
    checkpoint: AuditCheckpoint


@dataclass(frozen=True)
class Consistency:
    """That the log of `new` entries begins with the one of `old` entries."""

    old: int
    new: int
    old_root: bytes
    new_root: bytes
    path: list[bytes]


def log_state(actor: Actor) -> LogState:
    """The head of the log, who can check it, and how late it is; witnesses and troubles for who sees everything."""
    latest = checkpoint_latest()
    verifiers = list(AuditKey.objects.order_by("created_at").values_list("verifier", flat=True))
    return LogState(
        origin=latest.note.partition("\n")[0] if latest else "",
        size=latest.size if latest else 0,
        verifiers=verifiers,
        latest=latest,
        oldest_waiting_seconds=oldest_waiting_seconds(),
        witnesses=list(AuditWitness.objects.order_by("name")) if actor.sees_everything else [],
        troubles=trouble_list() if actor.sees_everything else [],
    )


def oldest_waiting_seconds() -> float:
    """The age of the oldest event that has no place in the log yet; 0 when there is none."""
    waiting = sql.row(_WAITING, (_WINDOW,))
    return float(waiting[0]) if waiting else 0.0


def trouble_list() -> list[AuditTrouble]:
    """What is in trouble now, and what was lately."""
    is_open = list(AuditTrouble.objects.filter(closed_at=None).order_by("since"))
    return [*is_open, *AuditTrouble.objects.filter(closed_at__isnull=False).order_by("-closed_at")[:_TOLD]]


def checkpoint_list() -> QuerySet[AuditCheckpoint]:
    """All signed heads, the newest first."""
    return AuditCheckpoint.objects.order_by("-size")


def checkpoint_latest() -> AuditCheckpoint | None:
    """The newest signed head; None while nothing was signed."""
    return checkpoint_list().first()


def checkpoint_get(size: int) -> AuditCheckpoint:
    """The signed head of one size. Raises NotFound."""
    found = AuditCheckpoint.objects.filter(size=size).first()
    if found is None:
        raise NotFound(f"No checkpoint of size {size} was signed. The list of checkpoints has the sizes.")
    return found


def inclusion_of(event: AuditEvent, *, size: int | None = None) -> Inclusion:
    """The proof of an event under the newest checkpoint, or under that of `size`.

    Raises Conflict for an event that has no place yet, or a later one than that checkpoint covers.
    """
    leaf = AuditLeaf.objects.filter(event_id=event.pk).first()
    if leaf is None:
        raise Conflict(
            f"Event {event.uuid} has no place in the log yet. That takes about a second: ask again.",
            code="not_in_log_yet",
        )
    checkpoint = checkpoint_latest() if size is None else checkpoint_get(size)
    if checkpoint is None or leaf.idx >= checkpoint.size:
        raise Conflict(
            f"Event {event.uuid} is entry {leaf.idx}, which the checkpoint of size {size} does not cover. "
            "Ask with a larger one.",
            code="not_in_checkpoint",
        )
    path = tree.proof(merkle.inclusion_ranges(leaf.idx, checkpoint.size))
    return Inclusion(leaf.idx, bytes(leaf.leaf_hash), path, checkpoint)


def consistency_between(old: int, new: int) -> Consistency:
    """The proof that the log of `new` entries extends the one of `old`. Raises InvalidInput, NotFound."""
    if not 0 < old <= new:
        raise InvalidInput(f"A log of {new} entries does not extend one of {old}: give 0 < old <= new.")
    latest = checkpoint_latest()
    if latest is None or new > latest.size:
        raise NotFound(f"The signed log has {latest.size if latest else 0} entries, not {new}.")
    path = tree.proof(merkle.consistency_ranges(old, new))
    return Consistency(old, new, tree.root(old), tree.root(new), path)


def receipt_of(event: AuditEvent) -> dict[str, Any]:
    """What proves one event offline, years later: `python -m compliance.verify receipt.json --key …`.

    The detail goes along where it was not erased; the payload commits to it. Raises Conflict while the event has no
    place in the log.
    """
    proven = inclusion_of(event)
    detail = AuditDetail.objects.filter(event_id=event.pk).first()
    return {
        "format": RECEIPT_FORMAT,
        "origin": proven.checkpoint.note.partition("\n")[0],
        "uuid": str(event.uuid),
        "payload": bytes(event.payload).decode(),
        "detail": {"salt": bytes(detail.salt).hex(), "body": bytes(detail.body).decode()} if detail else None,
        "index": proven.index,
        "size": proven.checkpoint.size,
        "path": [base64.b64encode(value).decode() for value in proven.path],
        "checkpoint": proven.checkpoint.note,
    }
