"""Where things stand in the plots of a sweep: plain numbers, drawn as SVG by the templates."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from training.models import Sweep, Trial
from training.sweeps.facts import COMPLETE

WIDTH, HEIGHT = 640, 240
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 12, 24
MOST_LINES = 300
_BANDS = 4


@dataclass(frozen=True)
class Mark:
    """One thing in a plot; `kind` is its class, `says` what a pointer at it tells."""

    x: float
    y: float
    kind: str
    says: str


@dataclass(frozen=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True)
class History:
    """Values by the number of the trial, and the best until then."""

    marks: list[Mark]
    best: str
    rows: list[Tick]
    columns: list[Tick]
    says: str


@dataclass(frozen=True)
class Axis:
    x: float
    name: str
    ticks: list[Tick]


@dataclass(frozen=True)
class Line:
    points: str
    kind: str
    says: str


@dataclass(frozen=True)
class Parallel:
    """Each trial as a line over the axes of the parameters to that of the objective, the best drawn last."""

    axes: list[Axis]
    lines: list[Line]
    says: str


def history_plot(sweep: Sweep, trials: Sequence[Trial]) -> History | None:
    """The first objective over the trials; None while none is complete."""
    done = [trial for trial in trials if trial.state == COMPLETE]
    if not done:
        return None
    metric, is_less = _objective(sweep)
    low, high = _span([trial.values[0] for trial in done])
    last = max(trial.number for trial in done) or 1

    def place(number: int, value: float) -> tuple[float, float]:
        return LEFT + (WIDTH - LEFT - RIGHT) * number / last, _upwards(value, low, high)

    best, steps = done[0].values[0], []
    for trial in done:
        before = best
        best = min(best, trial.values[0]) if is_less else max(best, trial.values[0])
        x, _ = place(trial.number, best)
        steps += [f"{x:.1f},{place(0, before)[1]:.1f}", f"{x:.1f},{place(0, best)[1]:.1f}"]
    marks = [
        Mark(
            *place(trial.number, trial.values[0]),
            "best" if trial.pk == sweep.best_id else "",
            _said(trial, metric),
        )
        for trial in done
    ]
    rows = [Tick(_upwards(value, low, high), _short(value)) for value in (low, (low + high) / 2, high)]
    columns = [Tick(place(number, low)[0], str(number)) for number in sorted({0, last // 2, last})]
    says = f"{metric} of {len(done)} complete trials; the best is {_short(best)}. The table of trials has every value."
    return History(marks, " ".join(steps), rows, columns, says)


def parallel_plot(sweep: Sweep, trials: Sequence[Trial]) -> Parallel | None:
    """The last complete trials over all parameters; None while there are less than two."""
    done = [trial for trial in trials if trial.state == COMPLETE][-MOST_LINES:]
    if len(done) < 2:
        return None
    metric, is_less = _objective(sweep)
    names = list(sweep.spec["space"])
    values = [trial.values[0] for trial in done]
    low, high = _span(values)
    gap = (WIDTH - LEFT - RIGHT) / len(names)
    axes = [_axis(LEFT + gap * index, name, sweep.spec["space"][name]) for index, name in enumerate(names)]
    ends = [Tick(_upwards(value, low, high), _short(value)) for value in (low, high)]
    axes.append(Axis(WIDTH - RIGHT, metric, ends))
    ranked = sorted(done, key=lambda trial: trial.values[0], reverse=is_less)
    lines = []
    for rank, trial in enumerate(ranked):
        heights = [_height(trial.params[name], sweep.spec["space"][name]) for name in names]
        heights.append(_upwards(trial.values[0], low, high))
        points = " ".join(f"{axis.x:.1f},{y:.1f}" for axis, y in zip(axes, heights, strict=True))
        kind = "best" if trial.pk == sweep.best_id else f"band{rank * _BANDS // len(ranked) + 1}"
        lines.append(Line(points, kind, _said(trial, metric)))
    says = f"{len(done)} trials over {', '.join(names)} and {metric}; the table of trials has every value."
    return Parallel(axes, lines, says)


def importance_rows(sweep: Sweep) -> list[dict[str, Any]]:
    """For each objective the parameters by their share, with the width of a bar."""
    rows = []
    for objective, shares in zip(sweep.spec["objectives"], sweep.importance, strict=False):
        ordered = sorted(shares.items(), key=lambda item: -item[1])
        parts = [{"name": name, "share": share, "width": round(52 * share, 1)} for name, share in ordered]
        rows.append({"metric": objective["metric"], "parts": parts})
    return rows


def _objective(sweep: Sweep) -> tuple[str, bool]:
    first: Mapping[str, str] = sweep.spec["objectives"][0]
    return first["metric"], first["direction"] == "minimize"


def _span(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _upwards(value: float, low: float, high: float) -> float:
    share = (value - low) / (high - low) if high > low else 0.5
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - min(1.0, max(0.0, share)))


def _axis(x: float, name: str, one: Mapping[str, Any]) -> Axis:
    if one["type"] == "categorical":
        return Axis(x, name, [Tick(_height(choice, one), str(choice)[:12]) for choice in one["choices"][:10]])
    return Axis(x, name, [Tick(_height(value, one), _short(value)) for value in (one["low"], one["high"])])


def _height(value: Any, one: Mapping[str, Any]) -> float:
    if one["type"] == "categorical":
        last = len(one["choices"]) - 1
        return _upwards(one["choices"].index(value), 0, last)
    if one.get("log"):
        return _upwards(math.log(value), math.log(one["low"]), math.log(one["high"]))
    return _upwards(value, one["low"], one["high"])


def _short(value: float) -> str:
    return f"{value:.4g}"


def _said(trial: Trial, metric: str) -> str:
    params = ", ".join(f"{name}={_text(value)}" for name, value in trial.params.items())
    return f"Trial {trial.number}: {metric} {_short(trial.values[0])}; {params}"


def _text(value: Any) -> str:
    return _short(value) if isinstance(value, float) else str(value)
