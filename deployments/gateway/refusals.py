"""Refusals of the gateway: problem JSON as everywhere in the portal, with MLflow's members, and v2's `error`."""

from http import HTTPStatus
from typing import Any

import orjson

_MLFLOW_CODES = {
    400: "BAD_REQUEST", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "RESOURCE_DOES_NOT_EXIST",
    405: "ENDPOINT_NOT_FOUND", 408: "BAD_REQUEST", 413: "BAD_REQUEST", 429: "REQUEST_LIMIT_EXCEEDED",
    500: "INTERNAL_ERROR", 503: "TEMPORARILY_UNAVAILABLE", 504: "TEMPORARILY_UNAVAILABLE",
}  # fmt: skip


class Refusal(Exception):
    """Ends a request. `retry_after` is in seconds, for those that may come again."""

    def __init__(
        self, status: int, code: str, detail: str, *, retry_after: int | None = None, **extra: Any
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.retry_after, self.extra = (
            status, code, detail, retry_after, extra,
        )  # fmt: skip

    def body(self, request_id: str, *, is_v2: bool) -> bytes:
        """What the caller reads."""
        facts: dict[str, Any] = {**self.extra, "code": self.code, "request_id": request_id}
        if self.retry_after is not None:
            facts["retry_after_seconds"] = self.retry_after
        if is_v2:
            return orjson.dumps({"error": self.detail, **facts})
        problem = {
            "type": f"urn:portal:problem:{self.code}", "title": HTTPStatus(self.status).phrase,
            "status": self.status, "detail": self.detail,
            "error_code": _MLFLOW_CODES.get(self.status, "INTERNAL_ERROR"), "message": self.detail,
        }  # fmt: skip
        return orjson.dumps({**problem, **facts})

    def headers(self) -> list[tuple[bytes, bytes]]:
        found = [] if self.retry_after is None else [(b"retry-after", str(self.retry_after).encode())]
        if self.status == 401:
            found.append((b"www-authenticate", b'Bearer realm="portal"'))
        return found


def unavailable(name: str, why: str, *, seconds: int = 2) -> Refusal:
    """No process of the endpoint can answer now; coming again helps."""
    return Refusal(
        503, "endpoint_unavailable", f"The endpoint {name} cannot answer now: {why}", retry_after=seconds
    )
