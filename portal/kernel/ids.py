"""Identifiers that sort by the time of their making, so that new rows land at the end of an index."""

import os
import time
from uuid import UUID

_NANOSECONDS, _STEPS, _RANDOM_BITS = 1_000_000, 4096, 62


def uuid7() -> UUID:
    """A version 7 UUID (RFC 9562 section 5.7): 48 bits of milliseconds, 12 of their parts (section 6.2, method 3), then
    62 random bits. So rows that one process makes one after the other sort as they were made.
    """
    milliseconds, rest = divmod(time.time_ns(), _NANOSECONDS)
    part = rest * _STEPS // _NANOSECONDS
    random = int.from_bytes(os.urandom(8), "big") >> (64 - _RANDOM_BITS)
    return UUID(int=(milliseconds << 80) | (0x7 << 76) | (part << 64) | (0b10 << 62) | random)
