"""The ASGI application: addresses of endpoints in MLflow's and in v2's form, health, and figures for Prometheus."""

import asyncio
import re
from collections.abc import Mapping
from typing import Any, TypeAlias
from uuid import uuid4

import orjson
import structlog

from deployments.gateway.bodies import Gone, Message, Receive, Send
from deployments.gateway.calls import Call, Calls
from deployments.gateway.reading import Follower, gateway_name
from deployments.gateway.records import Recorder
from deployments.gateway.refusals import Refusal
from deployments.gateway.routes import RouteTable
from deployments.gateway.upstream import Answer, Upstream
from portal import tracing

log = structlog.get_logger("gateway")
Headers: TypeAlias = list[tuple[bytes, bytes]]

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:-]{1,64}\Z")
_JSON = (b"content-type", b"application/json")
_SAFETY: Headers = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
_INVOCATIONS = re.compile(r"/endpoints/([^/]+)/invocations\Z")
_MODEL = re.compile(r"/v2/models/([^/]+)(?:/versions/([^/]+))?(/ready|/infer)?\Z")
STOP_SECONDS = 20.0


class Gateway:
    """One process. What it knows comes from a follower, what it saw goes to a recorder; both are threads."""

    def __init__(self) -> None:
        self.table = RouteTable()
        self.recorder = Recorder()
        self.upstream = Upstream(self.table)
        self.calls = Calls(self.table, self.upstream, self.recorder.add)
        self.follower: Follower | None = None
        self._is_traced = tracing.is_on()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._live(receive, send)
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        return None

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await self.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def start(self) -> None:
        await self.upstream.start()
        self.recorder.start()
        self.follower = Follower(self.table, asyncio.get_running_loop().call_soon_threadsafe, gateway_name())
        self.follower.start()

    async def stop(self) -> None:
        """What was begun is finished already; copies and records are, too, within some seconds."""
        await self.calls.shadows.stop(STOP_SECONDS / 2)
        if self.follower is not None:
            await asyncio.to_thread(self.follower.stop)
        await asyncio.to_thread(self.recorder.stop, STOP_SECONDS / 2)
        await self.upstream.stop()
        self.calls.callers.close()

    async def _serve(self, scope: Message, receive: Receive, send: Send) -> None:
        if not self._is_traced:
            return await self._heard(scope, receive, send)
        given = next((value for name, value in scope["headers"] if name == b"traceparent"), b"").decode(
            "latin-1"
        )
        found = _INVOCATIONS.match(scope["path"]) or _MODEL.match(scope["path"])
        with tracing.span(
            f"gateway {scope['method']}",
            kind=tracing.SERVER,
            parent=given,
            endpoint=found[1] if found else None,
        ) as span:
            return await self._heard(scope, receive, _noted(send, span))

    async def _heard(self, scope: Message, receive: Receive, send: Send) -> None:
        headers: Mapping[bytes, bytes] = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"")
        request_id = given.decode() if _REQUEST_ID.match(given) else uuid4().hex
        path = scope["path"]
        try:
            status, body, more = await self._answer(scope, path, headers, receive, request_id)
        except Refusal as no:
            status, body = no.status, no.body(request_id, is_v2=path.startswith("/v2"))
            more = [_JSON, *no.headers()]
        except Gone:
            return
        except Exception:
            log.exception("failed", request_id=request_id)
            failed = Refusal(
                500, "internal_error", f"The gateway failed. Quote request {request_id} to an operator."
            )
            status, body, more = 500, failed.body(request_id, is_v2=path.startswith("/v2")), [_JSON]
        sent = [
            *more,
            *_SAFETY,
            (b"x-request-id", request_id.encode()),
            (b"content-length", b"%d" % len(body)),
        ]
        await send({"type": "http.response.start", "status": status, "headers": sent})
        await send({"type": "http.response.body", "body": body})

    async def _answer(
        self, scope: Message, path: str, headers: Mapping[bytes, bytes], receive: Receive, request_id: str
    ) -> tuple[int, bytes, Headers]:
        def call(name: str, method: str, inner: str, version: str | None = None) -> Call:
            peer = (scope.get("client") or ("",))[0]
            return Call(name, method, inner, headers, receive, peer, request_id, version)

        found = _INVOCATIONS.match(path)
        if found is not None:
            _method_check(scope, "POST")
            return _passed(await self.calls.answer(call(found[1], "POST", "/invocations")))
        found = _MODEL.match(path)
        if found is None:
            return await self._own(path, call("", "GET", ""))
        name, version, what = found.groups()
        _method_check(scope, "POST" if what == "/infer" else "GET")
        if what == "/ready":
            return await self._ready(call(name, "GET", "", version))
        return _passed(
            await self.calls.answer(call(name, scope["method"], f"/v2/models/{name}{what or ''}", version))
        )

    async def _ready(self, call: Call) -> tuple[int, bytes, Headers]:
        """Whether every revision with traffic has a process that answers."""
        _, route = await self.calls.visible(call)
        of = [each for each in route.live if call.version in (None, each.version)]
        is_ready = route.stopped is None and bool(of) and all(each.addresses for each in of)
        return (200 if is_ready else 503), orjson.dumps({"name": route.name, "ready": is_ready}), [_JSON]

    async def _own(self, path: str, call: Call) -> tuple[int, bytes, Headers]:
        if path in ("/health", "/v2/health/live"):
            return 200, b'{"live":true}', [_JSON]
        if path in ("/ready", "/v2/health/ready"):
            is_read = self.table.is_read
            return (200 if is_read else 503), orjson.dumps({"ready": is_read}), [_JSON]
        if path == "/v2":
            return 200, orjson.dumps({"name": "portal", "version": "2", "extensions": []}), [_JSON]
        if path == "/metrics":
            return await self._metrics(call)
        raise Refusal(404, "not_found", "There is nothing under this address.")

    async def _metrics(self, call: Call) -> tuple[int, bytes, Headers]:
        actor = await self.calls.callers.actor(call.headers, call.address)
        if not actor.is_operator:
            raise Refusal(404, "not_found", "There is nothing under this address.")
        kind, text = await asyncio.to_thread(self.recorder.exposition)
        return 200, text, [(b"content-type", kind.encode())]


def _noted(send: Send, span: Any) -> Send:
    """Tells the span with which status a request was answered."""

    async def noted(message: Message) -> None:
        if message["type"] == "http.response.start":
            span.set_attribute("http.response.status_code", message["status"])
        await send(message)

    return noted


def _method_check(scope: Message, wanted: str) -> None:
    if scope["method"] != wanted:
        raise Refusal(405, "method_not_allowed", f"This address takes {wanted} only.")


def _passed(answer: Answer) -> tuple[int, bytes, Headers]:
    """What the process said, and which revision it was of."""
    choice: Any = answer.choice
    more = [
        (b"content-type", answer.content_type.encode("latin-1")),
        (b"x-model-version", choice.version.encode()),
        (b"x-endpoint-revision", str(choice.number).encode()),
    ]
    if answer.status == 503:
        more.append((b"retry-after", b"1"))
    return answer.status, answer.body, more
