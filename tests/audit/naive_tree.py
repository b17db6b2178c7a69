"""The definitions of RFC 6962 section 2.1 written down as they stand: slow, recursive, and sharing nothing.

The verifiers go the other way than those of the portal: they rebuild the root from the top by the recursive
definition, taking from the proof where the definition asks for a hash that they cannot know.
"""

import hashlib
from functools import cache


def leaf(entry: bytes) -> bytes:
    return hashlib.sha256(bytes([0]) + entry).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(bytes([1]) + left + right).digest()


def k_of(n: int) -> int:
    """The largest power of two smaller than n."""
    k = 1
    while 2 * k < n:
        k *= 2
    return k


class Naive:
    """A tree over entries."""

    def __init__(self, entries: list[bytes]) -> None:
        self.leaves = [leaf(entry) for entry in entries]
        self.mth = cache(self._mth)

    def root(self, size: int) -> bytes:
        return hashlib.sha256().digest() if size == 0 else self.mth(0, size)

    def _mth(self, start: int, end: int) -> bytes:
        if end - start == 1:
            return self.leaves[start]
        middle = start + k_of(end - start)
        return node(self.mth(start, middle), self.mth(middle, end))

    def path(self, m: int, start: int, end: int) -> list[bytes]:
        n = end - start
        if n == 1:
            return []
        k = k_of(n)
        if m < k:
            return [*self.path(m, start, start + k), self.mth(start + k, end)]
        return [*self.path(m - k, start + k, end), self.mth(start, start + k)]

    def subproof(self, m: int, start: int, end: int, is_whole: bool) -> list[bytes]:
        n = end - start
        if m == n:
            return [] if is_whole else [self.mth(start, end)]
        k = k_of(n)
        if m <= k:
            return [*self.subproof(m, start, start + k, is_whole), self.mth(start + k, end)]
        return [*self.subproof(m - k, start + k, end, False), self.mth(start, start + k)]


class Wrong(Exception):
    """A proof that has too few or too many hashes."""


def root_by_inclusion(m: int, n: int, leaf_hash: bytes, proof: list[bytes]) -> bytes:
    """The root that a path leads to, by the definition of PATH. Raises Wrong."""
    if n == 1:
        if proof:
            raise Wrong
        return leaf_hash
    if not proof:
        raise Wrong
    k, last = k_of(n), proof[-1]
    if m < k:
        return node(root_by_inclusion(m, k, leaf_hash, proof[:-1]), last)
    return node(last, root_by_inclusion(m - k, n - k, leaf_hash, proof[:-1]))


def roots_by_consistency(
    m: int, n: int, proof: list[bytes], old_root: bytes, is_whole: bool = True
) -> tuple[bytes, bytes]:
    """The old and the new root that a proof leads to, by the definition of SUBPROOF. Raises Wrong."""
    if m == n:
        if len(proof) != (0 if is_whole else 1):
            raise Wrong
        known = old_root if is_whole else proof[0]
        return known, known
    if not proof:
        raise Wrong
    k, last = k_of(n), proof[-1]
    if m <= k:
        old, new = roots_by_consistency(m, k, proof[:-1], old_root, is_whole)
        return old, node(new, last)
    old, new = roots_by_consistency(m - k, n - k, proof[:-1], old_root, False)
    return node(last, old), node(last, new)
