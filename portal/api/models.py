"""What the API remembers of requests that may be sent twice."""

from typing import Any, ClassVar

from django.db import models


class IdempotencyKey(models.Model):
    """One creating request under a key that its caller chose; `status` is empty while the request still runs."""

    caller = models.CharField(max_length=120)
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.BinaryField(null=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["caller", "key"], name="idempotency_key_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.caller}"
