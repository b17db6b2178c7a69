"""The proofs of the facts in a file: a receipt per audit event, all under one signed checkpoint where possible."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from portal.audit.log import checkpoint_latest, receipt_of
from portal.audit.models import AuditEvent, AuditKey
from portal.kernel.errors import Conflict


@dataclass
class Proofs:
    """Receipts by event, and the newest checkpoint, which is `None` while nothing was signed."""

    receipts: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    waiting: set[UUID] = field(default_factory=set)
    note: str = ""
    verifiers: list[str] = field(default_factory=list)
    who: str = "an operator of the portal"

    @property
    def head(self) -> dict[str, Any] | None:
        """Origin and size of the checkpoint that goes along."""
        if not self.note:
            return None
        origin, size, root = self.note.splitlines()[:3]
        return {"origin": origin, "size": int(size), "root": root}

    def reference(self, event: UUID | None) -> dict[str, Any] | None:
        """How a fact names its proof: event, index, checkpoint and the path of the receipt; None without a proof."""
        receipt = self.receipts.get(event) if event else None
        if receipt is None:
            return None
        return {
            "event": str(event), "index": receipt["index"], "checkpoint": receipt["size"],
            "receipt": receipt_path(receipt["uuid"]),
        }  # fmt: skip


def receipt_path(uuid: str) -> str:
    return f"receipts/{uuid}.json"


def proofs_of(events: Iterable[UUID | None]) -> Proofs:
    """The receipts of some events. What has no place in the log yet is `waiting`."""
    found = Proofs(verifiers=list(AuditKey.objects.order_by("created_at").values_list("verifier", flat=True)))
    head = checkpoint_latest()
    found.note = head.note if head else ""
    wanted = {event for event in events if event is not None}
    for event in AuditEvent.objects.filter(uuid__in=wanted).order_by("id"):
        try:
            found.receipts[event.uuid] = receipt_of(event)
        except Conflict:
            found.waiting.add(event.uuid)
    return found
