"""A drawing of a graph: a column per kind, from data to what is live. Plain figures for a template; no library.

Nothing here knows colours: the template gives classes, the style sheet the rest.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from registry.lineage.catalogue import KINDS
from registry.lineage.graph import Edge, Graph, Node
from registry.lineage.layout import (
    HEIGHT,
    WIDTH,
    Place,
    column_x,
    columns_untangle,
    curve,
    places_of,
    size_of,
)

DRAWN_AT_MOST = 120
_LABEL_LENGTH = 25


@dataclass(frozen=True)
class Box:
    """A node with its place; `description` says in words what the box and its lines show."""

    node: Node
    x: int
    y: int
    text: str
    caption: str
    url: str
    css: str
    description: str

    @property
    def text_x(self) -> int:
        return self.x + 10

    @property
    def caption_y(self) -> int:
        return self.y + 17

    @property
    def text_y(self) -> int:
        return self.y + 35


@dataclass(frozen=True)
class Line:
    """An edge as the path of an SVG."""

    path: str
    css: str
    title: str


@dataclass(frozen=True)
class Heading:
    """The name of a column."""

    x: int
    text: str


@dataclass(frozen=True)
class Drawing:
    """What the template draws. `left_out` nodes are in the graph but not drawn."""

    width: int
    height: int
    boxes: list[Box]
    lines: list[Line]
    headings: list[Heading]
    left_out: int
    node_width: int = WIDTH
    node_height: int = HEIGHT


def drawing_of(graph: Graph, address: Callable[[Node], str]) -> Drawing:
    """Lay the graph out; `address` gives the page of a node, or nothing where it has none."""
    nodes = sorted(graph.nodes, key=lambda node: (node.id != graph.start, node.depth))[:DRAWN_AT_MOST]
    drawn = {node.id for node in nodes}
    edges = [edge for edge in graph.edges if edge.source in drawn and edge.target in drawn]
    columns = _columns(nodes, edges)
    ids = [[node.id for node in column] for column in columns]
    columns_untangle(ids, [(edge.source, edge.target) for edge in edges])
    places, known = places_of(ids), {node.id: node for node in nodes}
    width, height = size_of(ids)
    return Drawing(
        width=width,
        height=height,
        boxes=[_box(known[key], places[key], graph, edges, address) for column in ids for key in column],
        lines=[_line(edge, places) for edge in edges],
        headings=[Heading(column_x(number), _title(column)) for number, column in enumerate(columns)],
        left_out=len(graph.nodes) - len(nodes) + graph.left_out,
    )


def _columns(nodes: Sequence[Node], edges: Sequence[Edge]) -> list[list[Node]]:
    """Nodes by layer. A chain of one kind (a run to the next run) takes as many columns as it is long."""
    rank = _ranks(nodes, edges)
    columns: dict[int, list[Node]] = {}
    for node in nodes:
        columns.setdefault(rank[node.id], []).append(node)
    return [columns[number] for number in sorted(columns)]


def _ranks(nodes: Sequence[Node], edges: Sequence[Edge]) -> dict[str, int]:
    """The longest way from above, at least that of the layers of the kinds; the rounds are bounded for circles."""
    rank = {node.id: _layer(node) for node in nodes}
    for _ in range(len(nodes)):
        changed = False
        for edge in edges:
            if rank[edge.source] >= rank[edge.target] and rank[edge.source] < len(nodes) + 7:
                rank[edge.target] = rank[edge.source] + 1
                changed = True
        if not changed:
            break
    return _pulled(rank, nodes, edges)


def _pulled(rank: dict[str, int], nodes: Sequence[Node], edges: Sequence[Edge]) -> dict[str, int]:
    """What leads somewhere stands right before it: a dataset of the third run is drawn beside that run."""
    following: dict[str, list[str]] = {}
    for edge in edges:
        following.setdefault(edge.source, []).append(edge.target)
    for node in sorted(nodes, key=lambda each: -rank[each.id]):
        nearest = min((rank[target] for target in following.get(node.id, [])), default=None)
        if nearest is not None and node.kind in ("dataset", "unknown"):
            rank[node.id] = max(rank[node.id], nearest - 1)
    return rank


def _layer(node: Node) -> int:
    if not node.is_unknown:
        return KINDS[node.kind].layer
    return max(0, KINDS[node.id.split(":")[1]].layer - 1)


def _title(column: Sequence[Node]) -> str:
    kinds = {node.kind for node in column} - {"unknown"}
    titles = [kind.title for kind in KINDS.values() if kind.name in kinds]
    return " · ".join(titles) or "Unknown"


def _box(
    node: Node, place: tuple[int, int], graph: Graph, edges: Sequence[Edge], address: Callable[[Node], str]
) -> Box:
    caption = "Unknown" if node.is_unknown else KINDS[node.kind].title
    text = node.label if len(node.label) <= _LABEL_LENGTH else f"{node.label[: _LABEL_LENGTH - 1]}…"
    css = " ".join(
        word
        for word, holds in (
            (f"node-{node.kind}", True), ("is-start", node.id == graph.start), ("is-live", node.is_live),
            ("is-deleted", bool(node.facts.get("deleted"))),
        )
        if holds
    )  # fmt: skip
    url = "" if node.is_unknown else address(node)
    return Box(node, place[0], place[1], text, caption, url, css, _description(node, caption, graph, edges))


def _description(node: Node, caption: str, graph: Graph, edges: Sequence[Edge]) -> str:
    """What a reader of the screen hears instead of the lines."""
    labels = {each.id: each.label for each in graph.nodes}
    into = sorted({f"{edge.verb} {labels[edge.target]}" for edge in edges if edge.source == node.id})
    out = sorted({labels[edge.source] for edge in edges if edge.target == node.id})
    parts = [f"{caption}: {node.label}"]
    if node.facts.get("deleted"):
        parts.append("deleted")
    if out:
        parts.append(f"from {', '.join(out)}")
    if into:
        parts.append("; ".join(into))
    return ". ".join(parts)[:600]


def _line(edge: Edge, places: dict[str, Place]) -> Line:
    path = curve(places[edge.source], places[edge.target])
    return Line(path, "is-unknown" if edge.verb == "unknown" else "", edge.verb)
