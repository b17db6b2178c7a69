"""Taking in the body of a request that was answered without reading it.

gunicorn sends the answer first and discards such a body after it. When the client's next request arrives in the
same packet as the rest of the body, it ends up in a buffer that nobody looks at, and the client waits for ever;
and a client that is still sending when the connection closes never reads the refusal. So what is left of a body
of ordinary size is read before the answer goes out. One beyond that makes gunicorn close the connection.
"""

import contextlib
import time
from collections.abc import Callable
from typing import Any

DRAIN_BYTES = 16 * 1024 * 1024
CHUNK_BYTES = 64 * 1024
DRAIN_SECONDS = 2.0


def draining(environ: dict[str, Any], start_response: Callable[..., Any]) -> Callable[..., Any]:
    """`start_response`, which first reads what is left of the body."""
    if environ.get("CONTENT_LENGTH") in (None, "", "0") and "HTTP_TRANSFER_ENCODING" not in environ:
        return start_response

    def start(*arguments: Any) -> Any:
        _drain(environ)
        return start_response(*arguments)

    return start


def _drain(environ: dict[str, Any]) -> None:
    # A client that never sends the body it announced must not hold the thread.
    connection = environ.get("gunicorn.socket")
    before = connection.gettimeout() if connection is not None else None
    with contextlib.suppress(Exception):  # a broken body is the next request's problem, not this answer's
        if connection is not None:
            connection.settimeout(DRAIN_SECONDS)
        _read_away(environ["wsgi.input"])
    if connection is not None:
        with contextlib.suppress(OSError):
            connection.settimeout(before)


def _read_away(body: Any) -> None:
    left, deadline = DRAIN_BYTES, time.monotonic() + DRAIN_SECONDS
    while left > 0 and time.monotonic() < deadline:
        chunk = body.read(CHUNK_BYTES)
        if not chunk:
            return
        left -= len(chunk)
