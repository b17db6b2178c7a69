"""Revisions with processes that run already: rows as the reconciliation leaves them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction

from deployments.models import Endpoint, Revision
from deployments.split import split_move
from portal.accounts.actor import Actor
from portal.accounts.models import User
from portal.kernel.clock import now
from registry.models import ModelVersion

# What model processes are started for before there are rows: the key of a process belongs to its revision.
FIRST, SECOND = (UUID(int=0x0190_0000_0000_7000_8000_0000_0000_0000 + number) for number in (1, 2))


@dataclass
class Scene:
    """An endpoint whose revisions 1 and 2 have ids that are known before."""

    endpoint: Endpoint
    versions: list[ModelVersion]
    owner: User
    revisions: dict[int, Revision] = field(default_factory=dict)

    def revision(self, number: int, *addresses: str) -> None:
        """Make a revision, or tell where its processes are now."""
        version = self.versions[number - 1]
        if number in self.revisions:
            Revision.objects.filter(pk=self.revisions[number].pk).update(addresses=list(addresses))
            return
        self.revisions[number] = Revision.objects.create(
            id=(FIRST, SECOND)[number - 1], endpoint=self.endpoint, number=number, version=version,
            digest=version.digest, settings=self.endpoint.settings, made_by="user:1", created_at=now(),
            observed_state="ready", addresses=list(addresses),
        )  # fmt: skip

    def split(self, wanted: Mapping[int, int], **more: Any) -> None:
        with transaction.atomic():
            endpoint = Endpoint.objects.select_for_update().get(pk=self.endpoint.pk)
            split_move(Actor.of_user(self.owner), endpoint, wanted, **more)
