"""One request to an endpoint, from its headers to its answer."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from deployments.gateway.bodies import Bodies, Receive
from deployments.gateway.callers import Callers
from deployments.gateway.limits import Rates, work_check
from deployments.gateway.outcomes import LIVE, Outcome
from deployments.gateway.refusals import Refusal, unavailable
from deployments.gateway.routes import Choice, Route, RouteTable
from deployments.gateway.shadows import Shadows
from deployments.gateway.upstream import Answer, Question, Upstream, stopped
from portal import access
from portal.accounts.actor import Actor
from portal.kernel.errors import DomainError

INVOKE = "deployments.endpoint.invoke"
_KEY_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Call:
    """What was asked of an endpoint. `path` is that of the model's process; `version` is set where one is named."""

    name: str
    method: str
    path: str
    headers: Mapping[bytes, bytes]
    receive: Receive
    address: str
    request_id: str
    version: str | None = None


class Calls:
    """Lets in who may come, asks a process, and tells what became of it."""

    def __init__(self, table: RouteTable, upstream: Upstream, tell: Callable[[Outcome], None]) -> None:
        self.table, self.upstream, self.tell = table, upstream, tell
        self.callers, self.rates, self.bodies = Callers(), Rates(), Bodies()
        self.shadows = Shadows(upstream, tell)

    async def visible(self, call: Call) -> tuple[Actor, Route]:
        """The endpoint that is asked, for somebody who may. Raises Refusal; not visible is 404."""
        actor = await self.callers.actor(call.headers, call.address)
        route = self.table.by_name.get(call.name)
        if route is None:
            if not self.table.is_read:
                raise unavailable(call.name, "the gateway has just started.")
            raise Refusal(404, "not_found", "No such endpoint, or you may not see it.")
        try:
            access.require(actor, INVOKE, route)
        except DomainError as no:
            raise Refusal(no.status, no.code, no.detail) from no
        return actor, route

    async def answer(self, call: Call) -> Answer:
        """The answer of a model. Raises Refusal."""
        actor, route = await self.visible(call)
        began = time.perf_counter()
        try:
            self._let_in(actor, route)
            body = await self.bodies.read(call.receive, call.headers, route.limits.body_bytes)
            work_check(route, self.table.at_work(route.endpoint_id))  # others came while the body did
        except Refusal as no:
            self._refused(actor, route, call, no, began)
            raise
        route = self.table.by_name.get(call.name, route)  # while the body came, the split may have moved
        self.table.enter(route)
        try:
            return await self._asked(actor, route, call, body)
        finally:
            self.table.leave(route)

    def _let_in(self, actor: Actor, route: Route) -> None:
        if route.stopped is not None:
            raise stopped(route)
        work_check(route, self.table.at_work(route.endpoint_id))
        self.rates.take(route, actor.token_id)

    async def _asked(self, actor: Actor, route: Route, call: Call, body: bytes) -> Answer:
        key = call.headers.get(b"x-routing-key", b"").decode("latin-1")[:_KEY_CHARACTERS] or call.request_id
        kind = call.headers.get(b"content-type", b"application/json").decode("latin-1")
        question = Question(call.method, call.path, body, kind, call.request_id, key)
        began, at, choice = time.perf_counter(), time.time(), None

        def outcome(status: int, code: str, response: bytes) -> Outcome:
            return Outcome(
                route, choice, LIVE, call.request_id, key, actor.reference, at, time.perf_counter() - began, status,
                code, kind, body, response,
            )  # fmt: skip

        try:
            choice = _choice(route, key, call.version)
            found = await self.upstream.ask(route, choice, question)
        except Refusal as no:
            self.tell(outcome(no.status, no.code, b""))
            raise
        choice = found.choice
        if call.method == "POST":
            done = outcome(found.status, "", found.body)
            self.tell(done)
            self.shadows.send(done, question)
        return found

    def _refused(self, actor: Actor, route: Route, call: Call, no: Refusal, began: float) -> None:
        took = time.perf_counter() - began
        self.tell(
            Outcome(
                route, None, LIVE, call.request_id, "", actor.reference, time.time(), took, no.status, no.code
            )
        )


def _choice(route: Route, key: str, version: str | None) -> Choice:
    """The revision that answers. Raises Refusal."""
    if route.stopped is not None:
        raise stopped(route)
    if version is not None:
        named = next((each for each in route.live if each.version == version), None)
        if named is None:
            raise Refusal(404, "not_found", f"{route.name} has no version {version} with traffic.")
        return named
    drawn = route.drawn(key)
    if drawn is None:
        raise unavailable(route.name, "no revision has traffic.", seconds=5)
    return drawn
