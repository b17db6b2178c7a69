"""What a process of a model says of its own time, as parts of the time that the gateway saw pass.

The process has no network and none of the portal's secrets, so it sends no spans: its answer has a header, and the
gateway makes spans of it. Nothing of the header is believed beyond that: names that are known, times that fit.
"""

import re
from dataclasses import dataclass

_PART = re.compile(rb"(read|queue|predict|write);dur=(\d{1,9}\.\d{1,6})(?:;desc=(\d{1,6}))?")
_ORDER = [b"read", b"queue", b"predict", b"write"]
_SHOWN = (b"queue", b"predict")
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a request, in nanoseconds since 1970; `together` is how many requests it was for."""

    name: str
    begin: int
    end: int
    together: int


def parts_of(said: bytes, begin: int, end: int) -> list[Part]:
    """The parts that a `Server-Timing` of a model's process tells of a request that took from `begin` to `end`.

    They stand in the middle, as the ways there and back take as long as each other. None where the header is another's,
    or tells of more time than there was.
    """
    found = [_PART.fullmatch(each) for each in said.split(b", ")] if 0 < len(said) <= _LONGEST else []
    told = [each.groups() for each in found if each is not None]
    if [name for name, _, _ in told] != _ORDER or len(told) != len(found):
        return []
    lengths = [round(float(milliseconds) * 1_000_000) for _, milliseconds, _ in told]
    at, parts = begin + (end - begin - sum(lengths)) // 2, []
    if at < begin:
        return []
    for (name, _, together), length in zip(told, lengths, strict=True):
        if name in _SHOWN:
            parts.append(Part(name.decode(), at, at + length, int(together or 1)))
        at += length
    return parts
