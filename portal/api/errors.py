"""Every refusal of the API as problem JSON (RFC 9457): `type`, `title`, `status`, `detail`, and a stable `code`."""

from http import HTTPStatus
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.db import OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from portal.api.authentication import request_id_of
from portal.kernel import errors
from portal.kernel.database_errors import database_failure
from portal.kernel.errors import DomainError

log = structlog.get_logger("api")
CONTENT_TYPE = "application/problem+json"
_CODES = {
    400: "invalid_input",
    401: "unauthenticated",
    403: "permission_denied",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    415: "unsupported_media_type",
    429: "throttled",
}


def problem_response(error: Exception, context: dict[str, Any]) -> Response:
    """The exception handler of the API: whatever happened is answered in JSON."""
    set_rollback()
    request_id = request_id_of(context["request"])
    status, problem, headers = _problem(error, request_id)
    problem |= {"request_id": request_id}
    log.info("refused", status=status, code=problem["code"], request_id=request_id)
    return Response(problem, status=status, headers=headers, content_type=CONTENT_TYPE)


def problem_of(status: int, code: str, detail: str, **extra: Any) -> dict[str, Any]:
    """The members of one problem."""
    title = HTTPStatus(status).phrase
    return {
        "type": f"urn:portal:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
    } | extra


def _problem(error: Exception, request_id: str) -> tuple[int, dict[str, Any], dict[str, str]]:
    if isinstance(error, exceptions.APIException):
        return _framework_problem(error)
    domain = _as_domain_error(error)
    if domain is not None:
        headers = {"WWW-Authenticate": 'Bearer realm="portal"'} if domain.status == 401 else {}
        return domain.status, problem_of(domain.status, domain.code, domain.detail, **domain.extra), headers
    log.exception("failed", request_id=request_id)
    detail = f"The portal failed on this call. Quote request {request_id} to an operator."
    return 500, problem_of(500, "internal_error", detail), {}


def _as_domain_error(error: Exception) -> DomainError | None:
    if isinstance(error, DomainError):
        return error
    if isinstance(error, Http404):
        return errors.NotFound("There is nothing under this address.")
    if isinstance(error, DjangoPermissionDenied):
        return errors.PermissionDenied("The portal does not allow this call.")
    if isinstance(error, OperationalError):
        return database_failure(error)
    return None


def _framework_problem(error: exceptions.APIException) -> tuple[int, dict[str, Any], dict[str, str]]:
    headers = {}
    challenge, wait_seconds = getattr(error, "auth_header", None), getattr(error, "wait", None)
    if challenge:
        headers["WWW-Authenticate"] = challenge
    if wait_seconds:
        headers["Retry-After"] = str(int(wait_seconds) + 1)
    status = error.status_code
    code = _CODES.get(status, "refused")
    if isinstance(error, exceptions.ValidationError):
        return status, problem_of(status, code, _first_sentence(error.detail), fields=error.detail), headers
    return status, problem_of(status, code, str(error.detail)), headers


def _first_sentence(detail: Any, path: str = "") -> str:
    """The first of the messages that a serializer collected, with the field that it is about."""
    if isinstance(detail, dict) and detail:
        name, inner = next(iter(detail.items()))
        return _first_sentence(inner, f"{path}.{name}" if path else str(name))
    if isinstance(detail, list) and detail:
        return _first_sentence(detail[0], path)
    return f"{path}: {detail}" if path else str(detail)
