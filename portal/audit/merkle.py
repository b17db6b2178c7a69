"""The Merkle tree of RFC 6962 and RFC 9162 section 2.1: pure functions over hashes, nothing is read or kept here.

A complete subtree is named by its place `(level, index)`: it stands over the leaves from `index << level` up to,
not including, `(index + 1) << level`. Every hash that a proof can need is that of a complete subtree, or folded
from a logarithmic number of them, so whoever stores the complete subtrees makes any proof with few reads.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

Place = tuple[int, int]
Range = tuple[int, int]
Node = tuple[int, int, bytes]
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(payload: bytes) -> bytes:
    """The hash of an entry."""
    return hashlib.sha256(b"\x00" + payload).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def places(start: int, end: int) -> list[Place]:
    """The complete subtrees over the leaves from `start` to `end`, from left to right.

    `start` is where a subtree of the tree begins, as in every range below, so their sizes only fall.
    """
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root over complete subtrees that stand side by side; the smaller ones hang to the right."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The subtrees whose hashes prove that a leaf is in the tree, from the leaf to the root (section 2.1.3.1)."""
    if not 0 <= index < size:
        raise ValueError(f"There is no leaf {index} in a tree of {size}.")
    found, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    return found[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """The subtrees whose hashes prove that a tree of `new` leaves extends one of `old` (section 2.1.4.1)."""
    if not 0 < old <= new:
        raise ValueError(f"A tree of {new} leaves does not extend one of {old}.")
    found, start, end = [], 0, new
    while old < end:
        middle = start + _split(end - start)
        if old <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    if start > 0:  # otherwise the subtree is the old tree itself, whose root the verifier knows
        found.append((start, end))
    return found[::-1]


def needed(ranges: Iterable[Range]) -> list[Place]:
    """All places that the hashes of some ranges are folded from."""
    return [place for start, end in ranges for place in places(start, end)]


def proof(ranges: Iterable[Range], hashes: Mapping[Place, bytes]) -> list[bytes]:
    """The hashes of ranges, folded from those of the places that `needed` named."""
    return [fold([hashes[place] for place in places(start, end)]) for start, end in ranges]


@dataclass
class Frontier:
    """The right edge of a growing tree: the hashes of the complete subtrees that cover it."""

    size: int = 0
    peaks: list[Node] = field(default_factory=list)

    @classmethod
    def of(cls, size: int, hashes: Mapping[Place, bytes]) -> "Frontier":
        """The edge of a tree whose complete subtrees are stored."""
        return cls(size, [(level, index, hashes[level, index]) for level, index in places(0, size)])

    @property
    def root(self) -> bytes:
        return fold([peak[2] for peak in self.peaks])

    def extend(self, leaves: Iterable[bytes]) -> list[Node]:
        """Append leaf hashes; the inner nodes that became complete."""
        completed = []
        for leaf in leaves:
            grown = (0, self.size, leaf)
            self.size += 1
            while self.peaks and self.peaks[-1][0] == grown[0]:
                level, index, left = self.peaks.pop()
                grown = (level + 1, index >> 1, node_hash(left, grown[2]))
                completed.append(grown)
            self.peaks.append(grown)
        return completed


def inclusion_holds(index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes) -> bool:
    """Whether a path proves that the leaf is the entry `index` of a tree (the steps of section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    position, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if position & 1 or position == last:
            found = node_hash(sibling, found)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and found == root


def consistency_holds(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether a path proves that the new tree extends the old one (the steps of section 2.1.4.2)."""
    if old == new:
        return not path and old_root == new_root
    if old == 0:
        return not path and old_root == EMPTY_ROOT
    if not 0 < old < new:
        return False
    steps = list(path) if old & (old - 1) else [old_root, *path]
    if not steps:
        return False
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    found_old = found_new = steps[0]
    for sibling in steps[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            found_old, found_new = node_hash(sibling, found_old), node_hash(sibling, found_new)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            found_new = node_hash(found_new, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and found_old == old_root and found_new == new_root


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)
