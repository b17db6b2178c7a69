"""Points that come mixed, one of this metric and one of that, put into columns without holding all of them."""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

import numpy as np

from transfer.objects import Points, SourceUnavailable

HELD_POINTS = 200_000
Row: TypeAlias = tuple[int, int, float]


def columns_of(rows: Iterable[tuple[str, int, int, float]]) -> Iterator[Points]:
    """Points by key from `(key, step, milliseconds, value)`; the longest column goes out when too many wait."""
    waiting: dict[str, list[Row]] = {}
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


def _column(key: str, rows: Iterable[Row]) -> Points:
    return rows_columns(key, dict.fromkeys(rows))


def rows_columns(key: str, rows: Iterable[Row]) -> Points:
    """Points from `(step, milliseconds, value)`, of which there is one at least. Raises SourceUnavailable."""
    try:
        steps, moments, values = zip(*rows, strict=True)
        return Points(
            key, np.array(steps, np.int64), np.array(moments, np.int64), np.array(values, np.float64)
        )
    except (TypeError, ValueError, OverflowError) as error:
        raise SourceUnavailable(f"The points of {key} are no numbers: {error}") from error
