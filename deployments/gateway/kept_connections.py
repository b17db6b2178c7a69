"""A client for processes of models on plain HTTP/1.1, with connections that are kept: what every prediction passes.

One request at a time on a connection, each way one write; the parser is httptools'. It does what the gateway needs and
no more: no redirects, cookies, proxies, compression or TLS. A general client costs seven times as much each time.
"""

import asyncio
import re
import time
from collections import deque
from urllib.parse import quote, urlsplit

import httptools

from deployments.gateway.heard import (
    ANSWER_BYTES,
    CONNECT_SECONDS,
    AnswerTooLarge,
    Broken,
    Heard,
    Unreachable,
)

# Shorter than a model process keeps an idle connection, so that it never closes one that is about to be used.
KEEP_SECONDS, SWEEP_SECONDS = 60, 10
HEADER_BYTES = 64 * 1024
_IN_PATHS = "/:@!$&'()*+,;=~%"
_UNSENDABLE = re.compile(r"[^\t\r\n\x20-\x7e\x80-\xff]|\r(?!\n)")


class _Connection(asyncio.Protocol):
    """One connection; `ask` may be called again when the answer before is whole and `is_kept`."""

    def __init__(self) -> None:
        self.is_kept = True
        self.idle_since = 0.0
        self._answer: asyncio.Future[Heard] | None = None
        self._parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]

    def ask(self, request: bytes) -> asyncio.Future[Heard]:
        """Send a request. The future raises Broken and AnswerTooLarge."""
        self._answer = asyncio.get_running_loop().create_future()
        self._headers: dict[bytes, bytes] = {}
        self._body: list[bytes] = []
        self._size = 0
        self._is_headed = False
        self._transport.write(request)
        return self._answer

    def close(self) -> None:
        self.is_kept = False
        self._answer = None
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            # One that the callbacks below raised is its cause.
            cause = error.__context__
            self._fail(cause if isinstance(cause, AnswerTooLarge) else Broken(str(error)))

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_kept = False
        if self._answer is None:
            return
        if self._is_headed and exc is None and not self._has_length():
            self._whole()  # the end of the connection is the end of such an answer
        else:
            self._fail(Broken(str(exc or "the connection was closed")))

    # What httptools calls.

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._answer is None:
            raise Broken("an answer that nobody asked for")
        self._size += len(name) + len(value)
        if self._size > HEADER_BYTES:
            raise Broken("endless headers")
        self._headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        self._is_headed = self._parser.get_status_code() >= 200
        if not self._is_headed:
            self._headers.clear()
        self._size = 0

    def on_body(self, body: bytes) -> None:
        self._size += len(body)
        if self._size > ANSWER_BYTES:
            raise AnswerTooLarge
        self._body.append(body)

    def on_message_complete(self) -> None:
        if self._is_headed:
            self.is_kept = self.is_kept and self._parser.should_keep_alive()
            self._whole()

    def _has_length(self) -> bool:
        return b"content-length" in self._headers or b"transfer-encoding" in self._headers

    def _whole(self) -> None:
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_result(Heard(self._parser.get_status_code(), self._headers, b"".join(self._body)))

    def _fail(self, error: Exception) -> None:
        answer = self._answer
        self.close()
        if answer is not None and not answer.done():
            answer.set_exception(error)


class KeptConnections:
    """Connections to any number of addresses; those that are idle are used again, the latest first."""

    def __init__(self) -> None:
        self._idle: dict[str, deque[_Connection]] = {}
        self._places: dict[str, tuple[str, int, str]] = {}
        self._sweeper: asyncio.TimerHandle | None = None

    def start(self) -> None:
        self._sweep()

    def stop(self) -> None:
        if self._sweeper is not None:
            self._sweeper.cancel()
        for idle in self._idle.values():
            for connection in idle:
                connection.close()
        self._idle.clear()

    async def ask(
        self, method: str, address: str, path: str, headers: dict[str, str], body: bytes, seconds: float
    ) -> Heard:
        """Ask `address`, which is http://host:port and perhaps a path. Raises the errors above, and TimeoutError."""
        host, port, base = self._place(address)
        request = request_bytes(method, base + path, {"Host": f"{host}:{port}", **headers}, body)
        async with asyncio.timeout(seconds):
            connection = self._taken(address) or await _connected(host, port)
            try:
                heard = await connection.ask(request)
            except BaseException:  # also of a caller who went away: the answer would be another's
                connection.close()
                raise
        if connection.is_kept:
            connection.idle_since = time.monotonic()
            self._idle.setdefault(address, deque()).append(connection)
        else:
            connection.close()
        return heard

    def _taken(self, address: str) -> _Connection | None:
        idle, oldest = self._idle.get(address), time.monotonic() - KEEP_SECONDS
        while idle:
            connection = idle.pop()
            if connection.is_kept and connection.idle_since > oldest:
                return connection
            connection.close()
        return None

    def _place(self, address: str) -> tuple[str, int, str]:
        place = self._places.get(address)
        if place is None:
            found = urlsplit(address)
            place = self._places[address] = (found.hostname or "", found.port or 80, found.path.rstrip("/"))
        return place

    def _sweep(self) -> None:
        """Close what was idle for long, and forget addresses that nobody asks any more."""
        oldest = time.monotonic() - KEEP_SECONDS
        for address, idle in list(self._idle.items()):
            while idle and (idle[0].idle_since <= oldest or not idle[0].is_kept):
                idle.popleft().close()
            if not idle:
                del self._idle[address]
                self._places.pop(address, None)
        self._sweeper = asyncio.get_running_loop().call_later(SWEEP_SECONDS, self._sweep)


def request_bytes(method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
    """A request as it is sent. Raises ValueError for a value that would end its line."""
    lines = [f"{method} {quote(path, safe=_IN_PATHS)} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items() if value]
    if body or method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    head = "\r\n".join(lines)
    if _UNSENDABLE.search(head) or head.count("\n") != len(lines) - 1:
        raise ValueError("A header has characters that no header may have.")
    return head.encode("latin-1") + b"\r\n\r\n" + body


async def _connected(host: str, port: int) -> _Connection:
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _, connection = await asyncio.get_running_loop().create_connection(_Connection, host, port)
    except TimeoutError as error:
        raise Broken("no connection in time") from error
    except OSError as error:
        raise Unreachable(str(error)) from error
    return connection
