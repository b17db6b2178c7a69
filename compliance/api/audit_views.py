"""The signed audit log: heads and consistency for everybody who is signed in, proofs for who may read the event."""

from typing import Any, ClassVar
from uuid import UUID

from django.http import StreamingHttpResponse
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from compliance.api.audit_serializers import (
    BundleQuery,
    CheckpointOutput,
    ConsistencyOutput,
    ConsistencyQuery,
    EraseInput,
    InclusionOutput,
    InclusionQuery,
    LogOutput,
    ReceiptOutput,
)
from compliance.exports.bundle import bundle_write
from compliance.services.audit_log import EventDetail, detail_erase, log_export
from portal.api.base import ApiView, Serializers
from portal.api.paging import PageQuery
from portal.audit.log import (
    checkpoint_get,
    checkpoint_list,
    consistency_between,
    inclusion_of,
    log_state,
    receipt_of,
)
from portal.audit.selectors import event_get
from portal.operations import read_logged


class Log(ApiView):
    """The log: its origin, the keys that signed it, its newest checkpoint, and how far behind it is."""

    actions: ClassVar[dict[str, str]] = {"GET": "audit.log.read"}
    outputs: ClassVar[Serializers] = {"GET": LogOutput}

    def get(self, request: Request) -> Response:
        return self.answer(log_state(self.actor))


class CheckpointList(ApiView):
    """Signed checkpoints, the largest first."""

    actions: ClassVar[dict[str, str]] = {"GET": "audit.checkpoint.list"}
    inputs: ClassVar[Serializers] = {"GET": PageQuery}
    outputs: ClassVar[Serializers] = {"GET": CheckpointOutput}
    is_paged = True

    def get(self, request: Request) -> Response:
        return self.page(checkpoint_list(), self.given)


class CheckpointOne(ApiView):
    """The signed checkpoint of one size."""

    actions: ClassVar[dict[str, str]] = {"GET": "audit.checkpoint.read"}
    outputs: ClassVar[Serializers] = {"GET": CheckpointOutput}

    def get(self, request: Request, size: int) -> Response:
        return self.answer(checkpoint_get(size))


class ConsistencyProof(ApiView):
    """The proof that the log of `new` entries begins with the one of `old` entries (RFC 9162 section 2.1.4)."""

    actions: ClassVar[dict[str, str]] = {"GET": "audit.consistency.read"}
    inputs: ClassVar[Serializers] = {"GET": ConsistencyQuery}
    outputs: ClassVar[Serializers] = {"GET": ConsistencyOutput}

    def get(self, request: Request) -> Response:
        return self.answer(consistency_between(**self.given))


class InclusionProof(ApiView):
    """The proof that an event stands in the log (RFC 9162 section 2.1.3)."""

    actions: ClassVar[dict[str, str]] = {"GET": "audit.inclusion.read"}
    inputs: ClassVar[Serializers] = {"GET": InclusionQuery}
    outputs: ClassVar[Serializers] = {"GET": InclusionOutput}

    def get(self, request: Request, event: UUID) -> Response:
        return self.answer(inclusion_of(event_get(self.actor, event), size=self.given.get("size")))


class Receipt(ApiView):
    """An event with its proof and checkpoint: a file that `python -m compliance.verify` checks offline."""

    actions: ClassVar[dict[str, str]] = {"GET": "audit.receipt.read"}
    outputs: ClassVar[Serializers] = {"GET": ReceiptOutput}

    def get(self, request: Request, event: UUID) -> Response:
        found = event_get(self.actor, event)
        read_logged(actor=self.actor, action="audit.receipt.read", target=found)
        return self.answer(receipt_of(found))


class DetailErasures(ApiView):
    """Erase what an event says in words: names, reason, values. The event and its proofs stay."""

    actions: ClassVar[dict[str, str]] = {"POST": "audit.detail.erase"}
    inputs: ClassVar[Serializers] = {"POST": EraseInput}

    def post(self, request: Request, event: UUID) -> Response:
        found = event_get(self.actor, event)
        detail = EventDetail(found.uuid, found.workspace_id)
        detail_erase(actor=self.actor, detail=detail, reason=self.given["reason"])
        return Response(status=204)


class ZipRenderer(BaseRenderer):
    """For the negotiation only: the zip is streamed."""

    media_type = "application/zip"
    format = "zip"
    charset = None

    def render(self, data: Any, *_: Any) -> bytes:
        return JSONRenderer().render(data)


class Bundle(ApiView):
    """The whole log up to its newest checkpoint, as a zip for `python -m compliance.verify`."""

    actions: ClassVar[dict[str, str]] = {"GET": "audit.log.export"}
    inputs: ClassVar[Serializers] = {"GET": BundleQuery}
    renderer_classes = (JSONRenderer, ZipRenderer)

    def get(self, request: Request) -> StreamingHttpResponse:
        plan = log_export(actor=self.actor, has_details=self.given["details"])
        response = StreamingHttpResponse(bundle_write(plan), content_type="application/zip")
        response.headers["Content-Disposition"] = f'attachment; filename="{plan.file_name}"'
        return response
