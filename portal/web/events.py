"""Server-sent events: tells open pages that something of theirs has changed; they then ask for it as usual.

A process of its own, since a waiting reader would hold a whole thread of the web server. One look at the
database per second serves all readers, and there is none while nobody listens. An event says no more than
"changed": what may be seen is decided by the request that follows. A page that cannot reach this process
polls instead.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import structlog
from asgiref.sync import sync_to_async
from django.conf import settings

from portal.accounts.actor import Actor
from portal.web import log_streams
from portal.web.changes import listener_of, workspace_marks

log = structlog.get_logger("events")
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

LOOK_SECONDS = 1.0
COMMENT_SECONDS = 15.0  # keeps proxies from closing a quiet stream, and shows us a reader that has gone
SESSION_CHECK_SECONDS = 60.0
MAX_READERS = 1000
MAX_READERS_PER_PERSON = 30
_CHANGED, _COMMENT = b"event: changed\ndata: {}\n\n", b": still here\n\n"


@dataclass(eq=False)
class Reader:
    """One open page; `news` is set when one of its workspaces has changed."""

    user_id: int | None
    workspace_ids: frozenset[int] | None
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def cares(self, changed: set[int]) -> bool:
        return self.workspace_ids is None or not self.workspace_ids.isdisjoint(changed)


class Watch:
    """Looks at the marks of the workspaces while there are readers, and wakes those concerned."""

    def __init__(self) -> None:
        self.readers: set[Reader] = set()
        self.marks: dict[int, str] | None = None
        self.task: asyncio.Task[None] | None = None

    def join(self, reader: Reader) -> None:
        self.readers.add(reader)
        reader.news.set()  # what changed between the page and its stream would be missed else
        if self.task is None or self.task.done():
            self.marks, self.task = None, asyncio.create_task(self._look())

    def is_full_for(self, actor: Actor) -> bool:
        """Whether nobody, or not this person, may open one more page that listens."""
        own = sum(reader.user_id == actor.user_id for reader in self.readers)
        return len(self.readers) >= MAX_READERS or own >= MAX_READERS_PER_PERSON

    def leave(self, reader: Reader) -> None:
        self.readers.discard(reader)

    async def _look(self) -> None:
        while self.readers:
            try:
                self._compare(await sync_to_async(workspace_marks)())
            except Exception as error:  # the database may be away for a while; readers stay
                log.warning("cannot look for changes", error=str(error))
            await asyncio.sleep(LOOK_SECONDS)

    def _compare(self, marks: dict[int, str]) -> None:
        before, self.marks = self.marks, marks
        if before is None:
            return
        changed = {workspace_id for workspace_id, mark in marks.items() if before.get(workspace_id) != mark}
        for reader in [reader for reader in self.readers if changed and reader.cares(changed)]:
            reader.news.set()


WATCH = Watch()


async def application(scope: Message, receive: Receive, send: Send) -> None:
    """The ASGI application: `/events` for a signed-in person, `/health` for the supervisor."""
    if scope["type"] == "http":
        await _route(scope, receive, send)


async def _route(scope: Message, receive: Receive, send: Send) -> None:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    if scope["path"] == "/health":
        return await _short(send, 200, b"OK")
    if scope["path"] == "/job-logs" and scope["method"] == "GET":
        return await log_streams.serve(scope, receive, send)
    if scope["path"] != "/events" or scope["method"] != "GET":
        return await _short(send, 404, b"Not found.")
    if headers.get("origin", settings.PORTAL_URL) != settings.PORTAL_URL:
        return await _short(send, 403, b"Only pages of the portal may listen.")
    actor = await sync_to_async(listener_of)(headers.get("cookie", ""))
    if actor is None:
        return await _short(send, 401, b"Sign in first.")
    if WATCH.is_full_for(actor):
        return await _short(send, 503, b"Too many open pages. Pages ask by themselves meanwhile.")
    return await _listen(actor, headers.get("cookie", ""), receive, send)


async def _listen(actor: Actor, cookie: str, receive: Receive, send: Send) -> None:
    reader = Reader(actor.user_id, _seen_by(actor))
    WATCH.join(reader)
    gone = asyncio.create_task(_until_gone(receive))
    try:
        await _start(send, 200, b"text/event-stream")
        await _write_until(gone, reader, cookie, send)
    finally:
        gone.cancel()
        WATCH.leave(reader)


async def _write_until(gone: asyncio.Task[None], reader: Reader, cookie: str, send: Send) -> None:
    clock = asyncio.get_running_loop().time
    checked = clock()
    while not gone.done():
        try:
            await asyncio.wait_for(reader.news.wait(), COMMENT_SECONDS)
            part = _CHANGED
        except TimeoutError:
            part = _COMMENT
        reader.news.clear()
        if clock() - checked > SESSION_CHECK_SECONDS:
            checked = clock()
            actor = await sync_to_async(listener_of)(cookie)
            if actor is None:
                break
            reader.workspace_ids = _seen_by(actor)
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def _seen_by(actor: Actor) -> frozenset[int] | None:
    return None if actor.workspace_ids is None else frozenset(actor.workspace_ids)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _short(send: Send, status: int, body: bytes) -> None:
    await _start(send, status, b"text/plain")
    await send({"type": "http.response.body", "body": body})


async def _start(send: Send, status: int, content_type: bytes) -> None:
    headers = [
        (b"content-type", content_type),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"access-control-allow-origin", settings.PORTAL_URL.encode()),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"Origin"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
