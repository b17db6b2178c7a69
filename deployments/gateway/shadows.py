"""Copies of requests for revisions whose answers nobody gets. They begin when the caller has been answered."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

from deployments.gateway.heard import Broken, Unreachable
from deployments.gateway.outcomes import SHADOW, Outcome
from deployments.gateway.refusals import Refusal
from deployments.gateway.routes import Choice
from deployments.gateway.upstream import Question, Upstream

AT_WORK_AT_MOST = 32


class Shadows:
    """At most 32 copies are at work; one more is dropped, and told as such."""

    def __init__(self, upstream: Upstream, tell: Callable[[Outcome], None]) -> None:
        self._upstream, self._tell = upstream, tell
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, live: Outcome, question: Question) -> None:
        """Copy a request that was answered to the revisions that shadow it."""
        for choice in live.route.copied(live.routing_key):
            outcome = replace(live, choice=choice, role=SHADOW, at=time.time(), response=b"", code="")
            if len(self._tasks) >= AT_WORK_AT_MOST or not choice.addresses:
                self._tell(replace(outcome, status=503, code="shadow_dropped", seconds=0.0))
                continue
            task = asyncio.create_task(self._copy(choice, outcome, question))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def stop(self, seconds: float) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)

    async def _copy(self, choice: Choice, outcome: Outcome, question: Question) -> None:
        began = time.perf_counter()
        try:
            limit = outcome.route.limits.timeout_seconds
            found = await self._upstream.send(choice.addresses[0], choice, question, limit)
            status, code, body = found.status, "", found.body
        except (Unreachable, Broken):
            status, code, body = 503, "endpoint_unavailable", b""
        except Refusal as no:
            status, code, body = no.status, no.code, b""
        took = time.perf_counter() - began
        self._tell(replace(outcome, status=status, code=code, response=body, seconds=took))
