"""Reproductions of versions, and their certificates."""

from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.base import ApiView, Serializers
from portal.api.paging import PageQuery
from portal.kernel.errors import NotFound
from registry.api.addressed import VersionView
from training.api.reproduction_serializers import EnvelopeOutput, ReproductionInput, ReproductionOutput
from training.selectors.reproductions import reproduction_get, reproductions_of
from training.services.reproductions import reproduction_begin


class VersionReproductions(VersionView):
    """The reproductions of a version, newest first; and asking for one."""

    actions: ClassVar[dict[str, str]] = {
        "GET": "training.reproduction.list", "POST": "training.reproduction.begin",
    }  # fmt: skip
    inputs: ClassVar[Serializers] = {"GET": PageQuery, "POST": ReproductionInput}
    outputs: ClassVar[Serializers] = {"GET": ReproductionOutput, "POST": ReproductionOutput}
    is_paged = True

    def get(self, request: Request, workspace: str, model: str, number: int) -> Response:
        given = self.given
        return self.page(reproductions_of(self.version(workspace, model, number)), given)

    def post(self, request: Request, workspace: str, model: str, number: int) -> Response:
        version, given = self.version(workspace, model, number), self.given
        made = reproduction_begin(actor=self.actor, version=version, tolerance=given.get("tolerance"))
        return self.answer(made, status=201)


class ReproductionOne(ApiView):
    """One reproduction with what was measured."""

    actions: ClassVar[dict[str, str]] = {"GET": "training.reproduction.read"}
    outputs: ClassVar[Serializers] = {"GET": ReproductionOutput}

    def get(self, request: Request, reproduction_id: UUID) -> Response:
        return self.answer(reproduction_get(self.actor, reproduction_id))


class ReproductionCertificate(ApiView):
    """The signed certificate, a DSSE envelope that `compliance/verify_certificate.py` checks offline."""

    actions: ClassVar[dict[str, str]] = {"GET": "training.reproduction.download"}
    outputs: ClassVar[Serializers] = {"GET": EnvelopeOutput}

    def get(self, request: Request, reproduction_id: UUID) -> Response:
        found = reproduction_get(self.actor, reproduction_id)
        if found.certificate is None:
            raise NotFound("There is no certificate yet: the reproduction still runs.")
        return self.answer(found.certificate)
