"""Latencies as counts between fixed bounds, so that sums of many processes and times are sums of numbers."""

from bisect import bisect_left
from collections.abc import Sequence

# Milliseconds; each is larger than the one before by the square root of two. What is over the last has a place, too.
BOUNDS = tuple(round(2 ** (step / 2), 2) for step in range(-2, 33))
PLACES = len(BOUNDS) + 1


def place_of(milliseconds: float) -> int:
    """Where a latency is counted."""
    return bisect_left(BOUNDS, milliseconds)


def percentile(counts: Sequence[int], share: float) -> float | None:
    """The latency in milliseconds that this share of requests (0 to 1) stays under; None when there were none.

    Evenly between the bounds that it lies between, so it is off by less than the step from one bound to the next.
    """
    total = sum(counts)
    if not total:
        return None
    wanted, before = share * total, 0
    for place, count in enumerate(counts):
        if count and before + count >= wanted:
            low = BOUNDS[place - 1] if place else 0.0
            high = BOUNDS[place] if place < len(BOUNDS) else BOUNDS[-1] * 2
            return low + (high - low) * (wanted - before) / count
        before += count
    return BOUNDS[-1] * 2
