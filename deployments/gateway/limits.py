"""Limits of an endpoint: how many requests are at work, and how many a minute a token may send."""

import time
from collections import OrderedDict
from uuid import UUID

from deployments.gateway.refusals import Refusal
from deployments.gateway.routes import Route

_COUNTED_AT_MOST = 50_000


class Rates:
    """A bucket for each token at each endpoint: full with a minute's requests, refilled evenly."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[tuple[UUID, UUID | int | None], tuple[float, float]] = OrderedDict()

    def take(self, route: Route, token: UUID | int | None) -> None:
        """Count one request. Raises Refusal (429) with the seconds until the next one is let in."""
        a_minute = route.limits.requests_per_minute
        if not a_minute:
            return
        at, key = time.monotonic(), (route.endpoint_id, token)
        left, since = self._buckets.get(key, (float(a_minute), at))
        left = min(a_minute, left + (at - since) * a_minute / 60)
        is_over = left < 1
        self._buckets[key] = (left if is_over else left - 1, at)
        self._buckets.move_to_end(key)
        if len(self._buckets) > _COUNTED_AT_MOST:
            self._buckets.popitem(last=False)
        if is_over:
            wait = max(1, round((1 - left) * 60 / a_minute + 0.5))
            why = f"{route.name} takes {a_minute} requests a minute of one token. Come again in {wait} s."
            raise Refusal(429, "rate_limited", why, retry_after=wait)


def work_check(route: Route, at_work: int) -> None:
    """Raises Refusal (429) when as many requests are at work as may be."""
    if at_work >= route.limits.concurrency:
        why = f"{route.name} works at {at_work} requests, as many as it may at once."
        raise Refusal(429, "too_many_at_once", why, retry_after=1)
