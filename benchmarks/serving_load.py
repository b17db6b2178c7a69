"""A load generator that costs little: callers on kept connections, each sending its next request when it was answered."""

import asyncio
import time
from dataclasses import dataclass, field

import httptools


@dataclass(frozen=True)
class Target:
    """Where one of the compared servers answers, and what it is sent."""

    name: str
    port: int
    path: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    def request(self) -> bytes:
        shown = {"Host": f"127.0.0.1:{self.port}", "Content-Type": "application/json", **self.headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in shown.items())
        head = f"POST {self.path} HTTP/1.1\r\n{lines}Content-Length: {len(self.body)}\r\n\r\n"
        return head.encode() + self.body


class _Caller(asyncio.Protocol):
    """One connection; `times` has the seconds of each request, `failed` what was not answered with 200."""

    def __init__(self, target: Target, until: float) -> None:
        self.request, self.until = target.request(), until
        self.times: list[float] = []
        self.failed = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._send()

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.failed += 1
            self.done.set_result(None)

    def on_message_complete(self) -> None:
        now = time.perf_counter()
        self.times.append(now - self.began)
        self.failed += self.parser.get_status_code() != 200
        self.parser = httptools.HttpResponseParser(self)
        if now < self.until:
            self._send()
        else:
            self.done.set_result(None)
            self.transport.close()

    def _send(self) -> None:
        self.began = time.perf_counter()
        self.transport.write(self.request)


@dataclass
class Seen:
    """What one round saw: requests a second, latencies in milliseconds, and how many failed."""

    rate: float
    milliseconds: list[float]
    failed: int


def load(target: Target, *, callers: int, seconds: float) -> Seen:
    """Ask with so many callers for so long."""
    return asyncio.run(_load(target, callers, seconds))


async def _load(target: Target, callers: int, seconds: float) -> Seen:
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    made = [
        await loop.create_connection(lambda: _Caller(target, began + seconds), "127.0.0.1", target.port)
        for _ in range(callers)
    ]
    await asyncio.gather(*[caller.done for _, caller in made])
    took = time.perf_counter() - began
    times = [each * 1000 for _, caller in made for each in caller.times]
    return Seen(len(times) / took, times, sum(caller.failed for _, caller in made))
