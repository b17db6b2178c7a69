"""Plots of a set of runs as plain figures for templates: places in a box, no colours but the numbers of runs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from experiments.selectors.compared import Beside
from experiments.selectors.run_sets import Column

WIDE, WIDTH, HEIGHT = 1120, 520, 300
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 14, 40
AXES_AT_MOST = 12
_LABEL = 14


@dataclass(frozen=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True)
class Axis:
    """One axis of parallel coordinates."""

    x: float
    name: str
    ticks: list[Tick]


@dataclass(frozen=True)
class Shape:
    """A line, dot or bar: `points` of a line or `x`, `y` and `r`, `width`, `height`; `says` names it in words."""

    says: str
    colour: int = 0
    points: str = ""
    x: float = 0
    y: float = 0
    r: float = 0
    width: float = 0
    height: float = 0
    tone: int = 0


@dataclass(frozen=True)
class Plot:
    """Shapes with the ticks of both axes."""

    says: str
    shapes: list[Shape]
    axes: list[Axis] = field(default_factory=list)
    across: list[Tick] = field(default_factory=list)
    upwards: list[Tick] = field(default_factory=list)


@dataclass(frozen=True)
class Scale:
    """Values of a column as shares from 0 to 1, logarithmic where positive numbers span a thousandfold."""

    column: Column

    @property
    def numbers(self) -> list[float]:
        return [value for value in self.column.values if isinstance(value, float)]

    @property
    def is_log(self) -> bool:
        found = self.numbers
        return bool(found) and min(found) > 0 and max(found) / min(found) >= 1000

    def of(self, value: float | str | None) -> float | None:
        """None where the run has no value."""
        if value is None:
            return None
        if not self.column.is_number:
            choices = self.column.choices
            return choices.index(str(value)) / max(len(choices) - 1, 1)
        low, high, place = min(self.numbers), max(self.numbers), float(value)
        if self.is_log:
            low, high, place = math.log(low), math.log(high), math.log(place)
        return (place / 2 - low / 2) / (high / 2 - low / 2) if high > low else 0.5

    def ticks(self) -> list[tuple[float, str]]:
        """Shares with their labels: both ends and the middle of numbers, up to ten texts."""
        if not self.column.is_number:
            return [(self.of(choice) or 0, choice[:_LABEL]) for choice in self.column.choices[:10]]
        low, high = min(self.numbers), max(self.numbers)
        middle = math.sqrt(low * high) if self.is_log else low / 2 + high / 2
        return [(share, f"{value:.4g}") for share, value in ((0, low), (0.5, middle), (1, high))]


def parallel(runs: Sequence[Beside], columns: Sequence[Column]) -> Plot:
    """Each run as a line over the columns; runs that lack one are left out."""
    shown = columns[:AXES_AT_MOST]
    gap = (WIDE - LEFT - RIGHT) / max(len(shown) - 1, 1)
    scales = [Scale(column) for column in shown]
    axes = [
        Axis(LEFT + gap * n, scale.column.name, [Tick(_up(share), label) for share, label in scale.ticks()])
        for n, scale in enumerate(scales)
    ]
    shapes = []
    for number, each in enumerate(runs):
        places = [scale.of(scale.column.values[number]) for scale in scales]
        if None in places:
            continue
        points = " ".join(f"{axis.x:.1f},{_up(y or 0):.1f}" for axis, y in zip(axes, places, strict=True))
        says = ", ".join(f"{scale.column.name} {_said(scale.column.values[number])}" for scale in scales)
        shapes.append(Shape(f"{each.run.name}: {says}", each.colour, points=points))
    return Plot(f"{len(shapes)} runs over {', '.join(scale.column.name for scale in scales)}", shapes, axes)


def scatter(runs: Sequence[Beside], x: Column, y: Column, colour: Column | None, size: Column | None) -> Plot:
    """A dot a run; the tone of five from the column of colour, else the colour of the run."""
    scales = [Scale(column) for column in (x, y)]
    tones, sizes = (Scale(column) if column else None for column in (colour, size))
    shapes = []
    for number, each in enumerate(runs):
        across, up = (scale.of(scale.column.values[number]) for scale in scales)
        if across is None or up is None:
            continue
        tone = tones.of(tones.column.values[number]) if tones else None
        large = sizes.of(sizes.column.values[number]) if sizes else None
        named = [each for each in (x, y, colour, size) if each]
        says = ", ".join(f"{column.name} {_said(column.values[number])}" for column in named)
        shapes.append(
            Shape(f"{each.run.name}: {says}", each.colour if tone is None else 0, x=_right(across), y=_up(up),
                  r=5 if large is None else 3 + 8 * large, tone=0 if tone is None else 1 + min(4, int(tone * 5)))
        )  # fmt: skip
    return Plot(
        f"{len(shapes)} runs by {x.name} and {y.name}", shapes,
        across=[Tick(_right(share), label) for share, label in scales[0].ticks()],
        upwards=[Tick(_up(share), label) for share, label in scales[1].ticks()],
    )  # fmt: skip


def histogram(column: Column) -> Plot:
    """How many runs have which values of a metric."""
    numbers = np.array(Scale(column).numbers)
    counts, edges = np.histogram(numbers / 2, bins=min(20, max(5, int(math.sqrt(len(numbers)) * 2))))
    step, most = (WIDTH - LEFT - RIGHT) / len(counts), max(int(counts.max()), 1)
    shapes = [
        Shape(f"{2 * edges[n]:.4g} to {2 * edges[n + 1]:.4g}: {count} runs", x=LEFT + n * step, y=_up(count / most),
              width=step - 2, height=_up(0) - _up(count / most))
        for n, count in enumerate(counts.tolist())
        if count
    ]  # fmt: skip
    across = [
        Tick(_right(share), f"{2 * edges[0] + share * 2 * (edges[-1] - edges[0]):.4g}")
        for share in (0, 0.5, 1)
    ]
    return Plot(f"{column.name} of {len(numbers)} runs", shapes, across=across,
                upwards=[Tick(_up(0), "0"), Tick(_up(1), str(most))])  # fmt: skip


@dataclass(frozen=True)
class Box:
    """A group's quartiles as places, with its values as dots."""

    name: str
    x: float
    low: float
    first: float
    middle: float
    third: float
    high: float
    says: str

    @property
    def height(self) -> float:
        """Of the box between the quartiles."""
        return round(max(1.0, self.first - self.third), 1)


def boxes(metric: Column, groups: Column | None) -> tuple[list[Box], list[Tick]]:
    """The quartiles of a metric, for each value of a param with at most 12 of them."""
    by_group: dict[str, list[float]] = {}
    for number, value in enumerate(metric.values):
        if isinstance(value, float):
            by_group.setdefault(_said(groups.values[number]) if groups else "all", []).append(value)
    scale, gap = Scale(metric), (WIDTH - LEFT - RIGHT) / max(len(by_group), 1)
    made = []
    for n, (name, values) in enumerate(
        sorted(by_group.items(), key=lambda item: _order(item[0]))[:AXES_AT_MOST]
    ):
        five: list[float] = np.percentile(values, [0, 25, 50, 75, 100]).tolist()
        low, first, middle, third, high = (_up(scale.of(number) or 0) for number in five)
        spelled = ", ".join(f"{number:.4g}" for number in five)
        says = f"{name}: {len(values)} runs; lowest, quartiles, highest: {spelled}"
        made.append(Box(name[:_LABEL], LEFT + gap * (n + 0.5), low, first, middle, third, high, says))
    return made, [Tick(_up(share), label) for share, label in scale.ticks()]


def _order(name: str) -> tuple[float, str]:
    try:
        return float(name), name
    except ValueError:
        return math.inf, name


def _up(share: float) -> float:
    return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - share), 1)


def _right(share: float) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * share, 1)


def _said(value: float | str | None) -> str:
    return "none" if value is None else f"{value:.4g}" if isinstance(value, float) else value
