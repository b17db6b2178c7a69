"""Sums of what passed: those of ten seconds for the tables, and those since the start for Prometheus."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias
from uuid import UUID

import structlog
from django.db import IntegrityError, transaction
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from deployments.gateway.outcomes import Outcome
from deployments.latency import BOUNDS, PLACES, place_of
from portal.kernel import sql

log = structlog.get_logger("gateway")

SPAN_SECONDS = 10
_LIMITED = 429

# Endpoint, revision, role, begin of the ten seconds.
Key: TypeAlias = tuple[UUID, UUID | None, str, int]
_ADD = """
INSERT INTO deployments_trafficfigure AS t
    (endpoint_id, revision_id, role, at, requests, caller_errors, limited, server_errors, milliseconds, latency)
VALUES (%s, %s, %s, to_timestamp(%s), %s, %s, %s, %s, %s, %s::integer[])
ON CONFLICT (endpoint_id, at, revision_id, role) DO UPDATE SET
    requests = t.requests + excluded.requests, caller_errors = t.caller_errors + excluded.caller_errors,
    limited = t.limited + excluded.limited, server_errors = t.server_errors + excluded.server_errors,
    milliseconds = t.milliseconds + excluded.milliseconds,
    latency = ARRAY(SELECT a + b FROM unnest(t.latency, excluded.latency) WITH ORDINALITY AS u(a, b, n) ORDER BY n)
"""


@dataclass
class Sums:
    """Of one key. `server_errors` has what the caller could not help: 5xx of the model or of the gateway."""

    requests: int = 0
    caller_errors: int = 0
    limited: int = 0
    server_errors: int = 0
    milliseconds: float = 0.0
    latency: list[int] = field(default_factory=lambda: [0] * PLACES)

    def add(self, status: int, milliseconds: float) -> None:
        self.requests += 1
        if status == _LIMITED:
            self.limited += 1
        elif status >= 500:
            self.server_errors += 1
        elif status >= 400:
            self.caller_errors += 1
        self.milliseconds += milliseconds
        self.latency[place_of(milliseconds)] += 1


class Figures:
    """Added to in the loop, taken by the thread that writes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spans: defaultdict[Key, Sums] = defaultdict(Sums)
        self._total: defaultdict[tuple[str, str, str, str], Sums] = defaultdict(Sums)
        self._codes: dict[tuple[str, str, int], int] = {}

    def add(self, outcome: Outcome) -> None:
        route, choice, took = outcome.route, outcome.choice, outcome.seconds * 1000
        at = int(outcome.at) // SPAN_SECONDS * SPAN_SECONDS
        revision, number, version = (
            (choice.revision_id, str(choice.number), choice.version) if choice else (None, "", "")
        )
        with self._lock:
            span = self._spans[route.endpoint_id, revision, outcome.role, at]
            span.add(outcome.status, took)
            total = self._total[route.name, number, version, outcome.role]
            total.add(outcome.status, took)
            code = (route.name, outcome.role, outcome.status)
            self._codes[code] = self._codes.get(code, 0) + 1

    def take(self) -> dict[Key, Sums]:
        """What was added since the last time; the caller writes it, or gives it back."""
        with self._lock:
            taken, self._spans = self._spans, defaultdict(Sums)
        return taken

    def give_back(self, taken: dict[Key, Sums]) -> None:
        """What could not be written, to be written with what comes."""
        with self._lock:
            for key, old in taken.items():
                self._spans[key] = _together(old, self._spans[key])

    def exposition(self, more: list[CounterMetricFamily]) -> tuple[str, bytes]:
        """The content type and the text for Prometheus."""
        registry = CollectorRegistry(auto_describe=False)
        with self._lock:
            families = [*_families(self._total, self._codes), *more]
        registry.register(_Once(families))
        return CONTENT_TYPE_LATEST, generate_latest(registry)


def figures_write(taken: dict[Key, Sums]) -> None:
    """Add sums to their rows. Raises Error, and has written nothing then, when the database is away."""
    try:
        with transaction.atomic():
            # In the order of keys, so that gateways do not wait for each other in a ring.
            for key in sorted(taken, key=str):
                _add(key, taken[key])
    except IntegrityError:
        for key, sums in taken.items():
            try:
                _add(key, sums)
            except IntegrityError as error:
                log.error("the database refuses figures", error=str(error).strip()[:500])


def _add(key: Key, sums: Sums) -> None:
    endpoint, revision, role, at = key
    counts = (sums.requests, sums.caller_errors, sums.limited, sums.server_errors, sums.milliseconds)
    sql.execute(_ADD, (endpoint, revision, role, at, *counts, sums.latency))


class _Once(Collector):
    def __init__(self, families: list[CounterMetricFamily | HistogramMetricFamily]) -> None:
        self._families = families

    def collect(self) -> Iterator[CounterMetricFamily | HistogramMetricFamily]:
        yield from self._families


def _families(
    total: dict[tuple[str, str, str, str], Sums], codes: dict[tuple[str, str, int], int]
) -> list[CounterMetricFamily | HistogramMetricFamily]:
    requests = CounterMetricFamily(
        "portal_endpoint_requests", "Requests to endpoints by status.", labels=["endpoint", "role", "status"]
    )
    for (name, role, status), count in codes.items():
        requests.add_metric([name, role, str(status)], count)
    latency = HistogramMetricFamily(
        "portal_endpoint_latency_seconds", "From the whole request to the answer.",
        labels=["endpoint", "revision", "version", "role"],
    )  # fmt: skip
    for labels, sums in total.items():
        counted, buckets = 0, []
        for place, count in enumerate(sums.latency):
            counted += count
            bound = f"{BOUNDS[place] / 1000:g}" if place < len(BOUNDS) else "+Inf"
            buckets.append((bound, counted))
        latency.add_metric(list(labels), buckets, sums.milliseconds / 1000)
    return [requests, latency]


def _together(one: Sums, other: Sums) -> Sums:
    return Sums(
        one.requests + other.requests, one.caller_errors + other.caller_errors, one.limited + other.limited,
        one.server_errors + other.server_errors, one.milliseconds + other.milliseconds,
        [a + b for a, b in zip(one.latency, other.latency, strict=True)],
    )  # fmt: skip
