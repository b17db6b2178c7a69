"""Audit events: what was asked, by whom, on what, with which outcome.

`payload` holds the canonical bytes (RFC 8785) that a proof will stand on; the other columns are copies for
searching, and PostgreSQL itself computes `leaf_hash` (RFC 9162 section 2.1.1), so the application cannot
state a hash that does not fit. Names, reasons and before/after values may be personal data: they live in
`AuditDetail`, and the payload holds only a salted digest of them, so that erasing a detail breaks no proof.
PostgreSQL refuses UPDATE, DELETE and TRUNCATE on events (see the migrations).

The sequencer (`portal.audit.sequencer`) gives committed events their place in the log: `AuditLeaf`, the complete
subtrees above in `AuditNode`, and a signed `AuditCheckpoint` at the end of each batch.
"""

from typing import Any, ClassVar

from django.contrib.postgres.indexes import HashIndex
from django.db import models
from django.db.models import Q

from portal.kernel.ids import uuid7


class LeafHash(models.Func):
    """SHA-256 over a zero byte and the payload."""

    template = r"sha256('\x00'::bytea || %(expressions)s)"
    arity = 1


class AuditEvent(models.Model):
    """One line of the log; never changed, never deleted."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True)
    # The moment in the payload; PostgreSQL refuses any other, and any that is not the present on its clock.
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
            models.Index(fields=["action", "-id"], name="audit_by_action"),
            # Nearly all that is asked of is done; what is not is what is looked for.
            models.Index(fields=["outcome", "-id"], condition=~Q(outcome="done"), name="audit_by_outcome"),
            models.Index(fields=["recorded_at"], name="audit_by_time"),
            HashIndex(fields=["request_id"], condition=~Q(request_id=""), name="audit_by_request"),
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


class AuditLeaf(models.Model):
    """The place of an event in the log: dense from 0, in the order of sequencing.

    PostgreSQL refuses a leaf whose hash is not that of its event, and a batch that does not follow the last leaf.
    """

    idx = models.BigIntegerField(primary_key=True)
    # No constraint in the database: the trigger looks at the event anyway, and once per batch.
    event = models.OneToOneField(
        AuditEvent, on_delete=models.PROTECT, related_name="leaf", db_constraint=False
    )
    leaf_hash = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"leaf {self.idx}"


class AuditNode(models.Model):
    """The hash of a complete subtree over `2 ** level` leaves, from `idx << level` on; level 0 is `AuditLeaf`."""

    pk = models.CompositePrimaryKey("level", "idx")
    level = models.SmallIntegerField()
    idx = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"node {self.level}/{self.idx}"


class AuditCheckpoint(models.Model):
    """The signed head of the log at one size: a C2SP tlog-checkpoint, `note` being its exact text."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField(max_length=32)
    note = models.TextField()
    created_at = models.DateTimeField(db_default=models.Func(function="clock_timestamp"))

    def __str__(self) -> str:
        return f"checkpoint {self.size}"


class AuditKey(models.Model):
    """A key that signed checkpoints, as its public half in the form of C2SP signed-note."""

    verifier = models.CharField(max_length=300, primary_key=True)
    created_at = models.DateTimeField(db_default=models.Func(function="clock_timestamp"))

    def __str__(self) -> str:
        return self.verifier


class AuditWitness(models.Model):
    """How far the checkpoints have been handed to one outside place. The only table here whose rows change."""

    name = models.CharField(max_length=300, primary_key=True)
    size = models.BigIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True)
    problem_since = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "audit witnesses"

    def __str__(self) -> str:
        return self.name


class AuditTrouble(models.Model):
    """Something that kept the log from being signed or copied in time: since when, and what ended it.

    `key` names what is in trouble, `sequencer` or `witness <name>`; one trouble of a key is open at a time.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.CharField(max_length=320)
    said = models.CharField(max_length=600)
    since = models.DateTimeField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closure = models.CharField(max_length=600, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["key"], condition=Q(closed_at__isnull=True), name="audit_trouble_one_open"
            ),
        ]

    def __str__(self) -> str:
        return self.key
