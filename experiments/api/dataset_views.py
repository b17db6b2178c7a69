"""Datasets under /api/v1/datasets: lists, versions, uploads, downloads, comparisons."""

from typing import Any, ClassVar

import orjson
from django.http import HttpRequest, StreamingHttpResponse
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from experiments.api import dataset_serializers as shapes
from experiments.data.files import file_response
from experiments.data.keeping import Kept
from experiments.data.uploads import FIELD, uploads_accept, uploads_keep
from experiments.selectors import dataset_versions as reads
from experiments.services.dataset_versions import REGISTER, NewVersion, dataset_register
from experiments.validation.dataset_names import dataset_name_check
from portal.accounts.models import Workspace
from portal.accounts.selectors import workspace_get
from portal.api.base import ApiView, Serializers
from portal.api.paging import PageQuery
from portal.api.parsers import StrictJSONParser
from portal.kernel.errors import InvalidInput
from portal.operations import permit


class DatasetList(ApiView):
    """The datasets of your workspaces."""

    actions: ClassVar[dict[str, str]] = {"GET": "experiments.dataset.list"}
    inputs: ClassVar[Serializers] = {"GET": shapes.DatasetQuery}
    outputs: ClassVar[Serializers] = {"GET": shapes.DatasetOutput}
    is_paged = True

    def get(self, request: Request) -> Response:
        given, found = self.given, reads.assets_visible(self.actor)
        if "workspace" in given:
            found = found.filter(workspace=workspace_get(self.actor, given["workspace"]))
        return self.page(found, given)


class VersionList(ApiView):
    """The versions of a dataset, newest first; and making one, with the dataset if there is none of that name.

    The same bytes with the same statements as in the newest version are that version again.
    """

    actions: ClassVar[dict[str, str]] = {"GET": "experiments.dataset_version.list", "POST": REGISTER}
    inputs: ClassVar[Serializers] = {"GET": PageQuery, "POST": shapes.DatasetVersionInput}
    outputs: ClassVar[Serializers] = {
        "GET": shapes.DatasetVersionOutput,
        "POST": shapes.DatasetVersionDetailOutput,
    }
    parser_classes = (StrictJSONParser, MultiPartParser)
    is_paged = True

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        uploads_accept(request)
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if request.headers.get("Idempotency-Key") and not _is_json(request):
            raise InvalidInput(
                "Files need no Idempotency-Key: sending the same ones twice makes one version."
            )
        super().initial(request, *args, **kwargs)

    def get(self, request: Request, workspace: str, name: str) -> Response:
        asset = reads.asset_get(self.actor, workspace, name)
        return self.page(reads.versions_of(self.actor, asset), self.given)

    def post(self, request: Request, workspace: str, name: str) -> Response:
        given, place = self.given, workspace_get(self.actor, workspace)
        permit(actor=self.actor, action=REGISTER, target=place)
        dataset_name_check(name)
        new = self._new(request, place, given)
        made = dataset_register(actor=self.actor, workspace=place, name=name, new=new)
        return self.answer(reads.version_by_id(self.actor, made.pk), status=201)

    def _new(self, request: Request, workspace: Workspace, given: dict[str, Any]) -> NewVersion:
        given.pop(FIELD, None)
        given["schema"] = _schema(given.get("schema"))
        if _is_json(request):
            return NewVersion(**{"digest": "", **given})
        kept = uploads_keep(request._request, workspace.pk, request.FILES.getlist(FIELD))
        _digest_check(kept, given)
        given |= {"digest": kept.digest, "size_bytes": kept.size_bytes}
        return NewVersion(**given, path=kept.path, manifest=kept.manifest)


class VersionOne(ApiView):
    """One version with its files, columns and datasheet."""

    actions: ClassVar[dict[str, str]] = {"GET": "experiments.dataset_version.read"}
    outputs: ClassVar[Serializers] = {"GET": shapes.DatasetVersionDetailOutput}

    def get(self, request: Request, workspace: str, name: str, number: int) -> Response:
        return self.answer(reads.version_get(self.actor, workspace, name, number))


class VersionComparison(ApiView):
    """The columns of a version beside those of another one."""

    actions: ClassVar[dict[str, str]] = {"GET": "experiments.dataset.compare"}
    inputs: ClassVar[Serializers] = {"GET": shapes.ComparisonQuery}
    outputs: ClassVar[Serializers] = {"GET": shapes.ComparisonOutput}

    def get(self, request: Request, workspace: str, name: str, number: int) -> Response:
        before = reads.version_get(self.actor, workspace, name, number)
        after = reads.version_get(self.actor, workspace, name, self.given["with_version"])
        return self.answer(reads.versions_compared(before, after))


class AnyRenderer(BaseRenderer):
    """For the negotiation only: the bytes are sent as they lie in the store."""

    media_type = "*/*"
    format = "bytes"
    charset = None

    def render(self, data: Any, *_: Any) -> bytes:
        return JSONRenderer().render(data)


class VersionFile(ApiView):
    """One file of a version. Its end is only sent when all of it is what it was at the making."""

    actions: ClassVar[dict[str, str]] = {"GET": "experiments.dataset.download"}
    renderer_classes = (JSONRenderer, AnyRenderer)

    def get(
        self, request: Request, workspace: str, name: str, number: int, path: str
    ) -> StreamingHttpResponse:
        return file_response(reads.version_get(self.actor, workspace, name, number), path)


def _is_json(request: Request) -> bool:
    return not (request.content_type or "").startswith("multipart/form-data")


def _digest_check(kept: Kept, given: dict[str, Any]) -> None:
    if given.get("digest", kept.digest) != kept.digest:
        raise InvalidInput(
            f"The files have the digest {kept.digest}, not the one that was declared.", code="digest_differs"
        )


def _schema(given: Any) -> Any:
    """Columns, which a form sends as text."""
    try:
        return orjson.loads(given) if isinstance(given, str) else given
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"The schema is no JSON: {error}.", code="invalid_schema") from error
