"""Prints the audit events of an object as JSON, oldest first. Run with the portal's environment."""

import json
import sys

import django

if __name__ == "__main__":
    django.setup()
    from portal.audit.models import AuditEvent

    found = AuditEvent.objects.filter(object_type=sys.argv[1], object_id=sys.argv[2]).select_related("detail")
    json.dump(
        [
            {"action": event.action, "outcome": event.outcome, **json.loads(bytes(event.detail.body))}
            for event in found.order_by("id")
        ],
        sys.stdout,
    )
