"""The tree against known answers, and against an independent implementation for every pair up to size 300."""

import random

import pytest

from portal.audit import merkle
from tests.audit.naive_tree import Naive, Wrong, root_by_inclusion, roots_by_consistency

LARGEST = 300
# The entries and roots that the implementations of Certificate Transparency test themselves with.
ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


class Stored:
    """A tree whose complete subtrees are kept, as the database keeps them."""

    def __init__(self, entries):
        self.hashes, self.frontier, self.roots = {}, merkle.Frontier(), [merkle.EMPTY_ROOT]
        for index, entry in enumerate(entries):
            leaf = merkle.leaf_hash(entry)
            self.hashes[0, index] = leaf
            for level, place, value in self.frontier.extend([leaf]):
                self.hashes[level, place] = value
            self.roots.append(self.frontier.root)

    def inclusion(self, index, size):
        return merkle.proof(merkle.inclusion_ranges(index, size), self.hashes)

    def consistency(self, old, new):
        return merkle.proof(merkle.consistency_ranges(old, new), self.hashes)


@pytest.fixture(scope="module")
def entries():
    return [f"entry {number}".encode() for number in range(LARGEST)]


@pytest.fixture(scope="module")
def stored(entries):
    return Stored(entries)


@pytest.fixture(scope="module")
def naive(entries):
    return Naive(entries)


def test_known_answers():
    assert [root.hex() for root in Stored(ENTRIES).roots] == ROOTS


def test_every_root_is_that_of_the_definition(stored, naive):
    assert stored.roots == [naive.root(size) for size in range(LARGEST + 1)]


def test_a_frontier_read_from_storage_goes_on_the_same_way(stored, entries):
    for size in (0, 1, 2, 3, 127, 128, 200):
        frontier = merkle.Frontier.of(size, stored.hashes)
        frontier.extend(merkle.leaf_hash(entry) for entry in entries[size:])
        assert (frontier.size, frontier.root) == (LARGEST, stored.roots[LARGEST])


@pytest.mark.slow
def test_every_inclusion_proof(stored, naive):
    for size in range(1, LARGEST + 1):
        root = stored.roots[size]
        for index in range(size):
            path, leaf = stored.inclusion(index, size), stored.hashes[0, index]
            assert path == naive.path(index, 0, size)
            assert merkle.inclusion_holds(index, size, leaf, path, root)
            assert root_by_inclusion(index, size, leaf, path) == root


@pytest.mark.slow
def test_every_consistency_proof(stored, naive):
    for new in range(1, LARGEST + 1):
        for old in range(1, new + 1):
            path = stored.consistency(old, new)
            assert path == naive.subproof(old, 0, new, True)
            assert merkle.consistency_holds(old, new, stored.roots[old], stored.roots[new], path)
            assert roots_by_consistency(old, new, path, stored.roots[old]) == (
                stored.roots[old], stored.roots[new],
            )  # fmt: skip


def test_both_verifiers_refuse_the_same_changed_proofs(stored):
    chance = random.Random(6962)  # noqa: S311 - a fixed sequence of cases, not a secret
    for _ in range(3000):
        size = chance.randrange(2, LARGEST + 1)
        index, root = chance.randrange(size), stored.roots[size]
        path = changed(stored.inclusion(index, size), chance)
        leaf = stored.hashes[0, index]
        assert not merkle.inclusion_holds(index, size, leaf, path, root)
        assert not holds(lambda i=index, s=size, le=leaf, p=path, r=root: root_by_inclusion(i, s, le, p) == r)


def test_both_verifiers_refuse_the_same_changed_consistency_proofs(stored):
    chance = random.Random(9162)  # noqa: S311 - a fixed sequence of cases, not a secret
    for _ in range(3000):
        new = chance.randrange(3, LARGEST + 1)
        old = chance.randrange(1, new)
        roots = stored.roots[old], stored.roots[new]
        path = changed(stored.consistency(old, new), chance)
        assert not merkle.consistency_holds(old, new, *roots, path)
        assert not holds(lambda o=old, n=new, p=path, r=roots: roots_by_consistency(o, n, p, r[0]) == r)


def test_a_leaf_is_not_at_another_index(stored):
    path = stored.inclusion(5, 100)
    for index in (4, 6, 99, 100, -1):
        assert not merkle.inclusion_holds(index, 100, stored.hashes[0, 5], path, stored.roots[100])


def test_the_reads_are_logarithmic():
    size = 5_000_000
    for index in (0, 1, 2**22 - 1, 2**22, 3_333_333, size - 1):
        assert len(merkle.needed(merkle.inclusion_ranges(index, size))) <= 2 * 23
    for old in (1, 2**22, 2**22 + 1, 4_999_999):
        assert len(merkle.needed(merkle.consistency_ranges(old, size))) <= 3 * 23


@pytest.mark.parametrize(("index", "size"), [(-1, 4), (4, 4), (0, 0)])
def test_no_proof_for_what_is_not_there(index, size):
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion_ranges(index, size)


def changed(path, chance):
    """A proof with one hash changed, missing, added or moved."""
    kind = chance.choice(["flip", "drop", "add", "swap"])
    if kind == "add" or not path:
        path.insert(chance.randrange(len(path) + 1), chance.randbytes(32))
    elif kind == "drop":
        path.pop(chance.randrange(len(path)))
    elif kind == "flip" or len(path) < 2:
        at = chance.randrange(len(path))
        path[at] = bytes([path[at][0] ^ 1, *path[at][1:]])
    else:
        path[0], path[-1] = path[-1], path[0]
    return path


def holds(check):
    try:
        return check()
    except Wrong:
        return False
