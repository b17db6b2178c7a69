"""Refusals as exceptions. Each carries the portal's stable `code`; the class goes by the status."""

from typing import Any

import httpx


class PortalError(Exception):
    """What the portal refused: `status`, `code`, `detail`, `request_id`, and all else that it said in `extra`."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        self.status = status
        self.code = str(problem.get("code") or problem.get("error_code") or "unknown")
        self.detail = str(problem.get("detail") or problem.get("message") or f"The portal answered {status}.")
        self.request_id = str(problem.get("request_id", ""))
        known = ("type", "title", "status", "code", "detail", "request_id")
        self.extra = {name: value for name, value in problem.items() if name not in known}
        super().__init__(f"{self.detail} [{self.code}]")


class InvalidInput(PortalError):
    """What was sent cannot be taken (400, 413, 415, 422)."""


class Unauthenticated(PortalError):
    """The token is missing, unknown, or its time is over (401)."""


class PermissionDenied(PortalError):
    """The token may not do this (403)."""


class NotFound(PortalError):
    """There is no such thing, or the token does not see it (404)."""


class Conflict(PortalError):
    """It is not as the call supposed it to be, or a rule forbids it now (409, 412, 428)."""


class Throttled(PortalError):
    """Too many calls (429)."""


class Unavailable(PortalError):
    """The portal cannot answer now (5xx); trying again later may help."""


_BY_STATUS: dict[int, type[PortalError]] = {
    400: InvalidInput, 401: Unauthenticated, 403: PermissionDenied, 404: NotFound, 409: Conflict, 412: Conflict,
    413: InvalidInput, 415: InvalidInput, 422: InvalidInput, 428: Conflict, 429: Throttled,
}  # fmt: skip


def error_of(answer: httpx.Response) -> PortalError:
    """The exception of a refusal."""
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    kind = _BY_STATUS.get(answer.status_code, Unavailable if answer.status_code >= 500 else PortalError)
    return kind(answer.status_code, problem if isinstance(problem, dict) else {})
