"""MLflow's REST protocol as a WSGI application of its own, past Django's middleware.

Clients of the protocol are scripts that send a token with every call: they need neither sessions nor CSRF nor
pages, and leaving those out halves the cost of a small call. What remains is exactly this: find the endpoint
in the table, turn the token into an actor, narrow the actor to the workspace that the header names, call the
handler, and say every refusal as MLflow does. An endpoint states its action, and its `api` and `ajax-api`
twins are one entry, so that no twin can lack a check.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import uuid4

import orjson
import structlog
from django.conf import settings
from django.db import OperationalError, close_old_connections
from django.http.request import split_domain_port, validate_host

from portal import access
from portal.api.call import JSON, Answer, Call, Environ, actor_of
from portal.kernel.database_errors import database_failure
from portal.kernel.errors import DomainError, InvalidInput
from portal.kernel.mlflow_errors import (
    ENDPOINT_NOT_FOUND,
    INTERNAL_ERROR,
    TEMPORARILY_UNAVAILABLE,
    ProtocolError,
    body_of,
    status_of,
)

log = structlog.get_logger("protocol")
StartResponse: TypeAlias = Callable[..., Any]
Handler: TypeAlias = Callable[[Call], Answer]

TWINS = ("/api/", "/ajax-api/")
# Routes that MLflow serves outside its API; those of the second line, not offered here, are refused in JSON.
ALIASES = {"/get-artifact": "2.0/mlflow/get-artifact"}
ELSEWHERE = ("/graphql", "/model-versions/get-artifact", "/get-trace-artifact", "/v1/traces", "/gateway/")
_PLACEHOLDER = re.compile(r"\{(\w+)(:path)?\}")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
_REASONS = {200: "OK", 206: "Partial Content", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden"}


@dataclass(frozen=True)
class Endpoint:
    """One route: `path` is what follows `/api/`, `{name}` matches one segment and `{name:path}` the rest.

    `action` is the declared permission; None is allowed only for the few that tell nothing (`is_public`).
    """

    method: str
    path: str
    handler: Handler
    action: str | None
    is_public: bool = False

    def __post_init__(self) -> None:
        if self.action is None and not self.is_public:
            raise LookupError(f"{self.method} {self.path} declares no action.")
        if self.action is not None and self.action not in access.ACTIONS:
            raise LookupError(
                f"{self.method} {self.path} names the action {self.action}, which is not listed."
            )


@dataclass
class Protocol:
    """The dispatch table and the application that serves it."""

    fixed: dict[tuple[str, str], Endpoint] = field(default_factory=dict)
    patterns: list[tuple[str, re.Pattern[str], Endpoint]] = field(default_factory=list)

    def add(self, endpoints: Iterable[Endpoint]) -> None:
        for endpoint in endpoints:
            if "{" in endpoint.path:
                self.patterns.append((endpoint.method, _pattern(endpoint.path), endpoint))
            else:
                self.fixed[endpoint.method, endpoint.path] = endpoint

    def serves(self, path: str) -> bool:
        """Whether the path belongs to the protocol, known or not; our own API lives under /api/v1/."""
        if path in ALIASES or path.startswith(ELSEWHERE):
            return True
        return path.startswith(TWINS) and not path.startswith("/api/v1/")

    def find(self, method: str, path: str) -> tuple[Endpoint, dict[str, str]]:
        """The endpoint of a path. Raises ProtocolError ENDPOINT_NOT_FOUND."""
        rest = ALIASES.get(path) or (path[1:].partition("/")[2] if path.startswith(TWINS) else "")
        found = self.fixed.get((method, rest))
        if found is not None:
            return found, {}
        for wanted, pattern, endpoint in self.patterns:
            match = pattern.match(rest) if wanted == method else None
            if match:
                return endpoint, match.groupdict()
        raise ProtocolError(f"The portal does not serve {method} {path[:200]}.", ENDPOINT_NOT_FOUND)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        request_id = _request_id(environ)
        try:
            close_old_connections()
            answer = self._answer(environ, request_id)
        except Exception as error:
            answer = _refusal(error, environ, request_id)
        headers = [*answer.headers, ("X-Request-Id", request_id), *_SAFETY]
        if isinstance(answer.body, bytes):
            headers.append(("Content-Length", str(len(answer.body))))
        start_response(f"{answer.status} {_REASONS.get(answer.status, 'Status')}", headers)
        return [answer.body] if isinstance(answer.body, bytes) else answer.body

    def _answer(self, environ: Environ, request_id: str) -> Answer:
        _host_check(environ.get("HTTP_HOST", ""))
        endpoint, arguments = self.find(environ["REQUEST_METHOD"], environ["PATH_INFO"])
        actor = None if endpoint.is_public else actor_of(environ, request_id)
        return endpoint.handler(Call(environ, actor, endpoint.action, arguments))


_SAFETY = [
    ("X-Content-Type-Options", "nosniff"),
    ("Cache-Control", "private, no-store"),
    ("Content-Security-Policy", "sandbox; default-src 'none'"),
]


def _host_check(given: str) -> None:
    """Refuse a name that is not ours: a page elsewhere may have its own name point here (DNS rebinding)."""
    if given and not validate_host(split_domain_port(given)[0], settings.ALLOWED_HOSTS):
        raise InvalidInput("The Host header does not name this portal.")


def _pattern(path: str) -> re.Pattern[str]:
    def group(match: re.Match[str]) -> str:
        return f"(?P<{match[1]}>{'.+' if match[2] else '[^/]+'})"

    return re.compile(_PLACEHOLDER.sub(group, path) + r"\Z", re.DOTALL)


def _request_id(environ: Environ) -> str:
    given = environ.get("HTTP_X_REQUEST_ID", "")
    return given if _REQUEST_ID.match(given) else uuid4().hex


def _refusal(error: Exception, environ: Environ, request_id: str) -> Answer:
    no = _as_domain_error(error, {"path": environ.get("PATH_INFO", "")[:200], "request_id": request_id})
    status = status_of(no)
    extra = [("WWW-Authenticate", 'Basic realm="mlflow"')] if status == 401 else []
    return Answer(orjson.dumps(body_of(no)), status=status, headers=[JSON, *extra])


def _as_domain_error(error: Exception, where: dict[str, str]) -> DomainError:
    if isinstance(error, DomainError):
        log.info("refused", code=error.code, **where)  # not the detail: it may quote data
        return error
    if isinstance(error, OperationalError):
        log.error("database unavailable", error=str(error), **where)
        return ProtocolError(database_failure(error).detail, TEMPORARILY_UNAVAILABLE)
    log.exception("failed", **where)
    message = f"The portal failed on this call. Quote request {where['request_id']} to an operator."
    return ProtocolError(message, INTERNAL_ERROR)
