"""A drawing of a pipeline: its steps in columns by how long the way to them is. Plain figures for a template."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from registry.lineage.layout import HEIGHT, WIDTH, columns_untangle, curve, places_of, size_of
from training.models import PipelineStep
from training.models.pipelines import RUNNING, WAITING
from training.pipelines.reading import needs_of
from training.selectors.pipelines import state_now

_LABEL_LENGTH = 25
_HEAD = 0
# The state of a step with several items is the first of these that one of them has.
_ORDER = (RUNNING, "failed", "cancelled", "blocked", WAITING, "done", "reused", "skipped")


@dataclass(frozen=True)
class StepBox:
    """One step with its place. `state` is empty where nothing runs; `anchor` is that of its row in the table."""

    name: str
    label: str
    caption: str
    state: str
    x: int
    y: int
    anchor: str

    @property
    def text_x(self) -> int:
        return self.x + 10

    @property
    def caption_y(self) -> int:
        return self.y + 35

    @property
    def text_y(self) -> int:
        return self.y + 19


@dataclass(frozen=True)
class PipelineDrawing:
    """What the template draws."""

    width: int
    height: int
    boxes: list[StepBox]
    lines: list[str]
    node_width: int = WIDTH
    node_height: int = HEIGHT


def pipeline_drawing(document: Mapping[str, Any], rows: Iterable[PipelineStep] = ()) -> PipelineDrawing:
    """Lay out the steps of a document, with the states of a run where its rows are given."""
    needs = {name: needs_of(step) for name, step in document["steps"].items()}
    columns = steps_columns(document)
    edges = [(need, name) for name in needs for need in sorted(_nearest(name, needs))]
    places = places_of(columns, _HEAD)
    width, height = size_of(columns, _HEAD)
    states: dict[str, list[str]] = {}
    for row in rows:
        states.setdefault(row.name, []).append(state_now(row))
    boxes = [
        _box(name, document["steps"][name], places[name], states.get(name, []))
        for column in columns
        for name in column
    ]
    lines = [curve(places[source], places[target]) for source, target in edges]
    return PipelineDrawing(width, height, boxes, lines)


def steps_columns(document: Mapping[str, Any]) -> list[list[str]]:
    """Each step one column after the last of those that it waits for; a saved document has no circle."""
    needs = {name: needs_of(step) for name, step in document["steps"].items()}
    depth: dict[str, int] = {}
    while len(depth) < len(needs):
        for name, before in needs.items():
            if name not in depth and before <= depth.keys():
                depth[name] = max((depth[need] + 1 for need in before), default=0)
    columns: list[list[str]] = [[] for _ in range(max(depth.values(), default=0) + 1)]
    for name, column in depth.items():
        columns[column].append(name)
    columns_untangle(columns, [(need, name) for name, each in needs.items() for need in sorted(each)])
    return columns


def _nearest(name: str, needs: Mapping[str, set[str]]) -> set[str]:
    """Those of the steps that it waits for to which no other one of them leads: the lines that say all."""
    behind: set[str] = set()
    waiting = [before for need in needs[name] for before in needs[need]]
    while waiting:
        each = waiting.pop()
        if each not in behind:
            behind.add(each)
            waiting += needs[each]
    return needs[name] - behind


def _box(name: str, step: Mapping[str, Any], place: tuple[int, int], states: list[str]) -> StepBox:
    label = name if len(name) <= _LABEL_LENGTH else f"{name[: _LABEL_LENGTH - 1]}…"
    state = next((each for each in _ORDER if each in states), "")
    return StepBox(name, label, _caption(step, states), state, *place, f"step-{name}")


def _caption(step: Mapping[str, Any], states: list[str]) -> str:
    if len(states) > 1:
        return ", ".join(f"{count} {state}" for state, count in Counter(states).items())
    if states:
        return states[0]
    traits = ("for each item" if "foreach" in step else "", "if it holds" if "when" in step else "")
    return ", ".join(each for each in traits if each) or "training"
