"""Places of boxes in columns from left to right, and the lines between them; of any graph, by the ids of its nodes."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

WIDTH, HEIGHT = 190, 46
COLUMN_GAP, ROW_GAP, MARGIN, HEAD = 64, 14, 12, 26
ROUNDS = 4
Place: TypeAlias = tuple[int, int]


def columns_untangle(columns: Sequence[list[str]], edges: Iterable[tuple[str, str]]) -> None:
    """Order each column by the middle of its neighbours, there and back a few times: fewer lines cross."""
    beside: dict[str, list[str]] = {}
    for source, target in edges:
        beside.setdefault(source, []).append(target)
        beside.setdefault(target, []).append(source)
    for number in range(ROUNDS):
        for column in columns if number % 2 == 0 else reversed(columns):
            row = {node: place for each in columns for place, node in enumerate(each)}
            column.sort(key=lambda node: _middle(node, beside, row))


def places_of(columns: Sequence[Sequence[str]], head: int = HEAD) -> dict[str, Place]:
    """The upper left corner of each box; short columns stand in the middle."""
    tallest = max((len(column) for column in columns), default=0)
    step = HEIGHT + ROW_GAP
    return {
        node: (column_x(number), head + MARGIN + row * step + (tallest - len(column)) * step // 2)
        for number, column in enumerate(columns)
        for row, node in enumerate(column)
    }


def size_of(columns: Sequence[Sequence[str]], head: int = HEAD) -> tuple[int, int]:
    """Width and height of the whole drawing."""
    rows = max((len(column) for column in columns), default=1)
    width = 2 * MARGIN + len(columns) * (WIDTH + COLUMN_GAP) - COLUMN_GAP
    return width, head + 2 * MARGIN + rows * (HEIGHT + ROW_GAP) - ROW_GAP


def column_x(column: int) -> int:
    """Where a column begins."""
    return MARGIN + column * (WIDTH + COLUMN_GAP)


def curve(source: Place, target: Place) -> str:
    """The path of a line from the right of one box to the left of another."""
    start, end = source[0] + WIDTH, target[0]
    y1, y2 = source[1] + HEIGHT // 2, target[1] + HEIGHT // 2
    bend = max(24, (end - start) // 2)
    return f"M{start},{y1} C{start + bend},{y1} {end - bend},{y2} {end},{y2}"


def _middle(node: str, beside: dict[str, list[str]], row: dict[str, int]) -> float:
    rows = [row[other] for other in beside.get(node, [])]
    return sum(rows) / len(rows) if rows else row[node]
