"""The API's own description: the OpenAPI document, and pages to try it."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.base import ApiView
from portal.api.permissions import DeclaredActions
from portal.kernel.errors import NotFound


class Schema(SpectacularAPIView):
    """OpenAPI 3.1, as JSON or YAML."""

    actions: ClassVar[dict[str, str]] = {"GET": "portal.api.describe"}
    permission_classes = (DeclaredActions,)


class Docs(SpectacularSwaggerSplitView):
    """Swagger UI from our own static files; no inline script, which the CSP forbids."""

    actions: ClassVar[dict[str, str]] = {"GET": "portal.api.describe"}
    permission_classes = (DeclaredActions,)
    template_name = "portal_api/swagger.html"


class Unknown(ApiView):
    """Every other address below /api/v1/: a problem, not a page."""

    actions: ClassVar[dict[str, str]] = dict.fromkeys(
        ("GET", "POST", "PUT", "PATCH", "DELETE"), "portal.api.describe"
    )

    @extend_schema(exclude=True)
    def get(self, request: Request, **_: Any) -> Response:
        raise NotFound("There is nothing under this address.")

    post = put = patch = delete = get
