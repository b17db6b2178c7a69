"""The OpenAPI document, made from what the views declare; the operationId is the name of the action."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, inline_serializer
from rest_framework import serializers

from portal.api.files import RENDERERS, leaves_as_file

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
    },
    "additionalProperties": True,
}
_SUCCESS = {"POST": 201, "DELETE": 204}


class ActionSchema(AutoSchema):
    """Reads `actions`, `inputs` and `outputs` of a view; `media_types` where the answer is a text and no JSON."""

    def get_operation_id(self) -> str:
        return str(self._declared("operation_ids") or self._declared("actions") or super().get_operation_id())

    def get_tags(self) -> list[str]:
        action = self._declared("actions")
        return [action.split(".")[1]] if action else super().get_tags()

    def get_override_parameters(self) -> list[Any]:
        parameters: list[Any] = []
        if self.method == "GET" and self._declared("inputs"):
            parameters.append(self._declared("inputs"))
        if self.method == "POST":
            parameters.append(OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER))
        if self.method in ("PATCH", "PUT"):
            parameters.append(OpenApiParameter("If-Match", str, OpenApiParameter.HEADER))
        return parameters

    def get_request_serializer(self) -> Any:
        return None if self.method in ("GET", "DELETE") else self._declared("inputs")

    def get_response_serializers(self) -> Any:
        output = self._declared("outputs")
        status = _SUCCESS.get(self.method, 200)
        text = self._declared("media_types")
        if text:
            return {(200, text): OpenApiTypes.STR}
        if output is None:
            return {204: OpenApiResponse(description="Done.")}
        if self.method == "GET" and getattr(self.view, "is_paged", False):
            name = f"{output.__name__.removesuffix('Output')}Page"
            fields = {"items": output(many=True), "next_cursor": serializers.CharField(allow_null=True)}
            kinds = RENDERERS if leaves_as_file(self.view) else []
            files = {(200, each.media_type): OpenApiTypes.STR for each in kinds}
            return {(200, "application/json"): inline_serializer(name, fields=fields), **files}
        return {status: output}

    def _declared(self, name: str) -> Any:
        return getattr(self.view, name, {}).get(self.method)


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the document describes tokens."""

    target_class = "portal.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the document describes the session of a page."""

    target_class = "portal.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


def problems_add(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Every operation may answer with a problem."""
    result["components"]["schemas"]["Problem"] = PROBLEM
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path in result["paths"].values():
        for operation in path.values():
            operation["responses"]["default"] = {"description": "A refusal.", "content": content}
    return result
