"""Claims: how work on a cluster gets what it needs, once."""

import hashlib
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from portal.kernel.ids import uuid7
from training.models.jobs import TrainingJob


class TrainingClaim(models.Model):
    """What one submission to a cluster may fetch: exchanged once, by whoever shows the code, for the order in `sealed`.

    `key` is the name of the submission there, which names the training and its attempt. Of the code only the SHA-256 is
    kept, as `digest`. It opens nothing before the portal has seen the submission run, and not after `expires_at`. The
    exchange empties `sealed` and gives a session, of which the SHA-256 is kept: it fetches the work and brings the
    result of this one submission, and can do nothing else. A code that is shown again is noted as contested.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    training = models.ForeignKey(TrainingJob, on_delete=models.PROTECT, related_name="claims")
    key = models.CharField(max_length=60, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    sealed = models.TextField(blank=True)
    session = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    redeemed_at = models.DateTimeField(null=True)
    redeemed_from = models.GenericIPAddressField(null=True)
    contested_at = models.DateTimeField(null=True)
    contested_from = models.GenericIPAddressField(null=True)
    ended_at = models.DateTimeField(null=True)
    cleared_at = models.DateTimeField(null=True)

    audit_ignores = ("sealed", "digest", "session")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(sealed="") | Q(redeemed_at=None, ended_at=None), name="claim_sealed_until_used"
            ),
            models.CheckConstraint(
                condition=Q(session="") | Q(redeemed_at__isnull=False), name="claim_session_by_exchange"
            ),
            models.UniqueConstraint(fields=["session"], condition=~Q(session=""), name="claim_of_session"),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["ended_at"],
                condition=Q(ended_at__isnull=False, cleared_at=None),
                name="claim_to_be_cleared",
            ),
        ]

    def __str__(self) -> str:
        return f"claim {self.key}"

    @property
    def workspace_id(self) -> int:
        return self.training.workspace_id

    @property
    def folder(self) -> str:
        """Where its archives lie in the artifact store."""
        return claim_folder(self.training.workspace_id, self.key)


def code_digest(code: str) -> str:
    """What is kept of a code; it has 256 random bits, so a slow hash would add nothing."""
    return hashlib.sha256(code.encode()).hexdigest()


def claim_folder(workspace_id: int, key: str) -> str:
    """Where the archives of a submission lie in the artifact store."""
    return f"training/{workspace_id}/claims/{key}"
