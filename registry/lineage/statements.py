"""The statements that walk the graph: recursive common table expressions over the hops of the catalogue.

All text in them comes from the catalogue; what callers give are parameters.
"""

from registry.lineage.catalogue import HOPS, KINDS, Hop, NodeKind

UP, DOWN = "up", "down"
# A dataset version is a name and a digest, in whichever experiment it was logged. Those of experiments that the
# caller may not see do not count as the same, or anybody could ask what others have.
_START = """
SELECT %(kind)s::text, %(id)s::uuid
UNION
SELECT 'dataset', twin.id FROM experiments_dataset given
JOIN experiments_dataset twin ON twin.name = given.name AND twin.digest = given.digest
WHERE %(kind)s::text = 'dataset' AND given.id = %(id)s::uuid AND {seen}
"""
_SEEN = "(%(seen)s::bigint[] IS NULL OR {workspace} = ANY(%(seen)s::bigint[]))"
# Rows are (what, kind, id, other kind, other id, depth, label, facts, lacks); the first column says which are given.
_GRAPH = """
WITH RECURSIVE {walks},
reached AS (SELECT kind, id, min(depth) AS depth FROM ({union}) every GROUP BY kind, id),
told AS ({told}),
kept AS (SELECT * FROM told WHERE is_seen ORDER BY depth, kind, id LIMIT %(limit)s),
edge AS ({edges})
{shown}
UNION ALL
SELECT 'edge', e.kind, e.id, e.other_kind, e.other_id, 0, e.verb, NULL, false FROM edge e
UNION ALL
SELECT 'count', kind, NULL, NULL, NULL, count(*) FILTER (WHERE is_seen), NULL,
    jsonb_build_object('hidden', count(*) FILTER (WHERE NOT is_seen),
                       'lacking', count(*) FILTER (WHERE is_seen AND lacks)),
    false
FROM told GROUP BY kind
UNION ALL
SELECT 'more', NULL, NULL, NULL, NULL, count(*), NULL, NULL, false FROM ({more}) further
"""
# Without a depth the walk needs no memory of it: every node is visited once, and a circle ends it.
_BLAST = """
WITH RECURSIVE down(kind, id) AS (
    {start}
    UNION
    SELECT e.kind, e.id FROM down w CROSS JOIN LATERAL ({hops}) e
),
reached AS (SELECT kind, id, 0 AS depth FROM down),
told AS ({told}),
kept AS (SELECT * FROM told WHERE is_seen AND kind = ANY(%(live)s::text[]) ORDER BY kind, id LIMIT %(limit)s)
{shown}
UNION ALL
SELECT 'count', kind, NULL, NULL, NULL, count(*) FILTER (WHERE is_seen), NULL,
    jsonb_build_object('hidden', count(*) FILTER (WHERE NOT is_seen),
                       'lacking', count(*) FILTER (WHERE is_seen AND lacks)),
    false
FROM told GROUP BY kind
"""
_WALK = """{name}(kind, id, depth) AS (
    SELECT start.*, 0 FROM ({start}) start
    UNION
    SELECT e.kind, e.id, w.depth + 1 FROM {name} w CROSS JOIN LATERAL ({hops}) e WHERE w.depth < %(depth)s
)"""


def graph_statement(directions: tuple[str, ...]) -> str:
    """The graph around a node: its nodes, edges, counts, and how many nodes at the last depth lead further."""
    walks = ", ".join(
        _WALK.format(name=direction, start=_start(), hops=_hops(direction)) for direction in directions
    )
    more = " UNION ALL ".join(
        f"SELECT 1 FROM {direction} w WHERE w.depth = %(depth)s AND EXISTS ({_hops(direction)})"  # noqa: S608
        for direction in directions
    )
    return _GRAPH.format(
        walks=walks,
        union=" UNION ALL ".join(f"SELECT * FROM {direction}" for direction in directions),  # noqa: S608
        told=_told(),
        shown=_shown(),
        edges=_edges(),
        more=more,
    )


def blast_statement() -> str:
    """All that is live and depends on a node, with how many nodes of each kind lie between."""
    return _BLAST.format(start=_start(), hops=_hops(DOWN), told=_told(), shown=_shown())


def _start() -> str:
    return _START.format(seen=_SEEN.format(workspace="twin.workspace_id"))


def _hops(direction: str, extra: bool = False) -> str:
    """The neighbours of a node `w` in one direction."""
    return " UNION ALL ".join(_hop(hop, direction, extra) for hop in HOPS)


def _hop(hop: Hop, direction: str, extra: bool) -> str:
    here, there = (hop.source, hop.target) if direction == DOWN else (hop.target, hop.source)
    from_column, to_column = (
        (hop.source_column, hop.target_column)
        if direction == DOWN
        else (hop.target_column, hop.source_column)
    )
    verb = f", '{hop.verb}'::text AS verb" if extra else ""
    return (
        f"SELECT '{there}'::text AS kind, {KINDS[there].as_uuid(f't.{to_column}')} AS id{verb} FROM {hop.relation} t "  # noqa: S608
        f"WHERE w.kind = '{here}' AND t.{from_column} = {KINDS[here].as_key('w.id')} "
        f"AND t.{to_column} IS NOT NULL AND {hop.where}"
    )


def _edges() -> str:
    """The edges between nodes that are kept."""
    return (
        "SELECT DISTINCT w.kind, w.id, e.kind AS other_kind, e.id AS other_id, e.verb "  # noqa: S608
        f"FROM kept w CROSS JOIN LATERAL ({_hops(DOWN, extra=True)}) e "
        "JOIN kept o ON o.kind = e.kind AND o.id = e.id"
    )


def _told() -> str:
    """Whether the caller may see each reached node, and whether it lacks what leads further up."""
    return " UNION ALL ".join(
        f"SELECT r.kind, r.id, r.depth, ({kind.lacks}) AS lacks, "  # noqa: S608
        f"{_SEEN.format(workspace=kind.workspace)} AS is_seen "
        f"FROM reached r {_row(kind, kind.table)} WHERE r.kind = '{kind.name}'"
        for kind in KINDS.values()
    )


def _shown() -> str:
    """What the nodes that are kept say of themselves; only they are asked."""
    return " UNION ALL ".join(
        f"SELECT 'node', r.kind, r.id, NULL::text, NULL::uuid, r.depth, {kind.label}, {kind.facts}, r.lacks "  # noqa: S608
        f"FROM kept r {_row(kind)} WHERE r.kind = '{kind.name}'"
        for kind in KINDS.values()
    )


def _row(kind: NodeKind, table: str = "") -> str:
    return f"JOIN {table or kind.relation} t ON t.{kind.key} = {kind.as_key('r.id')}"
