"""Plots as plain figures for a template: places in a box of fixed size, no library, no colours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SIZE, SMALL_WIDTH, SMALL_HEIGHT = 220, 132, 30


@dataclass(frozen=True)
class Bar:
    """A rectangle; `title` says in words what it stands for."""

    x: str
    y: str
    width: str
    height: str
    title: str


@dataclass(frozen=True)
class Dot:
    """A point; `title` as of a bar, `tone` from 0 (a low value of the column) to 4."""

    x: str
    y: str
    title: str
    tone: int = 0


def histogram(found: Mapping[str, Any], *, width: int = SMALL_WIDTH, height: int = SMALL_HEIGHT) -> list[Bar]:
    """Bars side by side from `{edges, counts}`."""
    counts, edges = found.get("counts") or [], found.get("edges") or []
    highest, step = max(counts, default=0), width / max(len(counts), 1)
    return [
        Bar(
            _at(number * step), _at(height - height * count / highest), _at(max(step - 1, 1)),
            _at(height * count / highest), f"{_short(edges[number])} to {_short(edges[number + 1])}: {count}",
        )
        for number, count in enumerate(counts)
        if highest and len(edges) > number + 1
    ]  # fmt: skip


def categories(top: Sequence[Mapping[str, Any]], others: int) -> list[Bar]:
    """One bar for each of the most frequent values."""
    counts = [(str(each["value"]), int(each["count"])) for each in top]
    if others:
        counts.append(("all others", others))
    highest, step = max((count for _, count in counts), default=0), SMALL_WIDTH / max(len(counts), 1)
    return [
        Bar(
            _at(number * step), _at(SMALL_HEIGHT - SMALL_HEIGHT * count / highest), _at(max(step - 1, 1)),
            _at(SMALL_HEIGHT * count / highest), f"{name}: {count}",
        )
        for number, (name, count) in enumerate(counts)
        if highest
    ]  # fmt: skip


def column_plot(column: Mapping[str, Any]) -> list[Bar]:
    """The small plot of a column of a profile."""
    if "histogram" in column:
        return histogram(column["histogram"])
    return categories(column.get("top", []), int(column.get("others", 0)))


def line(points: Sequence[Sequence[float]]) -> str:
    """A line through points of the unit square, as an SVG writes it."""
    return " ".join(f"{_at(x * SIZE)},{_at(SIZE - y * SIZE)}" for x, y in points)


def calibration(points: Sequence[Mapping[str, Any]]) -> list[Dot]:
    """Told score to the right, found share upwards."""
    return [
        Dot(
            _at(each["score"] * SIZE), _at(SIZE - each["share"] * SIZE),
            f"score {_short(each['score'])}: {_short(each['share'])} of {each['count']} rows",
        )
        for each in points
    ]  # fmt: skip


def pairs(points: Sequence[Sequence[float]]) -> list[Dot]:
    """The truth to the right, the prediction upwards, both on one scale."""
    values = [value for point in points for value in point]
    low, high = min(values, default=0.0), max(values, default=1.0)
    scale = SIZE / ((high - low) or 1.0)
    return [
        Dot(_at((x - low) * scale), _at(SIZE - (y - low) * scale), f"{_short(x)} predicted as {_short(y)}")
        for x, y in points
    ]


def importance(columns: Sequence[Mapping[str, Any]], *, rows: int = 15) -> list[dict[str, Any]]:
    """Each column with the length of its bar, of 52, and its SHAP values as dots around zero."""
    shown = columns[:rows]
    longest = max((each["importance"] or 0 for each in shown), default=0) or 1
    widest = max((abs(dot["shap"] or 0) for each in shown for dot in each.get("points", [])), default=0) or 1
    return [
        {
            "column": each["column"], "importance": each["importance"],
            "width": round(52 * (each["importance"] or 0) / longest),
            "dots": [_shap_dot(dot, widest, number) for number, dot in enumerate(each.get("points", []))],
        }
        for each in shown
    ]  # fmt: skip


def _shap_dot(dot: Mapping[str, Any], widest: float, number: int) -> Dot:
    value = dot["value"] if dot["value"] is not None else 0.5
    x = SIZE / 2 + (dot["shap"] or 0) / widest * (SIZE / 2 - 6)
    return Dot(
        _at(x),
        _at(6 + number * 7 % 13),
        f"moves the answer by {_short(dot['shap'] or 0)}",
        min(4, int(value * 5)),
    )


def _at(value: float) -> str:
    return f"{value:.1f}"


def _short(value: float) -> str:
    return f"{value:.4g}"
