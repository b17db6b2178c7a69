"""The kinds of nodes and the hops between them. An app above adds its own here, when it is loaded.

A deployment is a kind like any other: `lineage_kind_declare` it with `is_live=True`, then `lineage_hop_declare` the
hop from `version`; both directions, the blast radius and the drawing know it from then on.
"""

from dataclasses import dataclass

UUID_KEY, MODEL_KEY = "uuid", "model"


@dataclass(frozen=True)
class NodeKind:
    """One kind of node. All SQL here is ours; values come as parameters only.

    `relation` is a table or a query in brackets, `t` in the expressions below: `key` its column, `label` a text,
    `facts` a jsonb object with what the kind has to tell. Ids are UUIDs in a walk; `key_type` says how the column
    holds them. `table` is the bare table where `relation` is a query: `workspace` and `lacks` are asked of it, for
    every node that is reached. `lacks` is an expression, true where the fact that leads further up was not kept, and
    `unknown` is what stands in its place. `layer` is the place in a drawing.
    """

    name: str
    title: str
    layer: int
    relation: str
    label: str
    facts: str
    key: str = "id"
    key_type: str = UUID_KEY
    workspace: str = "t.workspace_id"
    table: str = ""
    lacks: str = "false"
    unknown: str = ""
    is_live: bool = False

    def as_uuid(self, column: str) -> str:
        """The id in a walk, from a column that names a row of this kind."""
        return f"substr({column}, 3)::uuid" if self.key_type == MODEL_KEY else column

    def as_key(self, value: str) -> str:
        """The value of such a column, from the id in a walk."""
        return f"'m-' || replace({value}::text, '-', '')" if self.key_type == MODEL_KEY else value


@dataclass(frozen=True)
class Hop:
    """Rows of `relation` (`t`) that lead from a node of one kind to one of another; `verb` is read downwards."""

    source: str
    target: str
    verb: str
    relation: str
    source_column: str
    target_column: str
    where: str = "true"


KINDS: dict[str, NodeKind] = {}
HOPS: list[Hop] = []


def lineage_kind_declare(kind: NodeKind) -> None:
    """Add a kind of node. Raises LookupError when its name is taken."""
    if KINDS.setdefault(kind.name, kind) is not kind:
        raise LookupError(f"The lineage kind {kind.name} is declared twice.")


def lineage_hop_declare(hop: Hop) -> None:
    """Add a hop between two kinds. Raises LookupError for a kind that is not there, or the same hop again."""
    unknown = {hop.source, hop.target} - KINDS.keys()
    if unknown or hop in HOPS:
        raise LookupError(f"The lineage hop {hop.source} to {hop.target} is declared twice or leads nowhere.")
    HOPS.append(hop)
