"""A small HTTP client on one kept connection: what is sent is what a test says, byte for byte."""

import contextlib
import http.client
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

TIMEOUT_SECONDS = 120


@dataclass(frozen=True)
class Reply:
    """An answer: its status, its headers in lower case, its bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON, or None where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class Wire:
    """One connection to a server; opened again when the server has closed it."""

    def __init__(
        self, port: int, *, token: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        self.port = port
        self.headers = dict(headers or {})
        if token:
            self.headers["Authorization"] = f"Bearer {token}"
        self._connection: http.client.HTTPConnection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def send(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send a request and read its whole answer."""
        sent = {**self.headers, **(headers or {})}
        try:
            return self._exchange(method, path, body, sent)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            # The server closed an idle connection, or refused the last body unread.
            return self._exchange(method, path, body, sent)

    def json(
        self, method: str, path: str, value: Any = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send a value as JSON."""
        body = None if value is None else json.dumps(value).encode()
        kind = {"Content-Type": "application/json"} if body is not None else {}
        return self.send(method, path, body, {**kind, **(headers or {})})

    def _exchange(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_SECONDS)
            self._connection.connect()
            self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._connection.request(method, path, body=body, headers=dict(headers))
            answer = self._connection.getresponse()
            return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        except (
            BaseException
        ):  # also what ends a test in the middle of it: the next one begins with a new connection
            self.close()
            raise


def raw_exchange(port: int, request: bytes, *, timeout_seconds: float = 30) -> bytes:
    """Send bytes as they are on a connection of their own; what came back until the server closed it."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout_seconds) as connection:
        # Refused before all was sent: the answer can still be read.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(request)
        received = b""
        with contextlib.suppress(ConnectionResetError, TimeoutError):
            while part := connection.recv(65536):
                received += part
        return received
