"""An HTTP client that costs next to nothing, so that what is measured is the server."""

import json
import socket
import time
from typing import Any

_END = b"\r\n\r\n"


class Client:
    """One kept connection; requests are bytes that were made before the clock starts."""

    def __init__(self, port: int, token: str | None = None) -> None:
        self._token = token
        self._port = port
        self._socket = self._connect()

    def _connect(self) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self._port), timeout=120)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def request(self, method: str, path: str, body: Any = None) -> bytes:
        """The bytes of a request."""
        content = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self._port}"]
        if self._token:
            lines.append(f"Authorization: Bearer {self._token}")
        if body is not None:
            lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
        return "\r\n".join(lines).encode() + _END + content

    def send(self, request: bytes) -> bytes:
        """Send a request and return the body of its answer. Raises RuntimeError unless it is 200."""
        self._socket.sendall(request)
        head, rest = self._head()
        status = head[:15].split(b" ")[1]
        body = (
            self._chunked(rest) if b"transfer-encoding: chunked" in head.lower() else self._sized(head, rest)
        )
        if status != b"200":
            raise RuntimeError(f"{request[:200]!r} was answered with {head[:200]!r} {body[:500]!r}")
        return body

    def timed(self, request: bytes) -> float:
        """Milliseconds until the whole answer is here."""
        start = time.perf_counter()
        self.send(request)
        return (time.perf_counter() - start) * 1000

    def json(self, method: str, path: str, body: Any = None) -> Any:
        return json.loads(self.send(self.request(method, path, body)))

    def close(self) -> None:
        self._socket.close()

    def _head(self) -> tuple[bytes, bytes]:
        received = b""
        while _END not in received:
            part = self._socket.recv(65536)
            if not part:
                raise ConnectionError("The server closed the connection.")
            received += part
        head, _, rest = received.partition(_END)
        return head, rest

    def _sized(self, head: bytes, rest: bytes) -> bytes:
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        parts, missing = [rest], length - len(rest)
        while missing > 0:
            part = self._socket.recv(1 << 20)
            if not part:
                raise ConnectionError("The server closed the connection inside an answer.")
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def _chunked(self, rest: bytes) -> bytes:
        parts: list[bytes] = []
        while True:
            while b"\r\n" not in rest:
                rest += self._socket.recv(1 << 20)
            line, _, rest = rest.partition(b"\r\n")
            size = int(line, 16)
            while len(rest) < size + 2:
                rest += self._socket.recv(1 << 20)
            if size == 0:
                return b"".join(parts)
            parts.append(rest[:size])
            rest = rest[size + 2 :]
