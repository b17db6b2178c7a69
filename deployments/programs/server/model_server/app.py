"""The addresses of the server. Predictions run in threads of their own, so that health is answered meanwhile."""

import asyncio
import hmac
from concurrent.futures import ThreadPoolExecutor

import orjson
from mlflow.version import VERSION
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from model_server.order import Order
from model_server.problems import Problem
from model_server.scoring import JSON, Scorer
from model_server.tensors import described, infer
from model_server.timing import HEADER, TRACEPARENT, Timed

KEY_HEADER, _READ_AT_ONCE = b"x-serving-key", 32


class App:
    """One model behind HTTP, by any name. Nobody is answered who does not show the key."""

    def __init__(self, order: Order, scorer: Scorer) -> None:
        self.order, self.scorer, self.limits = order, scorer, order.limits
        # Those who wait for a turn of the model are read meanwhile, so that they can be answered together.
        threads = order.limits.threads if order.limits.batch_rows < 2 else _READ_AT_ONCE
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="predict")
        self.waiting = 0
        self.key = order.key.encode()
        self.routes = Starlette(
            routes=[
                Route("/invocations", self.invocations, methods=["POST"]),
                Route("/ping", self.health), Route("/health", self.health),
                Route("/version", self.version),
                Route("/v2", self.server), Route("/v2/health/live", self.live), Route("/v2/health/ready", self.health),
                Route("/v2/models/{name}", self.model), Route("/v2/models/{name}/ready", self.model_ready),
                Route("/v2/models/{name}/infer", self.infer, methods=["POST"]),
            ],
            exception_handlers={Problem: _problem_answer, HTTPException: _http_answer},
        )  # fmt: skip

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] == "http" and not self._is_known(scope["headers"]):
            refused = Problem(401, "unauthenticated", "Only the gateway of the portal may ask this process.")
            return await _answer(refused.body(), refused.status)(scope, receive, send)
        return await self.routes(scope, receive, send)

    async def invocations(self, request: Request) -> Response:
        body, kind = await self._body(request), request.headers.get("content-type", JSON)
        return await self._scored(request, lambda: self.scorer.answer(body, kind))

    async def infer(self, request: Request) -> Response:
        body, name = await self._body(request), request.path_params["name"]
        return await self._scored(request, lambda: infer(self.scorer, body, name, self.order.version))

    async def _scored(self, request: Request, work) -> Response:
        """The answer, with where its time went for who keeps a trace."""
        if TRACEPARENT not in request.headers:
            return _answer(await self._run(work))
        timed = Timed(work)
        answer = _answer(await self._run(timed))
        if said := timed.header():
            answer.headers[HEADER] = said
        return answer

    async def health(self, request: Request) -> Response:
        """Unhealthy is a process whose prediction takes longer than it may: only a new one helps."""
        is_stuck = self.scorer.turns.longest > self.limits.seconds
        return Response("\n", 503 if is_stuck else 200, media_type=JSON)

    async def live(self, request: Request) -> Response:
        return _answer(b'{"live":true}')

    async def version(self, request: Request) -> Response:
        return Response(VERSION, media_type=JSON)

    async def server(self, request: Request) -> Response:
        return _answer(orjson.dumps({"name": self.order.name, "version": VERSION, "extensions": []}))

    async def model(self, request: Request) -> Response:
        name = request.path_params["name"]
        return _answer(orjson.dumps(described(self.scorer, name, self.order.version)))

    async def model_ready(self, request: Request) -> Response:
        return _answer(orjson.dumps({"name": request.path_params["name"], "ready": True}))

    def _is_known(self, headers: list) -> bool:
        shown = next((value for name, value in headers if name == KEY_HEADER), b"")
        return hmac.compare_digest(shown, self.key)

    async def _body(self, request: Request) -> bytes:
        limit = self.limits.body_bytes
        said = request.headers.get("content-length", "0")
        parts, size = [], 0
        if not said.isdigit() or int(said) <= limit:
            async for part in request.stream():
                parts.append(part)
                size += len(part)
                if size > limit:
                    break
            else:
                return b"".join(parts)
        raise Problem(413, "too_large", f"The body is larger than {limit:,} bytes.")

    async def _run(self, work) -> bytes:
        if self.waiting >= self.limits.waiting:
            raise Problem(503, "busy", "Too many requests wait for this process.")
        self.waiting += 1
        call = asyncio.get_running_loop().run_in_executor(self.pool, work)
        call.add_done_callback(self._left)
        try:
            return await asyncio.wait_for(asyncio.shield(call), self.limits.seconds)
        except TimeoutError:
            why = f"The model did not answer within {self.limits.seconds:g} seconds."
            raise Problem(504, "model_timeout", why) from None

    def _left(self, call) -> None:
        self.waiting -= 1
        if not call.cancelled():
            call.exception()


async def _problem_answer(request: Request, problem: Problem) -> Response:
    is_v2 = request.url.path.startswith("/v2")
    return _answer(problem.body_v2() if is_v2 else problem.body(), problem.status)


async def _http_answer(request: Request, error: HTTPException) -> Response:
    return await _problem_answer(request, Problem(error.status_code, "not_found", f"{error.detail}."))


def _answer(body: bytes, status: int = 200) -> Response:
    return Response(body, status, media_type=JSON)
