"""Reads of the audit log: events as persons read them. For the signed log over them see `portal.audit.log`."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from portal.accounts.actor import Actor
from portal.audit.log import checkpoint_latest, receipt_of
from portal.audit.models import AuditEvent
from portal.kernel.errors import NotFound

__all__ = ["Entry", "checkpoint_latest", "entry", "event_get", "event_list", "object_trail", "receipt_of"]


@dataclass(frozen=True)
class Entry:
    """One event as a person reads it."""

    id: int
    uuid: UUID
    at: datetime
    actor: str
    actor_name: str
    action: str
    outcome: str
    object_type: str
    object_id: str
    object_name: str
    changes: dict[str, list[Any]]
    detail: str
    reason: str
    request_id: str


def event_list(actor: Actor) -> QuerySet[AuditEvent]:
    """The events that the actor may read, newest first: those of their workspaces and a person's own, or all."""
    events = AuditEvent.objects.select_related("detail").order_by("-id")
    if actor.workspace_ids is None:
        return events
    readable = Q(workspace_id__in=actor.workspace_ids)
    # A token sees what its workspaces show; its user's own acts elsewhere are not its business.
    if actor.kind == "user":
        readable |= Q(actor=actor.reference)
    return events.filter(readable)


def event_get(actor: Actor, uuid: UUID) -> AuditEvent:
    """One event that the actor may read. Raises NotFound."""
    found = event_list(actor).filter(uuid=uuid).first()
    if found is None:
        raise NotFound(f"There is no audit event {uuid}, or you may not see it.")
    return found


def object_trail(
    actor: Actor, *, object_type: str, object_id: str, before_id: int | None, limit: int
) -> list[Entry]:
    """The history of one object, newest first; `before_id` continues after the last entry of a page."""
    events = event_list(actor).filter(object_type=object_type, object_id=object_id)
    if before_id is not None:
        events = events.filter(id__lt=before_id)
    return [entry(event) for event in events[:limit]]


def entry(event: AuditEvent) -> Entry:
    """An event with its detail; an erased detail reads as empty."""
    detail = getattr(event, "detail", None)
    body = json.loads(bytes(detail.body)) if detail else {}
    return Entry(
        id=event.pk, uuid=event.uuid, at=event.recorded_at, actor=event.actor, actor_name=body.get("actor_name", ""),
        action=event.action, outcome=event.outcome, object_type=event.object_type, object_id=event.object_id,
        object_name=body.get("object_name", ""), changes=body.get("changes", {}), detail=body.get("detail", ""),
        reason=body.get("reason", ""), request_id=event.request_id,
    )  # fmt: skip
