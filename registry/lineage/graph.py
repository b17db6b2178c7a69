"""Questions to the graph, each one statement. What the actor may not see is counted as hidden and never named."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from portal.accounts.actor import Actor
from portal.kernel import sql
from portal.kernel.errors import InvalidInput, NotFound
from registry.lineage.catalogue import KINDS
from registry.lineage.coverage import Coverage, coverage_of
from registry.lineage.hops import ALL_HOPS
from registry.lineage.statements import DOWN, UP, blast_statement, graph_statement

DIRECTIONS = {"up": (UP,), "down": (DOWN,), "both": (UP, DOWN)}
DEFAULT_DEPTH, LARGEST_DEPTH = 12, 40
NODES_AT_MOST, LIVE_AT_MOST = 500, 1_000
_NODE = re.compile(r"(?P<kind>[a-z-]{1,20}):(?:m-)?(?P<id>[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12})")
_IS_LOADED = bool(ALL_HOPS)


@dataclass(frozen=True)
class NodeKey:
    """A kind and an id; its text is `run:0198…` with the id as 32 hex digits."""

    kind: str
    id: UUID

    def __str__(self) -> str:
        return f"{self.kind}:{self.id.hex}"

    @classmethod
    def parse(cls, text: str) -> "NodeKey":
        """The key behind a text. Raises InvalidInput."""
        match = _NODE.fullmatch(text)
        if match is None or match["kind"] not in KINDS:
            raise InvalidInput(
                f"'{text[:80]}' names no node. Give kind:id, such as run:{'0' * 32}; kinds: {', '.join(KINDS)}."
            )
        return cls(match["kind"], UUID(match["id"]))


@dataclass(frozen=True)
class Node:
    """One thing that was made. `same` are the ids of rows that mean the same dataset version."""

    id: str
    kind: str
    label: str
    depth: int
    facts: Mapping[str, Any] = field(default_factory=dict)
    is_unknown: bool = False
    is_live: bool = False
    same: tuple[str, ...] = ()


@dataclass(frozen=True)
class Edge:
    """`source` went into `target`."""

    source: str
    target: str
    verb: str


@dataclass(frozen=True)
class Graph:
    """The answer to a question: `hidden` counts nodes that the asker may not see, `left_out` those over the limit."""

    start: str
    direction: str
    depth: int
    nodes: list[Node]
    edges: list[Edge]
    hidden: int
    left_out: int
    is_cut: bool
    coverage: Coverage


@dataclass(frozen=True)
class BlastRadius:
    """All that is live and depends on a dataset version, and how many nodes of each kind depend on it."""

    start: str
    live: list[Node]
    systems: list[Node]
    counts: dict[str, int]
    hidden: int
    hidden_live: int
    left_out: int
    coverage: Coverage


def lineage_of(
    actor: Actor,
    start: NodeKey,
    *,
    direction: str = "both",
    depth: int = DEFAULT_DEPTH,
    limit: int = NODES_AT_MOST,
) -> Graph:
    """What a node was made from and what was made from it. Raises NotFound, also when it may not be seen."""
    rows = _rows(graph_statement(DIRECTIONS[direction]), actor, start, depth=depth, limit=limit)
    found = sorted(
        (_node(row) for row in rows if row[0] == "node"), key=lambda node: (node.depth, node.kind, node.id)
    )
    lacking = {node.id for node, row in _nodes_with(rows) if row[8]}
    same = _same_datasets(start, found)
    _seen_check(start, {node.id for node in found})
    nodes = _merged(found, same)
    edges = {_edge(row, same) for row in rows if row[0] == "edge"}
    _unknown_add(nodes, edges, {same.get(key, key) for key in lacking})
    counts = _counts(rows)
    return Graph(
        start=same.get(str(start), str(start)), direction=direction, depth=depth, nodes=nodes,
        edges=sorted(edges, key=lambda edge: (edge.source, edge.target, edge.verb)),
        hidden=sum(each["hidden"] for each in counts.values()),
        left_out=sum(each["seen"] for each in counts.values()) - len(found),
        is_cut=any(row[0] == "more" and row[5] > 0 for row in rows),
        coverage=coverage_of(counts),
    )  # fmt: skip


def blast_radius(actor: Actor, start: NodeKey, *, limit: int = LIVE_AT_MOST) -> BlastRadius:
    """Everything live downstream of a node, however deep. Raises NotFound, also when it may not be seen."""
    live = [kind.name for kind in KINDS.values() if kind.is_live]
    rows = _rows(blast_statement(), actor, start, live=[*live, "ai-system", start.kind], limit=limit)
    nodes = sorted((_node(row) for row in rows if row[0] == "node"), key=lambda node: (node.label, node.id))
    _seen_check(start, {node.id for node in nodes})
    counts = _counts(rows)
    shown = [node for node in nodes if node.kind in live]
    systems = [node for node in nodes if node.kind == "ai-system"]
    there = sum(counts[kind]["seen"] for kind in (*live, "ai-system") if kind in counts)
    return BlastRadius(
        start=str(start), live=shown, systems=systems,
        counts={kind: counts[kind]["seen"] for kind in KINDS if kind in counts},
        hidden=sum(each["hidden"] for each in counts.values()),
        hidden_live=sum(counts[kind]["hidden"] for kind in live if kind in counts),
        left_out=there - len(shown) - len(systems), coverage=coverage_of(counts),
    )  # fmt: skip


def data_blast_radius(actor: Actor, data_id: UUID) -> BlastRadius:
    """The same of a dataset version: one that runs logged, or one that was registered. Raises NotFound."""
    try:
        return blast_radius(actor, NodeKey("dataset", data_id))
    except NotFound as no:
        try:
            return blast_radius(actor, NodeKey("registered-data", data_id))
        except NotFound:
            raise no from None


def _rows(statement: str, actor: Actor, start: NodeKey, **params: Any) -> list[tuple[Any, ...]]:
    given = {"kind": start.kind, "id": start.id, "seen": actor.workspace_ids, **params}
    # Django leaves JSON of raw statements as text.
    return [(*row[:7], orjson.loads(row[7]) if row[7] else {}, row[8]) for row in sql.rows(statement, given)]


def _seen_check(start: NodeKey, ids: set[str]) -> None:
    if str(start) not in ids:
        raise NotFound(f"There is no {KINDS[start.kind].title.lower()} of that id, or you may not see it.")


def _node(row: tuple[Any, ...]) -> Node:
    _, kind, key, _, _, depth, label, facts, _ = row
    return Node(str(NodeKey(kind, key)), kind, label, depth, facts, is_live=KINDS[kind].is_live)


def _nodes_with(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Node, tuple[Any, ...]]]:
    return [(_node(row), row) for row in rows if row[0] == "node"]


def _edge(row: tuple[Any, ...], same: Mapping[str, str]) -> Edge:
    source, target = str(NodeKey(row[1], row[2])), str(NodeKey(row[3], row[4]))
    return Edge(same.get(source, source), same.get(target, target), row[6])


def _counts(rows: Iterable[tuple[Any, ...]]) -> dict[str, dict[str, int]]:
    return {row[1]: {"seen": row[5], **row[7]} for row in rows if row[0] == "count"}


def _same_datasets(start: NodeKey, nodes: Iterable[Node]) -> dict[str, str]:
    """Rows of the same dataset version, each with the id of the one that stands for them: the start before others."""
    first: dict[tuple[str, str], str] = {}
    same: dict[str, str] = {}
    for node in sorted(nodes, key=lambda node: (node.id != str(start), node.id)):
        if node.kind == "dataset":
            same[node.id] = first.setdefault((node.facts["name"], node.facts["digest"]), node.id)
    return same


def _merged(nodes: Iterable[Node], same: Mapping[str, str]) -> list[Node]:
    groups: dict[str, list[str]] = {}
    for key, stands in same.items():
        groups.setdefault(stands, []).append(key)
    return [
        Node(**{**vars(node), "same": tuple(sorted(groups[node.id]))}) if node.id in groups else node
        for node in nodes
        if same.get(node.id, node.id) == node.id
    ]


def _unknown_add(nodes: list[Node], edges: set[Edge], lacking: Iterable[str]) -> None:
    """A node in the place of each fact that was not recorded, so that nobody takes silence for completeness."""
    by_id = {node.id: node for node in nodes}
    for key in sorted(lacking):
        node = by_id[key]
        made = Node(f"unknown:{key}", "unknown", KINDS[node.kind].unknown, node.depth + 1, is_unknown=True)
        nodes.append(made)
        edges.add(Edge(made.id, key, "unknown"))
