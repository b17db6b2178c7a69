"""What goes to an MLflow store is cut into calls that it takes, and several of them are on their way at a time."""

import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import repeat
from typing import TypeAlias, TypeVar

from transfer.objects import Points

# MLflow's own limits of a call.
POINTS_PER_CALL, PAIRS_PER_CALL = 1000, 100
BYTES_PER_CALL = 900_000  # of a million
CONNECTIONS = 4  # a stock server has as many workers
_BYTES_OF_A_POINT = 110
PointRow: TypeAlias = tuple[str, float, int, int]  # key, value, milliseconds, step
T = TypeVar("T")


def point_calls(portions: Iterable[Points]) -> Iterator[list[PointRow]]:
    """Points of any metrics in calls that are as full as they may be."""
    sized = (
        (row, cost)
        for points in portions
        for cost in (_BYTES_OF_A_POINT + len(json.dumps(points.key)),)
        for row in zip(
            repeat(points.key), points.values.tolist(), points.timestamps.tolist(), points.steps.tolist()
        )
    )
    return _cut(sized, POINTS_PER_CALL)


def pair_calls(pairs: Iterable[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """Params or tags in calls; MLflow's client escapes what is not ASCII, which is what is counted."""
    return _cut(((pair, 20 + len(json.dumps(pair))) for pair in pairs), PAIRS_PER_CALL)


def sent_at_once(
    pool: ThreadPoolExecutor, streams: Iterable[Iterator[T]], send: Callable[[T], object]
) -> None:
    """Send the calls of each stream in their order, of several streams at a time. Raises what a call raises.

    Two calls with points of one metric never cross: MLflow compares each with the latest point that it has noted.
    """
    running: dict[Future[object], Iterator[T]] = {}
    waiting = iter(streams)
    try:
        while True:
            while len(running) < CONNECTIONS and (stream := next(waiting, None)) is not None:
                _go_on(pool, running, stream, send)
            if not running:
                return
            for done in wait(running, return_when=FIRST_COMPLETED).done:
                stream = running.pop(done)
                done.result()
                _go_on(pool, running, stream, send)
    finally:
        wait(running)


def _go_on(
    pool: ThreadPoolExecutor, running: dict[Future[object], Iterator[T]], stream: Iterator[T],
    send: Callable[[T], object],
) -> None:  # fmt: skip
    call = next(stream, None)
    if call is not None:
        running[pool.submit(send, call)] = stream


def _cut(sized: Iterable[tuple[T, int]], most: int) -> Iterator[list[T]]:
    call: list[T] = []
    size = 0
    for each, cost in sized:
        if call and (len(call) == most or size + cost > BYTES_PER_CALL):
            yield call
            call, size = [], 0
        call.append(each)
        size += cost
    if call:
        yield call
