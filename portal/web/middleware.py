"""What every page request carries: an id, and an actor. A refusal of the portal becomes a page here."""

import re
from collections.abc import Callable
from typing import Any, TypeAlias
from uuid import uuid4

import structlog
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from portal.accounts.actor import Actor
from portal.kernel.database_errors import database_failure
from portal.kernel.errors import DomainError, Unauthenticated
from portal.kernel.mlflow_errors import status_of
from portal.web.errors import database_page, error_page

log = structlog.get_logger("web")
GetResponse: TypeAlias = Callable[[HttpRequest], HttpResponse]
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")


class RequestIdMiddleware:
    """`request.request_id`: the caller's X-Request-Id if it is a decent one, else a new one; sent back."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        request.request_id = given if _REQUEST_ID.match(given) else uuid4().hex  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        return response


class AddressMiddleware:
    """Refuses a NUL in the address of a page or in the fields of its form: PostgreSQL stores none.

    The API checks its own input and answers in its own form; so do pages that read files, before which their body is
    left alone.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, _arguments: Any, _named: Any
    ) -> HttpResponse | None:
        is_clean = "\0" not in request.path and "%00" not in request.META.get("QUERY_STRING", "")
        if hasattr(view, "cls"):
            return None
        if not is_clean:
            return error_page(request, 400, "The address holds a NUL character.")
        reads_later = request.method != "POST" or getattr(view, "csrf_exempt", False)
        if not reads_later and any("\0" in text for _, said in request.POST.lists() for text in said):
            return error_page(request, 400, "A field of the form holds a NUL character.")
        return None


class ActorMiddleware:
    """`request.actor`: the person behind the session, looked up when first asked for."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: _actor_of(request))  # type: ignore[attr-defined]
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Say a refusal as a page; anything else is a fault and goes on to Django."""
        if isinstance(exception, OperationalError):
            log.error("database unavailable", error=str(exception), path=request.path)
            return database_page(request, database_failure(exception).detail)
        if not isinstance(exception, DomainError):
            return None
        log.info("refused", code=exception.code, path=request.path)  # not the detail: it may quote data
        return error_page(request, status_of(exception), exception.detail)


def _actor_of(request: HttpRequest) -> Actor:
    if isinstance(request.user, Actor):  # a page of the API, which names its caller there
        return request.user
    if not request.user.is_authenticated:
        raise Unauthenticated("Sign in first.")
    return Actor.of_user(request.user, request_id=request.request_id)  # type: ignore[attr-defined]
