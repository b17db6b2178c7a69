"""Measuring both sides in turn, so that what else happens on the machine meets both."""

import statistics
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.client import Client
from benchmarks.scenarios import Load, Scenario

SIDES = ("portal", "stock")


@dataclass(frozen=True)
class Side:
    """Where one server listens, and the experiment that holds the seeded runs."""

    port: int
    experiment: str
    token: str | None = None

    def client(self) -> Client:
        return Client(self.port, self.token)


@dataclass
class Samples:
    """Milliseconds per call, the first call kept apart: it finds caches cold."""

    first: float = 0.0
    values: list[float] = field(default_factory=list)

    @property
    def p50(self) -> float:
        return statistics.median(self.values)

    @property
    def p95(self) -> float:
        return sorted(self.values)[min(len(self.values) - 1, int(len(self.values) * 0.95))]


def calls_measure(scenario: Scenario, sides: Mapping[str, Side], rounds: int) -> dict[str, Samples]:
    """Time single calls: portal, stock, portal, stock, …"""
    clients = {name: side.client() for name, side in sides.items()}
    requests: dict[str, Iterator[bytes]] = {
        name: scenario.requests(clients[name], side.experiment) for name, side in sides.items()
    }
    found = {name: Samples(first=clients[name].timed(next(requests[name]))) for name in sides}
    for _ in range(rounds):
        for name in sides:
            for _ in range(scenario.calls):
                found[name].values.append(clients[name].timed(next(requests[name])))
    for client in clients.values():
        client.close()
    return found


def load_measure(
    load: Load, sides: Mapping[str, Side], rounds: int, batches: Mapping[str, int]
) -> dict[str, float]:
    """Metrics per second of each side, the median of the rounds."""
    rates: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            rates[name].append(_load_once(load, side, batches[name]))
    return {name: statistics.median(values) for name, values in rates.items()}


def _load_once(load: Load, side: Side, batches: int) -> float:
    clients = [side.client() for _ in range(load.clients)]
    work = [load.requests(client, side.experiment, batches + 1) for client in clients]
    for client, requests in zip(clients, work, strict=True):
        client.send(requests[0])
    start = threading.Barrier(load.clients + 1)
    threads = [
        threading.Thread(target=_send_all, args=(client, requests[1:], start))
        for client, requests in zip(clients, work, strict=True)
    ]
    for thread in threads:
        thread.start()
    start.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begun
    for client in clients:
        client.close()
    return load.clients * batches * 1000 / seconds


def _send_all(client: Client, requests: Sequence[bytes], start: threading.Barrier) -> None:
    start.wait()
    for request in requests:
        client.send(request)
