"""Evidence about versions, and what may be asked of the gate again, under /api/v1/."""

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from django.http import StreamingHttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from compliance.selectors.evidence import evidence_get, evidence_list
from compliance.services.evidence import Statement, evidence_attest
from portal.api.base import ApiView, Serializers
from portal.kernel.errors import NotFound
from portal.operations import read_logged
from registry.api.addressed import VersionView
from registry.api.evidence_serializers import (
    AnyJson,
    EvidenceOutput,
    EvidenceQuery,
    KeysOutput,
    LookInput,
    LookOutput,
    StatementInput,
)
from registry.gate.beside import beside_read
from registry.gate.keys import public_keys
from registry.gate.signing import signature_evidence
from registry.gate.subjects import version_subject
from registry.selectors.boms import bom_evidence
from registry.services.gate import version_bill, version_check_signature, version_scan, version_sign


class VersionEvidence(VersionView):
    """What was found about a version, newest first; people state what they found themselves."""

    actions: ClassVar[dict[str, str]] = {
        "GET": "compliance.evidence.list",
        "POST": "compliance.evidence.attest",
    }
    inputs: ClassVar[Serializers] = {"GET": EvidenceQuery, "POST": StatementInput}
    outputs: ClassVar[Serializers] = {"GET": EvidenceOutput, "POST": EvidenceOutput}
    is_paged = True

    def get(self, request: Request, workspace: str, model: str, number: int) -> Response:
        version, given = self.version(workspace, model, number), self.given
        read_logged(actor=self.actor, action="compliance.evidence.list", target=version)
        subject = version_subject(version)
        found = evidence_list(
            self.actor, subject_type=subject.type, subject_id=subject.id, kind=given.get("kind", "")
        )
        return self.page(found, given)

    def post(self, request: Request, workspace: str, model: str, number: int) -> Response:
        given = self.given
        expires_at = given.pop("expires_at")
        subject = version_subject(self.version(workspace, model, number))
        made = evidence_attest(
            actor=self.actor, subject=subject, statement=Statement(**given), expires_at=expires_at
        )
        return self.answer(made, status=201)


class EvidenceOne(ApiView):
    """One piece of evidence."""

    actions: ClassVar[dict[str, str]] = {"GET": "compliance.evidence.read"}
    outputs: ClassVar[Serializers] = {"GET": EvidenceOutput}

    def get(self, request: Request, evidence_id: UUID) -> Response:
        found = evidence_get(self.actor, evidence_id)
        read_logged(actor=self.actor, action="compliance.evidence.read", target=found)
        return self.answer(found)


class _Look(VersionView):
    """Asks for one look at a version; the answer names the job."""

    inputs: ClassVar[Serializers] = {"POST": LookInput}
    outputs: ClassVar[Serializers] = {"POST": LookOutput}
    ask: ClassVar[Callable[..., Any]]

    def post(self, request: Request, workspace: str, model: str, number: int) -> Response:
        version = self.version(workspace, model, number)
        return self.answer(type(self).ask(actor=self.actor, version=version), status=201)


class VersionScans(_Look):
    """Scan the files of a version again."""

    actions: ClassVar[dict[str, str]] = {"POST": "registry.version.scan"}
    ask = staticmethod(version_scan)


class VersionSignatures(_Look):
    """The signature of a version, for the stock `model_signing verify key`; ask for one with POST."""

    actions: ClassVar[dict[str, str]] = {"GET": "registry.signature.read", "POST": "registry.version.sign"}
    outputs: ClassVar[Serializers] = {"GET": AnyJson, "POST": LookOutput}
    ask = staticmethod(version_sign)

    def get(self, request: Request, workspace: str, model: str, number: int) -> StreamingHttpResponse:
        version = self.version(workspace, model, number)
        found = signature_evidence(version)
        missing = f"{version} has no signature. Ask for one with POST."
        if found is None or "signature" not in found.body:
            raise NotFound(missing)
        chunks = beside_read(found.body["signature"]["uri"], missing)
        return _file(chunks, "application/json", f"{version.model.name}-{version.version}.sig")


class VersionSignatureChecks(_Look):
    """Check the signature of a version against its files as they are now."""

    actions: ClassVar[dict[str, str]] = {"POST": "registry.version.check_signature"}
    ask = staticmethod(version_check_signature)


class VersionBom(_Look):
    """The bill of materials of a version (CycloneDX 1.6, JSON); POST has it written anew."""

    actions: ClassVar[dict[str, str]] = {"GET": "registry.bom.read", "POST": "registry.version.bill"}
    outputs: ClassVar[Serializers] = {"GET": AnyJson, "POST": LookOutput}
    ask = staticmethod(version_bill)

    def get(self, request: Request, workspace: str, model: str, number: int) -> StreamingHttpResponse:
        version = self.version(workspace, model, number)
        missing = f"{version} has no bill of materials yet. Ask for one with POST."
        found = bom_evidence(version)
        if found is None:
            raise NotFound(missing)
        name = f"{version.model.name}-{version.version}.cdx.json"
        return _file(beside_read(found.body["uri"], missing), "application/vnd.cyclonedx+json", name)


class SigningKeys(ApiView):
    """The public keys that signatures of models are checked with, the one of new signatures first."""

    actions: ClassVar[dict[str, str]] = {"GET": "registry.signing_key.list"}
    outputs: ClassVar[Serializers] = {"GET": KeysOutput}

    def get(self, request: Request) -> Response:
        return self.answer({"items": public_keys()})


def _file(chunks: Any, kind: str, name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(chunks, content_type=kind)
    plain = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in name)
    response.headers["Content-Disposition"] = (
        f'attachment; filename="{plain.encode("ascii", "replace").decode()}"'
    )
    return response
