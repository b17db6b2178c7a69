"""Bodies of requests: bounded before they are read, while they are read, and in time; all of them together as well."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, TypeAlias

from deployments.gateway.refusals import Refusal

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

SECONDS, ALL_BYTES = 20.0, 1024 * 1024 * 1024


class Bodies:
    """Knows how many bytes of bodies the process holds."""

    def __init__(self) -> None:
        self.held = 0

    async def read(self, receive: Receive, headers: Mapping[bytes, bytes], limit: int) -> bytes:
        """The body. Raises Refusal: 413, 408 for a slow sender, 503 when there is no room."""
        said = headers.get(b"content-length", b"")
        wanted = int(said) if said.isdigit() else limit
        if wanted > limit:
            raise _too_large(limit)
        if self.held + wanted > ALL_BYTES:
            raise Refusal(
                503, "unavailable", "The gateway has too many large requests at once.", retry_after=2
            )
        self.held += wanted
        try:
            first = await asyncio.wait_for(receive(), SECONDS)
            if not first.get("more_body"):
                return _within(first.get("body", b""), limit)
            return await asyncio.wait_for(_rest(receive, first, limit), SECONDS)
        except TimeoutError as error:
            why = f"The body did not come within {SECONDS:g} seconds."
            raise Refusal(408, "too_slow", why) from error
        finally:
            self.held -= wanted


class Gone(Exception):
    """The caller went away before the body was whole."""


async def _rest(receive: Receive, first: Message, limit: int) -> bytes:
    parts, message = [first.get("body", b"")], first
    size = len(parts[0])
    while message.get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise _too_large(limit)
    return b"".join(parts)


def _within(body: bytes, limit: int) -> bytes:
    if len(body) > limit:
        raise _too_large(limit)
    return body


def _too_large(limit: int) -> Refusal:
    return Refusal(
        413, "too_large", f"The body has more than {limit:,} bytes, which is the limit of this endpoint."
    )
