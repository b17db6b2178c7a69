"""Where things came from and went to, so that a transfer can be taken up again and repeated without doubles."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from portal.accounts.models import Workspace
from portal.kernel.ids import uuid7

IN, OUT = "in", "out"
MLFLOW, TENSORBOARD, WANDB = "mlflow", "tensorboard", "wandb"


class Peer(models.Model):
    """The other side of transfers of a workspace: a store that was read (`in`) or written (`out`).

    `address` is a name for it without credentials; what comes from the same address is the same thing.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    direction = models.CharField(max_length=3)
    kind = models.CharField(max_length=20)
    address = models.CharField(max_length=500)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["workspace", "direction", "kind", "address"], name="transfer_peer_unique"
            ),
            models.CheckConstraint(condition=Q(direction__in=[IN, OUT]), name="transfer_direction_known"),
        ]

    def __str__(self) -> str:
        return self.address


class Origin(models.Model):
    """One object here and the one there that it was made from, or that was made from it.

    `kind` is the model's name, `there` the id at the peer, `here` the id in the portal. `seen` holds what the source
    said when it was last brought over, so that a repeat brings what is new and overwrites nothing else; counts and
    checksums of metric points and files stand there, too. Without `is_complete` a transfer was cut off there.
    """

    id = models.BigAutoField(primary_key=True)
    peer = models.ForeignKey(Peer, on_delete=models.PROTECT, related_name="origins", db_index=False)
    kind = models.CharField(max_length=20)
    there = models.CharField(max_length=600)
    here = models.CharField(max_length=64)
    seen = models.JSONField(default=dict)
    is_complete = models.BooleanField(default=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [models.Index(fields=["kind", "here"], name="transfer_origin_here")]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["peer", "kind", "there"], name="transfer_origin_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.there}"
