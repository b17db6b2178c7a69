"""What a refusal looks like: MLflow's members (`error_code`, `message`) and those of problem JSON in one object."""

from http import HTTPStatus

import orjson

_MLFLOW_CODES = {400: "BAD_REQUEST", 404: "ENDPOINT_NOT_FOUND", 413: "BAD_REQUEST", 415: "BAD_REQUEST",
                 401: "UNAUTHENTICATED", 503: "TEMPORARILY_UNAVAILABLE", 504: "TEMPORARILY_UNAVAILABLE"}  # fmt: skip


class Problem(Exception):
    """A refusal; `extra` are facts for machines, such as `column`, `expected` and `found`."""

    def __init__(self, status: int, code: str, detail: str, *, error_code: str = "", **extra) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.extra = status, code, detail, extra
        self.error_code = error_code or _MLFLOW_CODES.get(status, "INTERNAL_ERROR")

    def body(self) -> bytes:
        mlflow = {"error_code": self.error_code, "message": self.detail}
        kind = {"type": f"urn:portal:problem:{self.code}", "title": HTTPStatus(self.status).phrase}
        problem = {"status": self.status, "code": self.code, "detail": self.detail, **self.extra}
        return orjson.dumps({**mlflow, **kind, **problem})

    def body_v2(self) -> bytes:
        """Open Inference Protocol knows `error` only; more members are allowed."""
        return orjson.dumps({"error": self.detail, "code": self.code, **self.extra})
