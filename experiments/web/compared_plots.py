"""What models of several runs were drawn as: curves of one kind over one another, confusions and pictures side by side.

Curves come from tables that scripts log and from the portal's own evaluations. Of what MLflow only leaves as a picture
(autologging, mlflow.evaluate) the pictures stand beside one another.
"""

import json
import posixpath
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from experiments.artifacts.tables import table_start
from experiments.selectors.artifacts import run_place
from experiments.selectors.compared import Beside
from experiments.selectors.compared_files import FileLine, files_beside
from experiments.selectors.compared_sources import text_at
from experiments.web.curve_tables import CURVE_ROWS, Confusion, CurveTable, confusion_of, curve_of, line_of
from experiments.web.previews import IMAGE_BYTES, IMAGE_TYPES
from portal.kernel.errors import DomainError

PATHS_AT_MOST, PICTURES_AT_MOST, TABLE_BYTES = 12, 12, 1024 * 1024
EVALUATION = "evaluation/report.json"
_TOLD = re.compile(r"roc|pr_curve|precision|recall|calib|reliab|confusion|curve", re.IGNORECASE)
_READERS = 8


@dataclass(frozen=True)
class Overlay:
    """Curves of one kind and one file over one another."""

    title: str
    path: str
    across: str
    upwards: str
    lines: list[tuple[Beside, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Plots:
    """`confusions` and `pictures` are `(path, what each run has of it)`."""

    overlays: list[Overlay]
    confusions: list[tuple[str, list[tuple[Beside, Confusion]]]]
    pictures: list[tuple[str, list[Beside]]]


def plots_beside(runs: Sequence[Beside]) -> Plots:
    """The plots of runs; the caller has asked whether their artifacts may be read. Files are read several at a time."""
    files = files_beside(runs)
    tables = [line for line in files if _is_table(line.path)][:PATHS_AT_MOST]
    wanted = [(each, line.path) for line in tables for each in _having(runs, line, TABLE_BYTES)]
    with ThreadPoolExecutor(_READERS) as readers:
        found = list(
            readers.map(lambda pair: list(_read(run_place(pair[0].run, pair[1]).path, pair[1])), wanted)
        )
    overlays: dict[tuple[str, str], Overlay] = {}
    confusions: dict[str, list[tuple[Beside, Confusion]]] = {}
    for (each, path), parts in zip(wanted, found, strict=True):
        for part in parts:
            if isinstance(part, Confusion):
                confusions.setdefault(path, []).append((each, part))
                continue
            made = overlays.setdefault(
                (part.title, path), Overlay(part.title, path, part.across, part.upwards)
            )
            made.lines.append((each, part.points))
    images = sorted(
        (line for line in files if posixpath.splitext(line.path)[1].lower() in IMAGE_TYPES),
        key=lambda line: (
            not _TOLD.search(line.path),
            -sum(size is not None for size in line.sizes),
            line.path,
        ),
    )
    pictures = [(line.path, _having(runs, line, IMAGE_BYTES)) for line in images[:PICTURES_AT_MOST]]
    return Plots(
        sorted(overlays.values(), key=lambda made: (made.title, made.path)), sorted(confusions.items()),
        [(path, having) for path, having in pictures if having],
    )  # fmt: skip


def _is_table(path: str) -> bool:
    name, suffix = posixpath.splitext(posixpath.basename(path))
    return path == EVALUATION or (suffix.lower() in (".csv", ".tsv", ".json") and bool(_TOLD.search(name)))


def _having(runs: Sequence[Beside], line: FileLine, most: int) -> list[Beside]:
    return [each for each, size in zip(runs, line.sizes, strict=True) if size is not None and size <= most]


def _read(place: str, path: str) -> Iterator[CurveTable | Confusion]:
    if path == EVALUATION:
        yield from _evaluated(text_at(place) or "")
        return
    with suppress(DomainError):
        table = table_start(place, CURVE_ROWS)
        found = table and (confusion_of(table.head, table.rows) or curve_of(table.head, table.rows))
        if found:
            yield found


def _evaluated(text: str) -> Iterator[CurveTable | Confusion]:
    """The plots of an evaluation's report, which a training may have written as it likes."""
    plots: Any = None
    with suppress(ValueError, RecursionError, AttributeError):
        plots = json.loads(text).get("plots")
    if not isinstance(plots, dict):
        return
    with suppress(ValueError, TypeError, KeyError):
        if points := [(float(x), float(y)) for x, y in plots.get("roc") or ()]:
            yield CurveTable("ROC", "false positives", "true positives", line_of(points))
    with suppress(ValueError, TypeError, KeyError):
        if points := [
            (float(each["score"]), float(each["share"])) for each in plots.get("calibration") or ()
        ]:
            yield CurveTable("Calibration", "told score", "found share", line_of(points))
    with suppress(ValueError, TypeError, KeyError):
        confusion = plots["confusion"]
        labels = [str(label) for label in confusion["labels"]]
        rows = [[label, *map(str, counts)] for label, counts in zip(labels, confusion["counts"], strict=True)]
        if made := confusion_of(["", *labels], rows):
            yield made
