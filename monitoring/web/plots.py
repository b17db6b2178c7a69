"""Reports as plain figures for a template: places in a box of fixed size."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from monitoring.models import MonitorRun
from monitoring.validation import is_low_bad

WIDTH, HEIGHT = 280, 80
TREND_WIDTH, TREND_HEIGHT, PAD = 900, 160, 8


@dataclass(frozen=True)
class Pair:
    """Two bars of a bin, the reference on the left; `title` says both in words."""

    x: str
    y: str
    height: str
    other_x: str
    other_y: str
    other_height: str
    width: str
    title: str


@dataclass(frozen=True)
class Trend:
    """Values over time. `line` are points of a polyline, `bounds` are thresholds as (name, height, value)."""

    line: str
    dots: list[tuple[str, str, str, str]]
    bounds: list[tuple[str, str, float]]
    highest: float


def pairs(bins: dict[str, Any]) -> list[Pair]:
    """Both distributions side by side, or one alone; a bin that is empty in both is left out at the ends."""
    labels, actual = bins.get("labels", []), bins.get("actual", [])
    is_alone = not bins.get("reference")
    reference = bins.get("reference") or [0.0] * len(actual)
    kept = [place for place in range(len(labels)) if reference[place] or actual[place]]
    if not kept:
        return []
    places = range(kept[0], kept[-1] + 1)
    highest, step = max(*reference, *actual), WIDTH / len(places)
    width = max((step if is_alone else step / 2) - 1, 0.8)
    beside = 0.0 if is_alone else width
    return [
        Pair(
            _at(number * step), _at(HEIGHT * (1 - reference[place] / highest)),
            _at(HEIGHT * reference[place] / highest),
            _at(number * step + beside), _at(HEIGHT * (1 - actual[place] / highest)),
            _at(HEIGHT * actual[place] / highest), _at(width),
            f"{labels[place]}: {'' if is_alone else f'reference {reference[place]:.1%}, '}now {actual[place]:.1%}",
        )
        for number, place in enumerate(places)
    ]  # fmt: skip


def trend(runs: Sequence[MonitorRun], settings: dict[str, Any], kind: str) -> Trend | None:
    """The values of measurements, oldest first; None below two of them."""
    known = [run for run in runs if run.value is not None]
    if len(known) < 2:
        return None
    thresholds = [
        (name, float(settings["thresholds"][name]))
        for name in ("warn", "alert")
        if name in settings["thresholds"]
    ]
    values = [float(run.value or 0) for run in known]
    near = [
        bound for _, bound in thresholds if is_low_bad(kind, settings) or bound <= 4 * max(*values, 1e-12)
    ]
    highest = max([*values, *near]) * 1.08 or 1.0
    lowest = min([*values, 0.0])
    begin, end = known[0].ends_at.timestamp(), known[-1].ends_at.timestamp()

    def x(run: MonitorRun) -> str:
        return _at(PAD + (TREND_WIDTH - 2 * PAD) * (run.ends_at.timestamp() - begin) / max(end - begin, 1e-9))

    def y(value: float) -> str:
        return _at(TREND_HEIGHT - PAD - (TREND_HEIGHT - 2 * PAD) * (value - lowest) / (highest - lowest))

    dots = [
        (x(run), y(value), run.state, f"{run.ends_at:%Y-%m-%d %H:%M} UTC: {value:.4g}, {run.state.replace('_', ' ')}")
        for run, value in zip(known, values, strict=True)
    ]  # fmt: skip
    bounds = [(name, y(bound), bound) for name, bound in thresholds if lowest <= bound <= highest]
    return Trend(" ".join(f"{dot[0]},{dot[1]}" for dot in dots), dots, bounds, highest)


def _at(place: float) -> str:
    return f"{place:.1f}"
