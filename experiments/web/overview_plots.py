"""Plots of an experiment as figures for a template: places in a box of 680 by 200."""

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.selectors.experiment_overview import Activity, Point

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 680, 200, 64, 14, 12, 28
DOTS = 400
ORDER = ("FINISHED", "RUNNING", "SCHEDULED", "KILLED", "FAILED")


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    says: str
    run_id: str
    is_record: bool


@dataclass(frozen=True)
class Progress:
    """The values of runs as dots, and the best so far as a line of steps; `ticks` are places with their values."""

    says: str
    dots: list[Dot]
    line: str
    ticks: list[tuple[float, float]]
    first: int
    last: int


@dataclass(frozen=True)
class Bar:
    """A part of a day: the runs of one status."""

    x: float
    y: float
    width: float
    height: float
    status: str
    says: str


def progress_plot(points: Sequence[Point], key: str) -> Progress | None:
    """None where there is nothing to draw. Of very many runs every so many are drawn, and all that were a record."""
    if not points:
        return None
    low, high = min(each.value for each in points), max(each.value for each in points)
    first, last = points[0].start_time, points[-1].start_time
    every = -(-len(points) // DOTS)
    placed = [
        Dot(_right(_share(each.start_time, first, last)), _up(_share(each.value, low, high)),
            f"{each.name}: {each.value:.6g}", each.id, each.is_record)
        for number, each in enumerate(points) if each.is_record or number % every == 0
    ]  # fmt: skip
    steps: list[str] = []
    for record in (each for each in placed if each.is_record):
        steps += [
            *([f"H{record.x:.1f}", f"V{record.y:.1f}"] if steps else [f"M{record.x:.1f},{record.y:.1f}"])
        ]
    records = sum(each.is_record for each in points)
    says = f"{key} of {len(points)} runs; {records} of them were the best when they started"
    line = " ".join([*steps, f"H{WIDTH - RIGHT}"])
    middle = low / 2 + high / 2
    ticks = [(_up(_share(value, low, high)), value) for value in dict.fromkeys((low, middle, high))]
    return Progress(says, placed, line, ticks, first, last)


def activity_bars(found: Activity) -> tuple[list[Bar], int]:
    """Bars of days with their statuses one upon the other, and how many runs the highest day has."""
    totals = [sum(counts[day] for counts in found.by_status.values()) for day in range(len(found.days))]
    most, gap = max(totals, default=0), (WIDTH - LEFT - RIGHT) / len(found.days)
    bars = []
    for day, date in enumerate(found.days):
        below = 0
        for status in (each for each in ORDER if each in found.by_status):
            count = found.by_status[status][day]
            if not count:
                continue
            low, high = _up(below / most), _up((below + count) / most)
            says = f"{date:%b %-d}: {count} {status.lower()}"
            bars.append(Bar(LEFT + gap * day + 1, high, gap - 2, low - high, status.lower(), says))
            below += count
    return bars, most


def _share(value: float, low: float, high: float) -> float:
    return (value / 2 - low / 2) / (high / 2 - low / 2) if high > low else 0.5


def _right(share: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * share


def _up(share: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share
