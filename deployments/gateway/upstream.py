"""Asks the processes of models, and survives their death: a request whose connection broke goes to another process."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass

import aiohttp

from deployments.gateway.refusals import Refusal, unavailable
from deployments.gateway.routes import Choice, Route, RouteTable

WAIT_SECONDS, PAUSE_SECONDS, CONNECT_SECONDS = 8.0, 0.05, 2.0
DEATHS_AT_MOST = 2
ANSWER_BYTES = 256 * 1024 * 1024
# Shorter than a model process keeps an idle connection, so that it never closes one that is about to be used.
KEEP_SECONDS, KNOWN_AT_MOST = 60, 10_000
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Question:
    """What is sent: it can be sent again, since scoring has no effect."""

    method: str
    path: str
    body: bytes
    content_type: str
    request_id: str
    key: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a process said, and which revision it was of."""

    status: int
    body: bytes
    content_type: str
    choice: Choice


class Upstream:
    """Connections to all processes, which are kept; the one with the least to do is asked."""

    def __init__(self, table: RouteTable) -> None:
        self._table = table
        self._busy: Counter[str] = Counter()
        self._asked: dict[str, int] = {}
        self._count = 0
        self._session: aiohttp.ClientSession

    async def start(self) -> None:
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_SECONDS, use_dns_cache=True)
        self._session = aiohttp.ClientSession(
            connector=connector, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
        )  # fmt: skip

    async def stop(self) -> None:
        await self._session.close()

    async def ask(self, route: Route, choice: Choice, question: Question) -> Answer:
        """The answer of a process of the revision, or of the one that took its traffic meanwhile. Raises Refusal."""
        deaths, broken, give_up = 0, set[str](), time.monotonic() + WAIT_SECONDS
        while True:
            route, choice = self._now(route, choice, question.key)
            address = self._least_busy([each for each in choice.addresses if each not in broken])
            if address is None:
                if time.monotonic() > give_up:
                    raise unavailable(route.name, "no process of its revision answers.")
                await asyncio.sleep(PAUSE_SECONDS)
                broken.clear()
                continue
            try:
                return await self.send(address, choice, question, route.limits.timeout_seconds)
            except aiohttp.ClientConnectorError:
                broken.add(address)
            except aiohttp.ClientError:
                deaths += 1
                broken.add(address)
            if deaths >= DEATHS_AT_MOST:
                raise unavailable(route.name, "two of its processes died over this request.", seconds=5)

    async def send(self, address: str, choice: Choice, question: Question, seconds: float) -> Answer:
        """One try. Raises aiohttp's errors, and Refusal for a process that takes too long."""
        headers = {
            "X-Serving-Key": choice.key, "X-Request-Id": question.request_id, "Content-Type": question.content_type,
        }  # fmt: skip
        limits = aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT_SECONDS)
        self._busy[address] += 1
        try:
            async with self._session.request(
                question.method, address + question.path, data=question.body or None, headers=headers,
                timeout=limits, allow_redirects=False,
            ) as found:  # fmt: skip
                if (found.content_length or 0) > ANSWER_BYTES:
                    raise Refusal(503, "answer_too_large", "The model's answer is too large.")
                return Answer(
                    found.status, await found.read(), found.headers.get("Content-Type", _JSON), choice
                )
        except aiohttp.ConnectionTimeoutError as error:
            raise aiohttp.ClientConnectionError("no connection in time") from error
        except TimeoutError as error:
            why = f"The model did not answer within {seconds:g} seconds."
            raise Refusal(504, "model_timeout", why) from error
        finally:
            self._busy[address] -= 1
            if not self._busy[address]:
                del self._busy[address]

    def _now(self, route: Route, choice: Choice, key: str) -> tuple[Route, Choice]:
        """Where the request goes by what is known at this moment. Raises Refusal."""
        now = self._table.by_name.get(route.name)
        if now is None:
            raise unavailable(route.name, "it was deleted meanwhile.")
        if now.stopped is not None:
            raise stopped(now)
        again = now.now(choice) or now.drawn(key)
        if again is None:
            raise unavailable(route.name, "no revision has traffic.")
        return now, again

    def _least_busy(self, addresses: list[str]) -> str | None:
        """Among those with as little to do, the one that was not asked for the longest time."""
        least = min(addresses, key=lambda each: (self._busy[each], self._asked.get(each, 0)), default=None)
        if least is not None:
            self._count += 1
            self._asked[least] = self._count
            if len(self._asked) > KNOWN_AT_MOST:
                self._asked.clear()  # most are of processes that are gone
        return least


def stopped(route: Route) -> Refusal:
    """The kill switch: nobody is answered until a maintainer starts the endpoint."""
    why = (
        f"The endpoint {route.name} was stopped: {route.stopped} A maintainer of its workspace can start it."
    )
    return Refusal(503, "endpoint_stopped", why)
