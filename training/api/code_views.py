"""Code under /api/v1/code-snapshots."""

from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpRequest, StreamingHttpResponse
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from experiments.artifacts.store import artifact_store
from portal.accounts.selectors import workspace_get
from portal.api.base import ApiView, Serializers
from portal.kernel.errors import InvalidInput
from portal.operations import permit
from training.api import code_serializers as shapes
from training.selectors.code import code_get, code_visible
from training.services.code import UPLOAD_CODE, code_upload
from training.work.uploads import FIELD, upload_accept, upload_keep


class CodeList(ApiView):
    """Snapshots of code, newest first; and uploading one as a form with an archive."""

    actions: ClassVar[dict[str, str]] = {"GET": "training.code.list", "POST": UPLOAD_CODE}
    inputs: ClassVar[Serializers] = {"GET": shapes.CodeQuery, "POST": shapes.CodeInput}
    outputs: ClassVar[Serializers] = {"GET": shapes.CodeOutput, "POST": shapes.CodeDetailOutput}
    parser_classes = (MultiPartParser,)
    is_paged = True

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        upload_accept(request)
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if request.headers.get("Idempotency-Key"):
            raise InvalidInput("Code needs no Idempotency-Key: sending the same twice makes one snapshot.")
        super().initial(request, *args, **kwargs)

    def get(self, request: Request) -> Response:
        given, found = self.given, code_visible(self.actor)
        if "workspace" in given:
            found = found.filter(workspace=workspace_get(self.actor, given["workspace"]))
        return self.page(found, given)

    def post(self, request: Request) -> Response:
        given = self.given
        workspace = workspace_get(self.actor, given.pop("workspace"))
        permit(actor=self.actor, action=UPLOAD_CODE, target=workspace)
        file = given.pop(FIELD)
        new = upload_keep(request._request, workspace.pk, file, **given)
        return self.answer(code_upload(actor=self.actor, workspace=workspace, new=new), status=201)


class CodeOne(ApiView):
    """One snapshot with what it differs in from the commit that it names."""

    actions: ClassVar[dict[str, str]] = {"GET": "training.code.read"}
    outputs: ClassVar[Serializers] = {"GET": shapes.CodeDetailOutput}

    def get(self, request: Request, code_id: UUID) -> Response:
        return self.answer(code_get(self.actor, code_id))


class CodeArchive(ApiView):
    """The files of a snapshot as a tar.gz."""

    actions: ClassVar[dict[str, str]] = {"GET": "training.code.download"}

    def get(self, request: Request, code_id: UUID) -> Any:
        found = code_get(self.actor, code_id)
        file = artifact_store().open(found.path)
        headers = {
            "Content-Disposition": f'attachment; filename="code-{found.digest[:12]}.tar.gz"',
            "Content-Length": str(file.size), "X-Content-Type-Options": "nosniff",
        }  # fmt: skip
        return StreamingHttpResponse(file.chunks, content_type="application/gzip", headers=headers)
