"""Lineage under /api/v1/lineage, and what depends on a dataset version."""

from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.base import ApiView, Serializers
from registry.api.lineage_serializers import BlastRadiusOutput, GraphOutput, LineageQuery
from registry.lineage.graph import NodeKey, data_blast_radius, lineage_of


class Lineage(ApiView):
    """What a node was made from and what was made from it, with how complete the answer is."""

    actions: ClassVar[dict[str, str]] = {"GET": "registry.lineage.read"}
    inputs: ClassVar[Serializers] = {"GET": LineageQuery}
    outputs: ClassVar[Serializers] = {"GET": GraphOutput}

    def get(self, request: Request) -> Response:
        given = self.given
        start = NodeKey.parse(given.pop("node"))
        return self.answer(lineage_of(self.actor, start, **given))


class DatasetBlastRadius(ApiView):
    """Everything live that depends on a dataset version, as runs logged it (the same name and digest in any experiment
    that you see) or as it was registered."""

    actions: ClassVar[dict[str, str]] = {"GET": "registry.blast_radius.read"}
    outputs: ClassVar[Serializers] = {"GET": BlastRadiusOutput}

    def get(self, request: Request, dataset_id: UUID) -> Response:
        return self.answer(data_blast_radius(self.actor, dataset_id))
