"""Tables that are curves or counts: ROC, precision and recall, calibration, confusion; drawn in a unit square."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

SIZE, CURVE_ROWS = 320, 5_000
# Across and upwards, under the names that scikit-learn and common scripts give to them.
_CURVES = (
    ("ROC", ("fpr", "false_positive_rate", "false positive rate"), ("tpr", "true_positive_rate", "true positive rate")),
    ("Precision and recall", ("recall",), ("precision",)),
    ("Calibration", ("prob_pred", "mean_predicted_value", "mean predicted probability", "score"),
     ("prob_true", "fraction_of_positives", "fraction of positives", "share")),
)  # fmt: skip


@dataclass(frozen=True)
class CurveTable:
    """One curve: what it is, the names of its axes, and its line as an SVG writes it."""

    title: str
    across: str
    upwards: str
    points: str


@dataclass(frozen=True)
class Confusion:
    """Counts of truth (rows) and answer (columns); `tone` from 0 to 4 is the share of the row."""

    labels: list[str]
    rows: list[tuple[str, list[tuple[str, int]]]]


def curve_of(head: Sequence[str], rows: Sequence[Sequence[str]]) -> CurveTable | None:
    """The curve that a table is, by the names of its columns; None where it is none."""
    names = [name.strip().lower() for name in head]
    for title, across, upwards in _CURVES:
        xs = next((names.index(name) for name in across if name in names), None)
        ys = next((names.index(name) for name in upwards if name in names), None)
        if xs is None or ys is None:
            continue
        points = [(_number(row, xs), _number(row, ys)) for row in rows]
        inside = [
            (x, y) for x, y in points if x is not None and y is not None and 0 <= x <= 1 and 0 <= y <= 1
        ]
        if len(inside) > 1:
            return CurveTable(title, head[xs], head[ys], line_of(inside))
    return None


def line_of(points: Sequence[tuple[float, float]]) -> str:
    """Points of the unit square as an SVG writes a line; those that fall on one place of the drawing once.

    The places have three digits, of which values with five can be read.
    """
    seen = {f"{x * SIZE:.1f},{y * SIZE:.1f}": (x, y) for x, y in points}
    return " ".join(f"{x * SIZE:.3f},{SIZE - y * SIZE:.3f}" for x, y in seen.values())


def confusion_of(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Confusion | None:
    """A square of counts whose first column repeats the names of the others; None for any other table."""
    labels = list(head[1:])
    if not 2 <= len(labels) <= 50 or [row[0] if row else "" for row in rows] != labels:
        return None
    found = []
    for label, *cells in rows:
        counts = [_number(cells, index) for index in range(len(labels))]
        if any(count is None or count < 0 for count in counts):
            return None
        total = sum(count or 0 for count in counts) or 1
        found.append(
            (
                label,
                [
                    (cell, min(4, int((count or 0) / total * 5)))
                    for cell, count in zip(cells, counts, strict=False)
                ],
            )
        )
    return Confusion(labels, found)


def _number(row: Sequence[str], index: int) -> float | None:
    try:
        number = float(row[index])
    except (ValueError, IndexError):
        return None
    return number if math.isfinite(number) else None
