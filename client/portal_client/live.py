"""What a notebook shows: HTML and SVG without scripts, drawn anew in place while a run is running."""

from __future__ import annotations

import html
import math
import threading
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portal_client.runs import Point, Run, Runs

COLOURS = ("#2f6fdb", "#d9730d", "#0f8a5f", "#b0379b", "#7a5af0", "#a3790a", "#c43d3d", "#3a8ca8")
WIDTH, HEIGHT, LEFT, BELOW = 640, 280, 60, 30
SHOWN = 20
_CELL = "padding:3px 10px;text-align:left;white-space:nowrap"


class Live:
    """Something that is drawn from runs. In a notebook, a thread draws it anew until no run is running or `stop`."""

    def __init__(self, runs: Runs, *, every: float) -> None:
        self._runs, self._every = runs, max(0.2, every)
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def html(self, runs: Sequence[Run]) -> str:
        """What is shown of the runs."""
        raise NotImplementedError

    def stop(self) -> None:
        """Draw no more."""
        self._stopped.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nothing is drawn any more; whether that is so."""
        if self._thread is not None:
            self._thread.join(timeout)
        return self._thread is None or not self._thread.is_alive()

    def _repr_html_(self) -> str:
        return self.html(list(self._runs))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        runs = list(self._runs)
        return {"text/html": self.html(runs), "text/plain": f"{len(runs)} runs"}

    def _ipython_display_(self) -> None:
        shown: Any = import_module("IPython.display")  # only a notebook has it
        runs = list(self._runs)
        handle: Any = shown.display(shown.HTML(self.html(runs)), display_id=True)
        if handle is not None and any(run.is_running for run in runs):
            self._stopped.clear()
            self._thread = threading.Thread(target=self._follow, args=(handle, shown.HTML), daemon=True)
            self._thread.start()

    def _follow(self, handle: Any, shown: Any) -> None:
        before, is_live = "", True
        while is_live and not self._stopped.wait(self._every):
            try:
                runs = list(self._runs)
                drawn = self.html(runs)
            except (
                Exception
            ) as error:  # the portal may come back; until then the notebook says why it stands still
                drawn, runs = (
                    f"{before}<p>Not up to date: {html.escape(str(error))}</p>",
                    runs if before else [],
                )
            else:
                before, is_live = drawn, any(run.is_running for run in runs)
            handle.update(shown(drawn))


class Table(Live):
    """Runs as rows."""

    def __init__(self, runs: Runs, columns: Sequence[str], *, every: float) -> None:
        super().__init__(runs, every=every)
        self._columns = tuple(columns)

    def html(self, runs: Sequence[Run]) -> str:
        columns = self._columns or _columns(runs)
        head = "".join(
            f'<th scope="col" style="{_CELL}">{html.escape(name)}</th>'
            for name in ("run", "status", *columns)
        )
        rows = "".join(
            f'<tr><th scope="row" style="{_CELL}">{html.escape(run.name)}</th>'
            f'<td style="{_CELL}">{run.status.lower()}</td>'
            + "".join(f'<td style="{_CELL}">{_cell(run, name)}</td>' for name in columns)
            + "</tr>"
            for run in runs
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


class Chart(Live):
    """A metric as lines, of the first 20 runs that have it."""

    def __init__(self, runs: Runs, metric: str, *, every: float) -> None:
        super().__init__(runs, every=every)
        self._metric = metric

    def html(self, runs: Sequence[Run]) -> str:
        drawn = [run for run in runs if self._metric in run.metrics][:SHOWN]
        lines = self._runs.points(drawn, self._metric)
        finite = [point for points in lines.values() for point in points if math.isfinite(point.value)]
        if not finite:
            return f"<p>No run has logged {html.escape(self._metric)}.</p>"
        box = (
            min(point.step for point in finite), max(point.step for point in finite),
            min(point.value for point in finite), max(point.value for point in finite),
        )  # fmt: skip
        paths = "".join(
            f'<polyline fill="none" stroke="{COLOURS[n % len(COLOURS)]}" stroke-width="1.5" '
            f'points="{_places(lines[run.id], box)}">'
            f"<title>{html.escape(run.name)}</title></polyline>"
            for n, run in enumerate(drawn)
        )
        legend = " ".join(
            f'<span style="color:{COLOURS[n % len(COLOURS)]}">■ {html.escape(run.name)}</span>'
            for n, run in enumerate(drawn)
        )
        title = f"<figcaption><b>{html.escape(self._metric)}</b> by step</figcaption>"
        return f"<figure>{title}{_frame(paths, box)}<div>{legend}</div></figure>"


def _columns(runs: Sequence[Run]) -> list[str]:
    params = dict.fromkeys(f"params.{key}" for run in runs for key in run.params)
    metrics = dict.fromkeys(f"metrics.{key}" for run in runs for key in run.metrics)
    return [*sorted(params), *sorted(metrics)]


def _cell(run: Run, name: str) -> str:
    kind, _, key = name.partition(".")
    if kind == "metrics":
        value = run.metrics.get(key)
        return "" if value is None else f"{value:.6g}"
    return html.escape((run.params if kind == "params" else run.tags).get(key, ""))


def _places(points: Sequence[Point], box: tuple[int, int, float, float]) -> str:
    left, right, low, high = box
    across, up = (right - left) or 1, (high - low) or 1.0
    return " ".join(
        f"{LEFT + (point.step - left) / across * (WIDTH - LEFT - 10):.1f},"
        f"{HEIGHT - BELOW - (point.value - low) / up * (HEIGHT - BELOW - 10):.1f}"
        for point in sorted(points, key=lambda point: (point.step, point.at))
        if math.isfinite(point.value)
    )


def _frame(inside: str, box: tuple[int, int, float, float]) -> str:
    left, right, low, high = box
    floor = HEIGHT - BELOW
    words = "".join(
        f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="11" fill="currentColor">{text}</text>'
        for x, y, anchor, text in (
            (LEFT - 6, floor, "end", f"{low:.4g}"), (LEFT - 6, 18, "end", f"{high:.4g}"),
            (LEFT, HEIGHT - 10, "middle", left), (WIDTH - 10, HEIGHT - 10, "end", right),
        )
    )  # fmt: skip
    axes = (
        f'<path d="M{LEFT} 10V{floor}H{WIDTH - 10}" fill="none" stroke="currentColor" stroke-opacity=".4"/>'
    )
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}"'
    return f'<svg {size} role="img" aria-label="Lines by step">{axes}{words}{inside}</svg>'
