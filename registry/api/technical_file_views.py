"""Technical files under /api/v1/ai-systems/{id}/technical-files."""

from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from compliance.selectors.systems import system_get
from portal.api.base import ApiView, Serializers
from portal.api.paging import PageQuery
from registry.selectors.technical_files import technical_file_get, technical_file_read, technical_files
from registry.services.technical_files import technical_file_create
from registry.technical_file.keys import documents_verifiers

_TYPES = {"zip": "application/zip", "pdf": "application/pdf"}


class TechnicalFileOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    recorded_at = serializers.DateTimeField()
    summary = serializers.CharField()
    digest = serializers.CharField(source="body.digest", help_text="SHA-256 of the bundle")
    size = serializers.IntegerField(source="body.size")
    verifier = serializers.CharField(
        source="body.verifier", help_text="the key that signed it, as C2SP verifier"
    )
    facts = serializers.IntegerField(source="body.facts")
    gaps = serializers.IntegerField(source="body.gaps")
    required_gaps = serializers.IntegerField(source="body.required_gaps")


class DocumentKeysOutput(serializers.Serializer[Any]):
    verifiers = serializers.ListField(
        child=serializers.CharField(),
        help_text="C2SP verifiers, the newest first; for compliance.verify_file --key",
    )


class TechnicalFileJob(serializers.Serializer[Any]):
    job = serializers.UUIDField(source="pk", help_text="see /api/v1/jobs/{id}; its result names the file")
    state = serializers.CharField()


class EmptyInput(serializers.Serializer[Any]):
    """Nothing is needed."""


class DownloadQuery(serializers.Serializer[Any]):
    part = serializers.ChoiceField(choices=sorted(_TYPES), default="zip")


class TechnicalFiles(ApiView):
    """The technical files of a system, newest first; and asking for one of it as it is now."""

    actions: ClassVar[dict[str, str]] = {
        "GET": "registry.technical_file.list",
        "POST": "registry.technical_file.create",
    }
    inputs: ClassVar[Serializers] = {"GET": PageQuery, "POST": EmptyInput}
    outputs: ClassVar[Serializers] = {"GET": TechnicalFileOutput, "POST": TechnicalFileJob}
    is_paged = True

    def get(self, request: Request, system_id: UUID) -> Response:
        return self.page(technical_files(system_get(self.actor, system_id)), self.given)

    def post(self, request: Request, system_id: UUID) -> Response:
        system = system_get(self.actor, system_id)
        return self.answer(technical_file_create(actor=self.actor, system=system), status=201)


class AnyRenderer(BaseRenderer):
    """For the negotiation only: the bytes are sent as they lie in the store."""

    media_type = "application/*"
    format = "bytes"
    charset = None

    def render(self, data: Any, *_: Any) -> bytes:
        return JSONRenderer().render(data)


class TechnicalFileDownload(ApiView):
    """The signed bundle for `python -m compliance.verify_file`, or the PDF in it."""

    actions: ClassVar[dict[str, str]] = {"GET": "registry.technical_file.read"}
    inputs: ClassVar[Serializers] = {"GET": DownloadQuery}
    renderer_classes = (JSONRenderer, AnyRenderer)

    def get(self, request: Request, system_id: UUID, file_id: UUID) -> HttpResponse:
        system, part = system_get(self.actor, system_id), self.given["part"]
        file = technical_file_get(system, file_id)
        response = HttpResponse(technical_file_read(system, file, part), content_type=_TYPES[part])
        name = f"technical-file-{system.pk}-{file.recorded_at:%Y%m%d-%H%M%S}.{part}"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


class DocumentKeys(ApiView):
    """The keys that technical files and certificates are checked with."""

    actions: ClassVar[dict[str, str]] = {"GET": "registry.document_key.list"}
    outputs: ClassVar[Serializers] = {"GET": DocumentKeysOutput}

    def get(self, request: Request) -> Response:
        return self.answer({"verifiers": documents_verifiers()})
