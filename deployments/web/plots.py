"""The last quarter of an hour of an endpoint as small plots, drawn by the server."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from deployments.latency import PLACES, percentile
from deployments.models import Endpoint
from deployments.selectors.figures import SPAN, Figures, figures_series
from portal.kernel.clock import now

# A step holds whole spans of the sums, or lines would swing between one span and two.
WINDOW, STEP = dt.timedelta(minutes=15), 2 * SPAN
WIDTH, HEIGHT = 300, 60


@dataclass(frozen=True)
class Curve:
    """A line with its name: the places of an SVG, and its last value in words."""

    name: str
    points: str
    last: str


@dataclass(frozen=True)
class Plot:
    """One measure over time. `top` is what the upper edge stands for."""

    title: str
    unit: str
    top: str
    curves: list[Curve]


@dataclass(frozen=True)
class Moment:
    """All revisions together in one step."""

    requests: int
    errors: int
    latency: list[int]


def traffic_plots(endpoint: Endpoint) -> list[Plot]:
    """Requests per second, latency and errors; empty where nothing was asked in the window."""
    until = now()
    since = until - WINDOW
    found = figures_series(endpoint, since, until, STEP)
    if not found:
        return []
    moments = _moments(found, since)
    seconds = STEP.total_seconds()
    rates = [each.requests / seconds for each in moments[:-1]]  # the newest step is still being filled
    return [
        _plot("Requests", "/s", [("all", [*rates, None])]),
        _plot("Latency", "ms", [
            ("p50", [percentile(each.latency, 0.5) for each in moments]),
            ("p95", [percentile(each.latency, 0.95) for each in moments]),
        ]),
        _plot("Failed", "%", [
            ("5xx", [100 * each.errors / each.requests if each.requests else None for each in moments]),
        ], least=1.0),
    ]  # fmt: skip


def _moments(found: Sequence[Figures], since: dt.datetime) -> list[Moment]:
    steps = int(WINDOW / STEP)
    sums = [Moment(0, 0, [0] * PLACES) for _ in range(steps)]
    for each in found:
        number = int((each.begins - since) / STEP)
        if 0 <= number < steps:
            was = sums[number]
            latency = [one + other for one, other in zip(was.latency, each.latency, strict=True)]
            sums[number] = Moment(was.requests + each.requests, was.errors + each.server_errors, latency)
    return sums


def _plot(
    title: str, unit: str, series: Sequence[tuple[str, Sequence[float | None]]], *, least: float = 0.0
) -> Plot:
    """A step without a value is left out of the line."""
    known = [value for _, values in series for value in values if value is not None]
    top = max([*known, least, 1e-9])
    curves = [Curve(name, _points(values, top), _last(values)) for name, values in series]
    return Plot(title, unit, _short(top), curves)


def _points(values: Sequence[float | None], top: float) -> str:
    step = WIDTH / max(len(values) - 1, 1)
    places = [
        f"{number * step:.1f},{HEIGHT - 2 - (HEIGHT - 4) * value / top:.1f}"
        for number, value in enumerate(values)
        if value is not None
    ]
    return " ".join(places)


def _last(values: Sequence[float | None]) -> str:
    """The newest step is still being filled, so the one before it is told."""
    known = [value for value in values[:-1] if value is not None]
    return _short(known[-1]) if known else "–"


def _short(value: float) -> str:
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"
