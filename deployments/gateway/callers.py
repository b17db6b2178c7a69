"""Who asks: the token of a request as an actor, from memory where it was looked up within five seconds.

Without database, who was known within the last five minutes stays known, and nobody else is let in.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256

import structlog
from django.db import connection
from django.db.utils import Error

from deployments.gateway.refusals import Refusal
from deployments.tickets import SCHEME, ticket_actor
from portal.accounts.actor import Actor
from portal.api.call import actor_of
from portal.kernel.errors import Unauthenticated

log = structlog.get_logger("gateway")

KNOWN_SECONDS, WITHOUT_DATABASE_SECONDS, KNOWN_AT_MOST, THREADS = 5.0, 300.0, 10_000, 2
WAITING_AT_MOST = 200


@dataclass(frozen=True)
class Known:
    """What the last look-up said: an actor, or the refusal of a token that is none."""

    actor: Actor | None
    refusal: str
    at: float


class Callers:
    """A bounded memory of tokens, by digest, in the order of their look-ups."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, Known] = OrderedDict()
        self._asking: dict[bytes, asyncio.Future[Known]] = {}
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="tokens")

    async def actor(self, headers: Mapping[bytes, bytes], address: str) -> Actor:
        """The actor of a request. Raises Refusal: 401, or 503 when nobody can be asked."""
        shown = headers.get(b"authorization", b"")
        digest = sha256(shown).digest()
        known = self._known.get(digest)
        if known is None or time.monotonic() - known.at > KNOWN_SECONDS:
            known = await self._looked_up(digest, shown.decode("latin-1"), address, known)
        if known.actor is None:
            raise Refusal(401, "unauthenticated", known.refusal)
        return known.actor

    async def _looked_up(self, digest: bytes, shown: str, address: str, before: Known | None) -> Known:
        """One look-up for all requests with this token that wait for it."""
        asking = self._asking.get(digest)
        if asking is None:
            if len(self._asking) >= WAITING_AT_MOST:
                raise Refusal(503, "unavailable", "Too many tokens wait to be looked up.", retry_after=1)
            loop = asyncio.get_running_loop()
            asking = loop.run_in_executor(self._pool, _look_up, shown, address)
            self._asking[digest] = asking
            asking.add_done_callback(lambda _: self._asking.pop(digest, None))
        try:
            found = await asyncio.shield(asking)
        except Error as error:
            return _without_database(before, error)
        self._known[digest] = found
        self._known.move_to_end(digest)
        while len(self._known) > KNOWN_AT_MOST:
            self._known.popitem(last=False)
        return found

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


def _look_up(shown: str, address: str) -> Known:
    """Runs in a thread, whose connection is kept. One that broke meanwhile is replaced once."""
    environ = {"HTTP_AUTHORIZATION": shown, "REMOTE_ADDR": address}
    for is_last in (False, True):
        try:
            actor = ticket_actor(shown) if shown.startswith(SCHEME) else actor_of(environ, "")
            return Known(actor, "", time.monotonic())
        except Unauthenticated as no:
            return Known(None, no.detail, time.monotonic())
        except Error:
            connection.close()
            if is_last:
                raise
    raise AssertionError("not reached")


def _without_database(before: Known | None, error: Error) -> Known:
    log.warning("cannot look up a token", error=str(error).strip())
    is_known = before is not None and before.actor is not None
    if before is not None and is_known and time.monotonic() - before.at < WITHOUT_DATABASE_SECONDS:
        return before
    why = "The database does not answer, and this token was not seen lately. Try again."
    raise Refusal(503, "unavailable", why, retry_after=2)
