"""The stored tree: reading complete subtrees, and appending leaves with the subtrees that they complete."""

from collections.abc import Iterable, Sequence

from portal.audit import merkle
from portal.kernel import sql

# Fetched by key, whatever the planner thinks of the two lists.
_HASHES = """
SELECT 0, idx, leaf_hash FROM audit_auditleaf WHERE idx = ANY(%s)
UNION ALL
SELECT node.level, node.idx, node.hash
FROM unnest(%s::smallint[], %s::bigint[]) AS wanted(level, idx)
JOIN audit_auditnode node ON node.level = wanted.level AND node.idx = wanted.idx
"""


class Damaged(Exception):
    """The stored log contradicts itself or what was signed; nothing may be signed until somebody has looked."""


def size() -> int:
    """How many events stand in the log."""
    found = sql.row("SELECT coalesce(max(idx) + 1, 0) FROM audit_auditleaf")
    return int(found[0]) if found else 0


def hashes(places: Iterable[merkle.Place]) -> dict[merkle.Place, bytes]:
    """The hashes of complete subtrees. Raises Damaged when one is not there."""
    wanted = set(places)
    leaves = [index for level, index in wanted if level == 0]
    inner = [place for place in wanted if place[0] > 0]
    params = (leaves, [level for level, _ in inner], [index for _, index in inner])
    found = {(level, index): bytes(value) for level, index, value in sql.rows(_HASHES, params, binary=True)}
    if found.keys() != wanted:
        raise Damaged(f"The log lacks the subtrees {sorted(wanted - found.keys())[:5]}.")
    return found


def root(size: int) -> bytes:
    """The root of the tree over the first `size` leaves."""
    return frontier(size).root


def frontier(size: int) -> merkle.Frontier:
    """The right edge of that tree."""
    return merkle.Frontier.of(size, hashes(merkle.places(0, size)))


def proof(ranges: Sequence[merkle.Range]) -> list[bytes]:
    """The hashes over some ranges."""
    return merkle.proof(ranges, hashes(merkle.needed(ranges)))


def leaves_write(start: int, events: Sequence[tuple[int, bytes]]) -> None:
    """Give events, as `(id, leaf hash)`, the indices from `start` on."""
    with (
        sql.cursor() as cursor,
        cursor.copy("COPY audit_auditleaf (idx, event_id, leaf_hash) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.set_types(["int8", "int8", "bytea"])
        for index, (event_id, value) in enumerate(events, start):
            copy.write_row((index, event_id, value))


def nodes_write(nodes: Iterable[merkle.Node]) -> None:
    """Keep the hashes of subtrees that are complete now."""
    with (
        sql.cursor() as cursor,
        cursor.copy("COPY audit_auditnode (level, idx, hash) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.set_types(["int2", "int8", "bytea"])
        for node in nodes:
            copy.write_row(node)
