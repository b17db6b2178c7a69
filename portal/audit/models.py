"""Audit events: what was asked, by whom, on what, with which outcome.

`payload` holds the canonical bytes (RFC 8785) that a proof will stand on; the other columns are copies for
searching, and PostgreSQL itself computes `leaf_hash` (RFC 9162 section 2.1.1), so the application cannot
state a hash that does not fit. Names, reasons and before/after values may be personal data: they live in
`AuditDetail`, and the payload holds only a salted digest of them, so that erasing a detail breaks no proof.
PostgreSQL refuses UPDATE, DELETE and TRUNCATE on events (see the first migration).
"""

from typing import Any, ClassVar

from django.db import models


class LeafHash(models.Func):
    """SHA-256 over a zero byte and the payload."""

    template = r"sha256('\x00'::bytea || %(expressions)s)"
    arity = 1


class AuditEvent(models.Model):
    """One line of the log; never changed, never deleted."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True)
    recorded_at = models.DateTimeField(db_default=models.Func(function="clock_timestamp"))
    payload = models.BinaryField()
    leaf_hash = models.GeneratedField(
        expression=LeafHash("payload"), output_field=models.BinaryField(), db_persist=True
    )
    actor = models.CharField(max_length=120)
    token_id = models.UUIDField(null=True)
    action = models.CharField(max_length=80)
    outcome = models.CharField(max_length=10)
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=80)
    workspace_id = models.BigIntegerField(null=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["object_type", "object_id", "-id"], name="audit_by_object"),
            models.Index(fields=["workspace_id", "-id"], name="audit_by_workspace"),
            models.Index(fields=["actor", "-id"], name="audit_by_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.object_type}:{self.object_id} {self.outcome}"


class AuditDetail(models.Model):
    """What an event says in words and values: names, reason, before and after. Erasable, never editable."""

    event = models.OneToOneField(
        AuditEvent, on_delete=models.PROTECT, primary_key=True, related_name="detail"
    )
    salt = models.BinaryField(max_length=16)
    body = models.BinaryField()

    def __str__(self) -> str:
        return f"detail of {self.event_id}"
