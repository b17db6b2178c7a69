"""Asks the processes of models, and survives their death: a request whose connection broke goes to another process."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass

from deployments.gateway.general_client import GeneralClient
from deployments.gateway.heard import AnswerTooLarge, Broken, Unreachable
from deployments.gateway.kept_connections import KeptConnections
from deployments.gateway.refusals import Refusal, unavailable
from deployments.gateway.routes import Choice, Route, RouteTable
from deployments.gateway.timings import parts_of
from portal import tracing

WAIT_SECONDS, PAUSE_SECONDS = 8.0, 0.05
DEATHS_AT_MOST, KNOWN_AT_MOST = 2, 10_000
_JSON = b"application/json"


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
    timing: bytes = b""


class Upstream:
    """Connections to all processes, which are kept; the one with the least to do is asked."""

    def __init__(self, table: RouteTable) -> None:
        self._table = table
        self._busy: Counter[str] = Counter()
        self._asked: dict[str, int] = {}
        self._count = 0
        self._near, self._far = KeptConnections(), GeneralClient()
        self._is_traced = tracing.is_on()

    async def start(self) -> None:
        self._near.start()
        self._far.start()

    async def stop(self) -> None:
        self._near.stop()
        await self._far.stop()

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
            except Unreachable:
                broken.add(address)
            except Broken:
                deaths += 1
                broken.add(address)
            if deaths >= DEATHS_AT_MOST:
                raise unavailable(route.name, "two of its processes died over this request.", seconds=5)

    async def send(self, address: str, choice: Choice, question: Question, seconds: float) -> Answer:
        """One try. Raises Unreachable, Broken, and Refusal for a process that takes too long or says too much."""
        headers = {
            "X-Serving-Key": choice.key, "X-Request-Id": question.request_id, "Content-Type": question.content_type,
        }  # fmt: skip
        if not self._is_traced:
            return await self._sent(address, choice, question, seconds, headers)
        with tracing.span(
            "model", kind=tracing.CLIENT, revision=choice.number, version=choice.version, server=address
        ):
            headers[tracing.TRACEPARENT] = tracing.traceparent()
            began = time.time_ns()
            found = await self._sent(address, choice, question, seconds, headers)
            for part in parts_of(found.timing, began, time.time_ns()):
                tracing.past(f"model {part.name}", part.begin, part.end, together=part.together)
            return found

    async def _sent(
        self, address: str, choice: Choice, question: Question, seconds: float, headers: dict[str, str]
    ) -> Answer:
        client = self._near if address.startswith("http://") else self._far
        self._busy[address] += 1
        try:
            heard = await client.ask(question.method, address, question.path, headers, question.body, seconds)
        except ValueError as error:
            raise Refusal(400, "bad_header", f"{error} Send a plain Content-Type.") from error
        except AnswerTooLarge as error:
            raise Refusal(503, "answer_too_large", "The model's answer is too large.") from error
        except TimeoutError as error:
            why = f"The model did not answer within {seconds:g} seconds."
            raise Refusal(504, "model_timeout", why) from error
        finally:
            self._busy[address] -= 1
            if not self._busy[address]:
                del self._busy[address]
        kind = heard.headers.get(b"content-type", _JSON).decode("latin-1")
        return Answer(heard.status, heard.body, kind, choice, heard.headers.get(b"server-timing", b""))

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
