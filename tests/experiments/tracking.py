"""Calls of MLflow's protocol without a socket, and what the tables hold before and after them."""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

from django.apps import apps
from django.db import connection

from portal.audit.models import AuditEvent
from portal.mlflow import PROTOCOL
from tests.audit.events import recorded

# Whoever may see the workspace `credit` and write nothing in it.
READERS = ("bob", "dia", "ann-reads", "aude", "olga")
_APPS = ("experiments", "registry", "compliance", "jobs")
UNKNOWN_RUN = "0" * 31 + "1"


@dataclass
class Reply:
    """What the application answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error_code(self) -> str:
        return str(self.json["error_code"])


@dataclass
class Client:
    """One caller of the protocol."""

    secret: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def post(self, path: str, /, **fields: Any) -> Reply:
        return self.send("POST", f"/api/2.0/mlflow/{path}", json.dumps(fields).encode())

    def get(self, path: str, /, **fields: Any) -> Reply:
        return self.send("GET", f"/api/2.0/mlflow/{path}", query=urlencode(fields, doseq=True))

    def send(self, method: str, path: str, body: bytes = b"", query: str = "", **headers: str) -> Reply:
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body),
            **self.headers, **headers,
        }  # fmt: skip
        if self.secret is not None:
            environ.setdefault("HTTP_AUTHORIZATION", f"Bearer {self.secret}")
        started: list[tuple[str, list[tuple[str, str]]]] = []
        # Inside a test's transaction the connection is kept, as Django's own test client keeps it.
        keep = (
            patch("portal.api.protocol.close_old_connections")
            if connection.in_atomic_block
            else nullcontext()
        )
        with keep:
            answer = b"".join(PROTOCOL(environ, lambda status, given: started.append((status, given))))
        ((status, given),) = started
        return Reply(int(status.split()[0]), dict(given), answer)


def contents() -> list[tuple[str, str]]:
    """Every row of tracking, the registry, compliance and the job queue."""
    models = [model for app in _APPS for model in apps.get_app_config(app).get_models()]
    tables = [model._meta.db_table for model in models]
    # Names from our own models; one statement, as this runs around every refusal.
    each = " UNION ALL ".join(f"SELECT '{table}', row::text FROM \"{table}\" row" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"{each} ORDER BY 1, 2")
        return [(table, row) for table, row in cursor.fetchall()]


@contextmanager
def nothing_changed(*events: tuple[str, str]) -> Iterator[None]:
    """Inside, no row of tracking or jobs changes, and the audit log gains exactly these events."""
    before, count = contents(), AuditEvent.objects.count()
    yield
    assert contents() == before
    assert recorded()[count:] == list(events)


def denied(send: Callable[[], Reply], action: str) -> None:
    """The call is refused as forbidden, and leaves one event and nothing else."""
    with nothing_changed((action, "denied")):
        reply = send()
    assert (reply.status, reply.error_code) == (403, "PERMISSION_DENIED")


def invalid(send: Callable[[], Reply], code: str = "INVALID_PARAMETER_VALUE", status: int = 400) -> str:
    """The call is refused for what it says, and leaves nothing; the message."""
    with nothing_changed():
        reply = send()
    assert (reply.status, reply.error_code) == (status, code)
    return str(reply.json["message"])


def like_unknown(send: Callable[[str], Reply], foreign: str, unknown: str) -> None:
    """What the caller may not see is answered word for word like what does not exist."""
    seen = invalid(lambda: send(foreign), "RESOURCE_DOES_NOT_EXIST", 404)
    assert seen.replace(foreign, "it") == invalid(
        lambda: send(unknown), "RESOURCE_DOES_NOT_EXIST", 404
    ).replace(unknown, "it")
