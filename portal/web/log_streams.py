"""Follows logs of jobs for many readers at once, in the events process: one look a second serves them all.

The API has checked the reader and hands out a ticket for one log (`jobs.process.tickets`). A stream looks now and
then whether the reader may still read it. What is sent waits for the reader, so a slow one costs no memory.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias
from urllib.parse import parse_qs
from uuid import UUID

import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections

from jobs.models import JobRun
from jobs.process.selectors import LOG_PART_BYTES, LogState, log_bytes, state_of, states_of
from jobs.process.tickets import Ticket, ticket_read
from portal.accounts.actor import Actor
from portal.accounts.models import ApiToken, User
from portal.kernel.clock import now
from portal.kernel.errors import DomainError

log = structlog.get_logger("events")
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

LOOK_SECONDS = 0.7
CHECK_SECONDS = 30.0
# A reader comes back where it was, so no stream has to outlive what proxies allow.
LONGEST_SECONDS = 600.0
MAX_STREAMS = 500
MAX_STREAMS_PER_PERSON = 20


@dataclass(eq=False)
class Follower:
    """One open stream, and what was last seen of its log."""

    ticket: Ticket
    state: LogState | None = None
    news: asyncio.Event = field(default_factory=asyncio.Event)


class LogWatch:
    """Looks at the followed logs while there are followers."""

    def __init__(self) -> None:
        self.followers: set[Follower] = set()
        self.task: asyncio.Task[None] | None = None

    def is_full_for(self, user_id: int | None) -> bool:
        own = sum(follower.ticket.user_id == user_id for follower in self.followers)
        return len(self.followers) >= MAX_STREAMS or own >= MAX_STREAMS_PER_PERSON

    def join(self, follower: Follower) -> None:
        self.followers.add(follower)
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self._look())

    async def _look(self) -> None:
        while self.followers:
            wanted = {(each.ticket.job_id, each.ticket.attempt) for each in self.followers}
            try:
                states = await sync_to_async(_states)(wanted)
            except Exception as error:  # the database may be away for a while; readers stay
                log.warning("cannot look at logs", error=str(error))
                states = {}
            for follower in self.followers:
                state = states.get((follower.ticket.job_id, follower.ticket.attempt))
                if state is not None and state != follower.state:
                    follower.state = state
                    follower.news.set()
            await asyncio.sleep(LOOK_SECONDS)


WATCH = LogWatch()


async def serve(scope: Message, receive: Receive, send: Send) -> None:
    """`/job-logs?ticket=…`: the log from the offset of the ticket on, until its attempt is over."""
    given = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    try:
        ticket = ticket_read(given.get("ticket", [""])[0])
    except (DomainError, ValueError):
        return await _short(send, 401, b"The ticket is not valid any more. Ask the portal again.\n")
    if WATCH.is_full_for(ticket.user_id):
        return await _short(send, 503, b"Too many logs are followed. Ask without follow.\n")
    job = await sync_to_async(_job_for)(ticket)
    if job is None:
        return await _short(send, 404, b"No such job, or you may not see it.\n")
    return await _follow(ticket, job, receive, send)


async def _follow(ticket: Ticket, job: JobRun, receive: Receive, send: Send) -> None:
    state = await sync_to_async(state_of)(job, ticket.attempt)
    start = max(state.size + ticket.offset, 0) if ticket.offset < 0 else min(ticket.offset, state.size)
    follower = Follower(ticket, state)
    follower.news.set()
    WATCH.join(follower)
    gone = asyncio.create_task(_until_gone(receive))
    try:
        await _start(send, 200, state, start)
        await _write_until(gone, follower, start, send)
        if not gone.done():
            await send({"type": "http.response.body", "body": b""})
    finally:
        gone.cancel()
        WATCH.followers.discard(follower)


async def _write_until(gone: asyncio.Task[None], follower: Follower, offset: int, send: Send) -> None:
    began = checked = time.monotonic()
    while not gone.done() and time.monotonic() - began < LONGEST_SECONDS:
        waiting = asyncio.create_task(follower.news.wait())
        await asyncio.wait({waiting, gone}, timeout=CHECK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        follower.news.clear()
        state = follower.state
        while state is not None and offset < state.size and not gone.done():
            offset += await _part_send(follower.ticket, offset, state.size, send)
        if state is not None and state.is_complete and offset >= state.size:
            return
        if time.monotonic() - checked > CHECK_SECONDS:
            checked = time.monotonic()
            if await sync_to_async(_job_for)(follower.ticket) is None:
                return


async def _part_send(ticket: Ticket, offset: int, size: int, send: Send) -> int:
    end = min(offset + LOG_PART_BYTES, size)
    data = await sync_to_async(partial(log_bytes, ticket.job_id, ticket.attempt, offset, end))()
    await send({"type": "http.response.body", "body": data, "more_body": True})
    return len(data) or end - offset


def _states(wanted: set[tuple[UUID, int]]) -> dict[tuple[UUID, int], LogState]:
    close_old_connections()
    return states_of(wanted)


def _job_for(ticket: Ticket) -> JobRun | None:
    """The job, if who holds the ticket may read it now."""
    close_old_connections()
    user = User.objects.filter(pk=ticket.user_id or 0, is_active=True).first()
    job = JobRun.objects.filter(pk=ticket.job_id).first()
    if user is None or job is None or not _token_holds(ticket):
        return None
    seen = Actor.of_user(user).workspace_ids
    return job if seen is None or job.workspace_id in seen else None


def _token_holds(ticket: Ticket) -> bool:
    if ticket.token_id is None:
        return True
    return ApiToken.objects.filter(pk=ticket.token_id, revoked_at__isnull=True, expires_at__gt=now()).exists()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _short(send: Send, status: int, body: bytes) -> None:
    await _headers_send(send, status, {})
    await send({"type": "http.response.body", "body": body})


async def _start(send: Send, status: int, state: LogState, offset: int) -> None:
    """`X-Log-Complete` is not known yet: who wants to know asks once more at the end."""
    facts = {"x-log-attempt": state.attempt, "x-log-offset": offset, "x-job-state": state.job_state}
    await _headers_send(send, status, {name: str(value) for name, value in facts.items()})


async def _headers_send(send: Send, status: int, facts: dict[str, str]) -> None:
    headers = {
        "content-type": "text/plain; charset=utf-8", "cache-control": "no-store", "x-content-type-options": "nosniff",
        "x-accel-buffering": "no", "access-control-allow-origin": settings.PORTAL_URL,
        "access-control-expose-headers": "x-log-attempt, x-log-offset, x-job-state", "vary": "Origin", **facts,
    }  # fmt: skip
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
