"""Where aliases pointed, as bars on a common axis: one lane per alias, one bar per interval."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.kernel.clock import now
from registry.models import Assignment
from registry.models.assignments import ALIAS

WIDTH = 1000
LANE = 26
SHORTEST = 3
LABELLED_FROM = 26
LANES_AT_MOST = 8


@dataclass(frozen=True)
class Bar:
    """One interval; `x` and `width` are parts of WIDTH."""

    x: int
    width: int
    y: int
    label: str
    title: str
    is_now: bool


@dataclass(frozen=True)
class Timeline:
    """The drawing: lanes with their names, and the ends of the axis."""

    lanes: list[tuple[str, int]]
    bars: list[Bar]
    begins: datetime
    ends: datetime
    height: int
    width: int = WIDTH


def timeline_of(history: Sequence[Assignment]) -> Timeline | None:
    """The aliases of a history as a drawing; None when there is nothing to draw."""
    aliases = [each for each in history if each.kind == ALIAS]
    if not aliases:
        return None
    names = sorted({each.name for each in aliases})[:LANES_AT_MOST]
    begins, ends = min(each.valid_from for each in aliases), now()
    seconds = max((ends - begins).total_seconds(), 1.0)

    def place(moment: datetime) -> int:
        return round(WIDTH * (moment - begins).total_seconds() / seconds)

    bars = [
        _bar(each, place(each.valid_from), place(each.valid_to or ends), names.index(each.name))
        for each in aliases
        if each.name in names
    ]
    lanes = [(name, LANE * index) for index, name in enumerate(names)]
    return Timeline(lanes, bars, begins, ends, LANE * len(names))


def _bar(each: Assignment, start: int, end: int, lane: int) -> Bar:
    start = min(start, WIDTH - SHORTEST)
    width = max(end - start, SHORTEST)
    until = f"{each.valid_to:%Y-%m-%d %H:%M}" if each.valid_to else "now"
    label = f"v{each.version.version}"
    return Bar(
        x=start, width=width, y=LANE * lane, label=label if width >= LABELLED_FROM else "",
        title=f"{each.name}: {label}, {each.valid_from:%Y-%m-%d %H:%M} to {until}", is_now=each.valid_to is None,
    )  # fmt: skip
