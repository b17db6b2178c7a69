"""Points that come mixed, one of this metric and one of that, put into columns without holding all of them."""

from collections.abc import Iterable, Iterator

import numpy as np

from transfer.objects import Points

HELD_POINTS = 200_000


def columns_of(rows: Iterable[tuple[str, int, int, float]]) -> Iterator[Points]:
    """Points by key from `(key, step, milliseconds, value)`; the longest column goes out when too many wait."""
    waiting: dict[str, list[tuple[int, int, float]]] = {}
    held = 0
    for key, step, moment, value in rows:
        waiting.setdefault(key, []).append((step, moment, value))
        held += 1
        if held >= HELD_POINTS:
            longest = max(waiting, key=lambda name: len(waiting[name]))
            held -= len(waiting[longest])
            yield _column(longest, waiting.pop(longest))
    for key, found in waiting.items():
        yield _column(key, found)


def _column(key: str, rows: list[tuple[int, int, float]]) -> Points:
    steps, moments, values = zip(*dict.fromkeys(rows), strict=True)
    return Points(key, np.array(steps, np.int64), np.array(moments, np.int64), np.array(values, np.float64))
