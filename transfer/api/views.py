"""Imports under /api/v1/: asking for one, and how it went."""

from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpRequest
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from portal.accounts.selectors import workspace_get
from portal.api.base import ApiView, Serializers
from portal.kernel.errors import InvalidInput
from portal.operations import permit
from transfer.api import serializers as shapes
from transfer.selectors import import_get, imports_of
from transfer.services.requests import REQUEST, SERVER, Wish, import_request
from transfer.uploads import FIELD, archive_accept, archive_drop, archive_keep


class ImportList(ApiView):
    """The imports of a workspace, newest first; and asking for one from a tracking server."""

    actions: ClassVar[dict[str, str]] = {"GET": "transfer.import.list", "POST": REQUEST}
    inputs: ClassVar[Serializers] = {"GET": shapes.PageQuery, "POST": shapes.ImportInput}
    outputs: ClassVar[Serializers] = {"GET": shapes.ImportOutput, "POST": shapes.ImportOutput}
    is_paged = True

    def get(self, request: Request, workspace: str) -> Response:
        return self.page(imports_of(self.actor, workspace_get(self.actor, workspace)), self.given)

    def post(self, request: Request, workspace: str) -> Response:
        place = workspace_get(self.actor, workspace)
        wish = Wish(kind=SERVER, **self.given)
        return self.answer(import_request(actor=self.actor, workspace=place, wish=wish), status=201)


class ImportArchiveList(ApiView):
    """Asking for an import from an uploaded archive."""

    actions: ClassVar[dict[str, str]] = {"POST": REQUEST}
    operation_ids: ClassVar[dict[str, str]] = {"POST": "transfer.import.upload"}
    inputs: ClassVar[Serializers] = {"POST": shapes.ArchiveImportInput}
    outputs: ClassVar[Serializers] = {"POST": shapes.ImportOutput}
    parser_classes = (MultiPartParser,)

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        archive_accept(request)
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if request.headers.get("Idempotency-Key"):
            raise InvalidInput("An archive needs no Idempotency-Key: what came already does not come again.")
        super().initial(request, *args, **kwargs)

    def post(self, request: Request, workspace: str) -> Response:
        place, given = workspace_get(self.actor, workspace), self.given
        permit(actor=self.actor, action=REQUEST, target=place)
        path, name = archive_keep(request._request, place.pk, given.pop(FIELD))
        wish = Wish(archive=path, **{**given, "origin": given["origin"] or name})
        try:
            made = import_request(actor=self.actor, workspace=place, wish=wish)
        except Exception:
            archive_drop(path)
            raise
        return self.answer(made, status=201)


class ImportOne(ApiView):
    """One import with its report."""

    actions: ClassVar[dict[str, str]] = {"GET": "transfer.import.read"}
    outputs: ClassVar[Serializers] = {"GET": shapes.ImportOutput}

    def get(self, request: Request, import_id: UUID) -> Response:
        return self.answer(import_get(self.actor, import_id))
