"""Reading the audit log in tests."""

import json
from typing import Any

from portal.audit.models import AuditEvent


def recorded(**filters: Any) -> list[tuple[str, str]]:
    """`(action, outcome)` of the events, oldest first."""
    return list(AuditEvent.objects.filter(**filters).order_by("id").values_list("action", "outcome"))


def detail_of(event: AuditEvent) -> dict[str, Any]:
    """What an event says in words and values."""
    found: dict[str, Any] = json.loads(bytes(event.detail.body))
    return found


def latest() -> AuditEvent:
    """The newest event."""
    found = AuditEvent.objects.order_by("-id").first()
    assert found is not None
    return found
