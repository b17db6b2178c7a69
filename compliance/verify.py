"""Checks a bundle of the audit log, or the receipt of one event, without the portal and without a network.

    python -m compliance.verify bundle.zip --key log.example/audit+1a2b3c4d+AV... [--since old.note]
    python -m compliance.verify receipt.json --key verifiers.txt

`--key` is a verifier (C2SP signed-note), or a file with one per line: get it from somebody you trust, not from the
bundle. `--since` is a checkpoint that you kept: the log must begin with what it signed. This file needs Python and
`cryptography`, nothing else; take it along with the bundle.

Checked are: every payload (canonical JSON), the copies in its columns, the digest of its detail or the tombstone of
its erasure; every leaf hash, subtree and root; every signature; that all checkpoints are heads of one growing log;
that no entry lacks; the file itself, byte for byte; and that today's privileged state follows from the events.

Exit codes: 0 all holds; 1 something does not, each thing named on a line of its own; 2 not readable at all.
"""

import argparse
import base64
import hashlib
import json
import os
import re
import struct
import sys
import zipfile
import zlib
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise, product
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMATS = ("portal-audit-bundle/1", "portal-audit-receipt/1")
FIELDS = {
    "v",
    "at",
    "actor",
    "token",
    "action",
    "outcome",
    "request",
    "uuid",
    "object",
    "workspace",
    "detail",
}
ERASE = "audit.detail.erase"
H, RECORD, SHOWN = 32, 48, 200


class Unreadable(Exception):
    """Not a bundle, not a receipt, not a key: nothing can be said about it."""


@dataclass
class Report:
    """What does not hold. `add` takes the kind, what is meant, and the place in the log."""

    problems: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self, kind: str, said: str, index: int | None = None, uuid: str = "", last: int | None = None
    ) -> None:
        self.problems.append({"kind": kind, "index": index, "last": last, "uuid": uuid, "said": said})

    def lines(self) -> Iterator[str]:
        for problem in self.problems[:SHOWN]:
            index, last = problem["index"], problem["last"]
            place = (
                "" if index is None else f" entry {index}" if last is None else f" entries {index} to {last}"
            )
            uuid = f" {problem['uuid']}" if problem["uuid"] else ""
            yield f"{problem['kind'].upper()}{place}{uuid}: {problem['said']}"
        if len(self.problems) > SHOWN:
            yield f"... and {len(self.problems) - SHOWN} more; --json has all of them"


# Signed notes


class Checkpoint(NamedTuple):
    origin: str
    size: int
    root: bytes


class Key:
    """A verifier: its name, the id that signature lines name it by, and its public key."""

    def __init__(self, text: str) -> None:
        self.name, _, rest = text.strip().partition("+")
        given, _, encoded = rest.partition("+")
        try:
            raw = base64.b64decode(encoded, validate=True)
            self._public = Ed25519PublicKey.from_public_bytes(raw[1:])
        except ValueError as error:
            raise Unreadable(f"{text[:80]!r} is not a verifier such as name+1a2b3c4d+AV...") from error
        self.id = hashlib.sha256(self.name.encode() + b"\n" + raw).digest()[:4]
        if raw[:1] != b"\x01" or given != self.id.hex():
            raise Unreadable(
                f"{text[:80]!r} is not an Ed25519 verifier, or was mistyped: its parts do not fit."
            )

    def signed(self, text: str, signature: bytes) -> bool:
        try:
            self._public.verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


def keys_of(words: Iterable[str]) -> list[Key]:
    found: list[Key] = []
    for word in words:
        is_file = os.path.exists(word)
        found += [
            Key(line) for line in (Path(word).read_text().split("\n") if is_file else [word]) if line.strip()
        ]
    return found


def checkpoint_of(note: str, keys: Sequence[Key]) -> Checkpoint:
    """What a note says. Raises ValueError when no key signed it, one signed something else, or it is no checkpoint."""
    text, gap, below = note.rpartition("\n\n")
    text += "\n"
    signed = 0
    for line in below.splitlines():
        dash, name, encoded = line.split(" ")
        raw = base64.b64decode(encoded, validate=True)
        for key in keys:
            if (dash, name, raw[:4]) == ("\N{EM DASH}", key.name, key.id):
                if not key.signed(text, raw[4:]):
                    raise ValueError(f"the signature of {name} does not fit the text")
                signed += 1
    origin, size, root = text.removesuffix("\n").split("\n")
    said = Checkpoint(origin, int(size), base64.b64decode(root, validate=True))
    if not gap or not signed or str(said.size) != size or len(said.root) != H:
        raise ValueError("no trusted key signed it" if not signed else "it is not a checkpoint")
    if not all(key.name == origin for key in keys):
        raise ValueError(f"it is of the log {origin}, for which this key does not stand")
    return said


# The tree of RFC 6962, from its definition


def leaf(payload: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + payload).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def places(size: int) -> Iterator[tuple[int, int]]:
    """The complete subtrees under a tree of `size` leaves, as (level, index), from left to right."""
    start = 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            yield level, start >> level
            start += 1 << level


class Tree:
    """All complete subtrees over some leaf hashes; `levels[k]` is the hashes of level k in one string."""

    def __init__(self, leaves: bytes) -> None:
        sha, self.levels = hashlib.sha256, [leaves]
        while len(self.levels[-1]) >= 2 * H:
            below = self.levels[-1]
            end = len(below) - len(below) % (2 * H)
            self.levels.append(
                b"".join([sha(b"\x01" + below[at : at + 64]).digest() for at in range(0, end, 64)])
            )

    @property
    def size(self) -> int:
        return len(self.levels[0]) // H

    def hash(self, level: int, index: int) -> bytes:
        return self.levels[level][index * H : (index + 1) * H] if level < len(self.levels) else b""

    def root(self, size: int) -> bytes:
        return fold([self.hash(level, index) for level, index in places(size)]) if size <= self.size else b""


def fold(peaks: list[bytes]) -> bytes:
    root = peaks[-1] if peaks else hashlib.sha256().digest()
    for left in reversed(peaks[:-1]):
        root = node(left, root)
    return root


def root_by_path(index: int, size: int, found: bytes, path: list[bytes]) -> bytes:
    """The root that an inclusion path leads to, by the definition of PATH; empty when it does not fit."""
    if size == 1 or not path:
        return found if size == 1 and not path and index == 0 else b""
    middle = 1 << (size - 1).bit_length() - 1
    if index < middle:
        return node(root_by_path(index, middle, found, path[:-1]), path[-1])
    return node(path[-1], root_by_path(index - middle, size - middle, found, path[:-1]))


# The file: a zip as the portal writes it, uncompressed, so that one damaged byte hides no other

HEADER, DIRECTORY, FACTS = b"PK\x03\x04", b"PK\x01\x02", struct.Struct("<HHHHHIIIHH")
NAMES = re.compile(
    r"(manifest|checkpoints|pending|(index|events|nodes/\d\d)/\d{12}|state/\w+)\.(json|ndjson|bin)"
)
FAR, MANY = 0xFFFFFFFF, 0xFFFF


class Bundle:
    """Its members by name. What the headers say is not trusted but compared: see `check`."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._file = open(path, "rb")  # noqa: SIM115 - for as long as the process lives
        self._end = self._file.seek(0, os.SEEK_END)
        scanned, is_whole = self._scanned()
        is_known = is_whole and all(NAMES.fullmatch(name) for name, _, _ in scanned)
        self._all = scanned if is_known else self._listed() or scanned
        self.members = {name: (place, size) for name, place, size in self._all}

    def names(self, start: str) -> list[str]:
        return sorted(name for name in self.members if name.startswith(start))

    def read(self, name: str) -> bytes:
        return self._at(*self.members.get(name, (0, 0)))

    def _at(self, place: int, size: int) -> bytes:
        self._file.seek(place)
        return self._file.read(min(size, max(self._end - place, 0)))

    def _scanned(self) -> tuple[list[tuple[str, int, int]], bool]:
        """From header to header; and whether that ended at the directory."""
        found, at = [], 0
        while (head := self._at(at, 30))[:4] == HEADER and len(head) == 30:
            *_, size, _, length, extra = FACTS.unpack(head[4:])
            name = self._at(at + 30, length).decode(errors="replace")
            found.append((name, at + 30 + length + extra, size))
            at = found[-1][1] + size
        return found, head[:4] == DIRECTORY

    def _listed(self) -> list[tuple[str, int, int]]:
        """From the directory, where a header is damaged."""
        try:
            with zipfile.ZipFile(self.path) as archive:
                infos = sorted(archive.infolist(), key=lambda info: info.header_offset)
        except (zipfile.BadZipFile, ValueError, NotImplementedError):
            return []
        return [(i.filename, i.header_offset + 30 + len(i.filename.encode()), i.file_size) for i in infos]

    def check(self, report: Report) -> None:
        """Byte for byte: around the members there is what the portal writes, with the checksums of their content."""
        at, directory = 0, b""
        for name, place, size in self._all:
            raw, content = name.encode(errors="replace"), self._at(place, size)
            facts = FACTS.pack(45, 0x800, 0, 0, 0x21, zlib.crc32(content), size, size, len(raw), 0)
            if place != at + 30 + len(raw) or self._at(at, 30 + len(raw)) != HEADER + facts + raw:
                report.add("file", f"{name} was damaged or changed after the export")
            if not NAMES.fullmatch(name):
                report.add("file", f"{name} is no part of a bundle")
            extra = struct.pack("<HHQ", 1, 8, at) if at >= FAR else b""
            place_said = struct.pack("<HHHHII", len(extra), 0, 0, 0, 0, min(at, FAR))
            directory += DIRECTORY + struct.pack("<H", 45) + facts[:-2] + place_said + raw + extra
            at = place + size
        if self._at(at, 1 << 40) != directory + _end(len(self._all), len(directory), at):
            report.add("file", "the directory of the zip was damaged or changed after the export")


def _end(count: int, size: int, start: int) -> bytes:
    """The end of a zip's directory, in the wide form where the narrow one is too small."""
    wide = b""
    if start >= FAR or size >= FAR or count >= MANY:
        wide = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, count, count, size, start)
        wide += b"PK\x06\x07" + struct.pack("<IQI", 0, start + size, 1)
    few = min(count, MANY)
    return wide + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, few, few, min(size, FAR), min(start, FAR), 0)


# Events


class Act(NamedTuple):
    """An event that changes privileged state; `changes` is None where its detail is not there."""

    entry: int
    action: str
    object: str
    changes: dict[str, list[Any]] | None


class Lines(NamedTuple):
    """What one member of events holds, line by line: leaf hashes, uuids, and remarks on what lies beside the hash."""

    hashes: bytes
    uuids: bytes
    remarks: dict[int, list[tuple[str, str]]]
    bare: dict[int, str]
    erased: list[str]
    acts: list[Act]


def text_of(said: dict[str, Any], name: str) -> bytes:
    return said[name].encode() if name in said else base64.b64decode(said[f"{name}_base64"])


def refuse(text: str) -> Any:
    raise ValueError(f"it holds {text}, which the portal does not write")


# Made once: a million events are read and written three times each.
_READ = json.JSONDecoder().decode
_STRICT = json.JSONDecoder(parse_float=refuse, parse_constant=refuse).decode
_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def canonical(content: bytes) -> dict[str, Any]:
    """The object that canonical JSON holds. Raises ValueError."""
    facts = _STRICT(content.decode())
    if _CANONICAL(facts).encode() != content:
        raise ValueError("it is not canonical JSON")
    if not isinstance(facts, dict) or facts.keys() != FIELDS or facts["v"] not in (1, 2):
        raise ValueError("it has other fields than an event")
    return facts


def copies_differ(facts: dict[str, Any], said: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Columns that are not what the payload says."""
    columns = said["columns"]
    copied = {
        "uuid": facts["uuid"], "actor": facts["actor"], "token_id": facts["token"], "action": facts["action"],
        "outcome": facts["outcome"], "workspace_id": facts["workspace"], "request_id": facts["request"],
        "object_type": facts["object"].partition(":")[0], "object_id": facts["object"].partition(":")[2],
    }  # fmt: skip
    if columns != copied:
        for name in sorted(columns.keys() | copied.keys()):
            if columns.get(name, "") != copied.get(name, ""):
                yield (
                    "copy",
                    f"the column {name} says {columns.get(name)!r}, the payload {copied.get(name)!r}",
                )
    if said["recorded_at"] != facts["at"] and not _is_old_and_near(facts, said["recorded_at"]):
        yield "copy", f"the column recorded_at says {said['recorded_at']}, the payload {facts['at']}"


def _is_old_and_near(facts: dict[str, Any], recorded_at: str) -> bool:
    """Payloads of version 1 hold the clock of the application, which the database's was only near to."""
    apart = datetime.fromisoformat(recorded_at) - datetime.fromisoformat(facts["at"])
    return facts["v"] == 1 and abs(apart.total_seconds()) <= 60


def detail_of(
    facts: dict[str, Any], said: dict[str, Any]
) -> tuple[dict[str, Any] | None, list[tuple[str, str]]]:
    """What the event says in words, and what is wrong with it."""
    given = said.get("detail")
    if given is None:
        return None, []
    body = text_of(given, "body")
    if hashlib.sha256(bytes.fromhex(given["salt"]) + body).hexdigest() != facts["detail"]:
        return None, [("detail", "its words were altered: the payload holds another digest")]
    return _READ(body.decode()), []


def check_line(line: bytes) -> tuple[bytes, dict[str, Any], dict[str, Any] | None, list[tuple[str, str]]]:
    """The leaf hash of an event, its facts, its detail, and remarks. Raises ValueError, KeyError, TypeError."""
    said = _READ(line.decode())
    payload = text_of(said, "payload")
    try:
        facts = canonical(payload)
        detail, wrong = detail_of(facts, said)
        return leaf(payload), facts | {"index": said["index"]}, detail, [*copies_differ(facts, said), *wrong]
    except ValueError as error:
        return (
            leaf(payload),
            {"uuid": said["columns"]["uuid"], "index": said["index"]},
            None,
            [("altered", str(error))],
        )


def check_lines(path: str, place: int, size: int, first: int) -> Lines:
    """All events of one member."""
    with open(path, "rb") as file:
        file.seek(place)
        lines = file.read(size).split(b"\n")
    hashes, uuids, result = [], [], Lines(b"", b"", {}, {}, [], [])
    for number, line in enumerate(lines[:-1] if lines[-1] == b"" else lines):
        try:
            value, facts, detail, remarks = check_line(line)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            value, facts, detail = bytes(H), {}, None
            remarks = [("altered", f"its line cannot be read: {type(error).__name__}")]
        hashes.append(value)
        uuids.append(str(facts.get("uuid", "")).encode().ljust(36)[:36])
        if facts.get("index", number + first) != number + first:
            remarks = [*remarks, ("place", f"it says that it is entry {facts['index']}")]
        if remarks:
            result.remarks[number] = remarks
        if "detail" in facts:
            _note_act(result, number, first, facts, detail)
    return result._replace(hashes=b"".join(hashes), uuids=b"".join(uuids))


def _note_act(
    result: Lines, number: int, first: int, facts: dict[str, Any], detail: dict[str, Any] | None
) -> None:
    if detail is None:
        result.bare[number] = facts["uuid"]
    if facts["outcome"] == "done":
        if facts["action"] == ERASE:
            result.erased.append(facts["object"].partition(":")[2])
        elif facts["action"] in STATE_ACTIONS:
            changes = detail.get("changes", {}) if detail is not None else None
            result.acts.append(Act(first + number, facts["action"], facts["object"], changes))


# Which entries are not what was signed


class Log:
    """The leaf hashes that the signed heads stand for, as far as they can be known, and where they cannot."""

    def __init__(self, stored: bytes, found: bytes, nodes: list[bytes], heads: list[Checkpoint]) -> None:
        self.unknown: list[tuple[int, int]] = []
        self._sources, self._nodes = [Tree(stored), Tree(found)], [stored, *nodes]
        fitting = [tree for tree in self._sources if all(tree.root(head.size) == head.root for head in heads)]
        self.tree = fitting[0] if fitting else self._recovered(heads)

    def _recovered(self, heads: list[Checkpoint]) -> Tree:
        """From a signed root down, as far as stored subtrees fit; otherwise only between which heads."""
        top, tree = heads[-1], self._sources[0]
        peaks = [(level, index, self._stored(level, index)) for level, index in places(top.size)]
        if fold([value for _, _, value in peaks]) != top.root:
            bad = next(number for number, head in enumerate(heads) if tree.root(head.size) != head.root)
            self.unknown.append((heads[bad - 1].size if bad else 0, heads[bad].size))
            return tree
        leaves: list[bytes] = []
        for peak in peaks:
            leaves += self._descended(*peak)
        return Tree(b"".join(leaves))

    def _stored(self, level: int, index: int) -> bytes:
        return self._nodes[level][index * H : (index + 1) * H] if level < len(self._nodes) else b""

    def _descended(self, level: int, index: int, value: bytes) -> list[bytes]:
        """The leaves below a subtree whose hash is certain."""
        for tree in self._sources:
            if tree.hash(level, index) == value:
                return [tree.levels[0][(index << level) * H : (index + 1 << level) * H]]
        if level == 0:
            return [value]
        left, right = ([self._stored(level - 1, 2 * index + side)] for side in (0, 1))
        left += [tree.hash(level - 1, 2 * index) for tree in self._sources]
        right += [tree.hash(level - 1, 2 * index + 1) for tree in self._sources]
        for pair in product(left, right):
            if node(*pair) == value and all(len(half) == H for half in pair):
                return [
                    *self._descended(level - 1, 2 * index, pair[0]),
                    *self._descended(level - 1, 2 * index + 1, pair[1]),
                ]
        self.unknown.append((index << level, index + 1 << level))
        kept = self._sources[0].levels[0][(index << level) * H : (index + 1 << level) * H]
        return [kept.ljust(H << level, b"\0")]


def differences(found: bytes, wanted: bytes) -> Iterator[tuple[str, int, int]]:
    """How lines differ from the log, as (kind, index in the log, line): altered, removed, inserted, reordered."""
    lines, entries = ([text[at : at + H] for at in range(0, len(text), H)] for text in (found, wanted))
    start = next(
        (at for at, (a, b) in enumerate(zip(lines, entries, strict=False)) if a != b),
        min(len(lines), len(entries)),
    )
    where = {value: at for at, value in enumerate(entries[start:], start) if any(value)}
    pairs = [(line, where[value]) for line, value in enumerate(lines[start:], start) if value in where]
    if len(lines) == len(entries) == start + len({index for _, index in pairs}):
        yield from (("reordered", index, line) for line, index in pairs if line != index)
        return
    kept = _rising(pairs)
    in_place, matched = set(kept), {line for line, _ in kept}
    taken = {index for _, index in kept}
    for line, index in pairs:
        if (line, index) not in in_place and index not in taken:  # a repeated one counts as foreign below
            yield "reordered", index, line
            matched.add(line)
            taken.add(index)
    for (line0, index0), (line1, index1) in pairwise(
        [(start - 1, start - 1), *kept, (len(lines), len(entries))]
    ):
        foreign = [line for line in range(line0 + 1, line1) if line not in matched]
        lacking = [index for index in range(index0 + 1, index1) if index not in taken]
        yield from (("altered", index, line) for line, index in zip(foreign, lacking, strict=False))
        yield from (("inserted", index1, line) for line in foreign[len(lacking) :])
        yield from (("removed", index, -1) for index in lacking[len(foreign) :])


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """A longest part of the pairs in which the second number rises, too."""
    ends: list[int] = []
    lasts: list[int] = []
    before: list[int] = []
    for at, (_, index) in enumerate(pairs):
        place = bisect_left(ends, index)
        before.append(lasts[place - 1] if place else -1)
        ends[place : place + 1], lasts[place : place + 1] = [index], [at]
    found, at = [], lasts[-1] if lasts else -1
    while at >= 0:
        found.append(pairs[at])
        at = before[at]
    return found[::-1]


# Privileged state, which the events must explain

Fact = tuple[str, ...]


def fold_roles(act: Act, changes: dict[str, list[Any]]) -> Iterator[tuple[Fact, bool]]:
    is_added = act.action.endswith(".add")
    side = 1 if is_added else 0
    yield (act.object, changes["member"][side], changes["role"][side]), is_added


def fold_flags(act: Act, changes: dict[str, list[Any]]) -> Iterator[tuple[Fact, bool]]:
    for flag in ("is_operator", "is_auditor", "is_superuser"):
        if flag in changes:
            yield (act.object, flag), bool(changes[flag][1])


def fold_approvals(act: Act, changes: dict[str, list[Any]]) -> Iterator[tuple[Fact, bool]]:
    if "state" in changes:
        yield (act.object,), changes["state"][1] == "effective"


def fold_aliases(act: Act, changes: dict[str, list[Any]]) -> Iterator[tuple[Fact, bool]]:
    for name, (before, after) in changes.items():
        if name.startswith("alias."):
            yield (act.object, name[6:], str(before)), False
            yield (act.object, name[6:], str(after)), after is not None
    yield from fold_ended("alias", changes)


def fold_stages(act: Act, changes: dict[str, list[Any]]) -> Iterator[tuple[Fact, bool]]:
    before, after = changes.get("stages") or ({}, {})
    yield from (((name, stage), False) for name, stage in before.items())
    yield from (((name, stage), stage in ("Staging", "Production")) for name, stage in after.items())
    yield from fold_ended("stage", changes)


def fold_ended(kind: str, changes: dict[str, list[Any]]) -> Iterator[tuple[Fact, bool]]:
    """A deletion names in full what it took away."""
    yield from ((tuple(fact[1:]), False) for fact in changes.get("ended", ((), ()))[1] if fact[0] == kind)


class Fold(NamedTuple):
    """How the events of some actions begin and end one kind of state, whose rows have these fields."""

    actions: frozenset[str]
    fields: tuple[str, ...]
    facts: Callable[[Act, dict[str, list[Any]]], Iterator[tuple[Fact, bool]]]


def _acts(words: str) -> frozenset[str]:
    area, *names = words.split()
    return frozenset(f"{area}.{name}" for name in names)


DELETIONS = frozenset({"registry.version.delete", "registry.model.delete"})
FOLDS = {
    "workspace_roles": Fold(
        _acts("accounts.membership add remove"), ("object", "member", "role"), fold_roles
    ),
    "portal_flags": Fold(_acts("accounts.user create update"), ("object", "flag"), fold_flags),
    "approvals": Fold(
        _acts("compliance.approval grant use confirm revoke lapse supersede reinstate"),
        ("object",),
        fold_approvals,
    ),
    "aliases": Fold(
        _acts("registry.alias move remove") | DELETIONS, ("object", "alias", "version"), fold_aliases
    ),
    "stages": Fold(_acts("registry.stage move") | DELETIONS, ("object", "stage"), fold_stages),
}
STATE_ACTIONS = frozenset[str]().union(*(each.actions for each in FOLDS.values()))


def reconcile(name: str, rows: list[dict[str, Any]], acts: list[Act], report: Report) -> None:
    """Compare one kind of state with what the events add up to, both ways: no fact more, and none fewer."""
    rules = FOLDS.get(name)
    if rules is None:
        report.add("state", f"{name} is a kind of state that this verifier does not know: use a newer one")
        return
    told: dict[Fact, int] = {}
    blind = 0
    for act in acts:
        if act.action in rules.actions and act.changes is None:
            blind += 1
        elif act.action in rules.actions and act.changes is not None:
            for fact, holds in rules.facts(act, act.changes):
                told.pop(fact, None)
                if holds:
                    told[fact] = act.entry
    held = {tuple(str(row[part]) for part in rules.fields) for row in rows}
    hint = f"; the words of {blind} such events were erased" if blind else ""
    for fact in sorted(held - told.keys()):
        report.add("unexplained", f"{name}: {' '.join(fact)} holds now, and no event says why{hint}")
    for fact in sorted(told.keys() - held):
        report.add(
            "unexplained", f"{name}: {' '.join(fact)} was given and does not hold now{hint}", told[fact]
        )


# A bundle as a whole


@dataclass
class Check:
    """One check of one bundle."""

    bundle: Bundle
    keys: list[Key]
    since: Checkpoint | None
    report: Report
    workers: int
    heads: list[Checkpoint] = field(default_factory=list)

    def run(self) -> None:
        manifest = self._manifest()
        names = self.bundle.names("events/")
        jobs = [(self.bundle.path, *self.bundle.members[name], int(name[7:19])) for name in names]
        if self.workers > 1 and len(jobs) > 1:
            with ProcessPoolExecutor(min(self.workers, len(jobs))) as pool:
                waiting = [pool.submit(check_lines, *job) for job in jobs]
                stored, uuids, nodes = self._around()
                parts = [each.result() for each in waiting]
        else:
            stored, uuids, nodes = self._around()
            parts = [check_lines(*job) for job in jobs]
        if not self.heads:
            self.report.add(
                "checkpoint", "there is no checkpoint that a trusted key signed: nothing is proven"
            )
            return
        if manifest.get("size") != self.heads[-1].size or manifest.get("origin") != self.heads[-1].origin:
            self.report.add(
                "manifest", f"it says {manifest.get('size')} entries, the last head {self.heads[-1].size}"
            )
        log = Log(stored, b"".join(part.hashes for part in parts), nodes, self.heads)
        self._compare(log, stored, nodes, uuids, parts)
        self._heads_hold(log)
        self._details(manifest, parts)
        self._states(manifest, parts)

    def _around(self) -> tuple[bytes, list[str], list[bytes]]:
        """The file and the signed heads; the stored leaf hashes, their uuids, and the stored subtrees."""
        self.bundle.check(self.report)
        self.heads = self._heads()
        stored, uuids = self._index()
        return stored, uuids, self._nodes(len(stored) // H)

    def _manifest(self) -> dict[str, Any]:
        try:
            manifest: dict[str, Any] = json.loads(self.bundle.read("manifest.json"))
            if manifest["format"] != FORMATS[0]:
                raise ValueError(f"its format is {manifest['format']}")
        except (ValueError, KeyError, TypeError) as error:
            self.report.add("manifest", f"it cannot be read: {error}")
            return {}
        if not self.keys:
            self.keys = [Key(text) for text in manifest["verifiers"]]
        return manifest

    def _heads(self) -> list[Checkpoint]:
        found: list[Checkpoint] = []
        for number, line in enumerate(self.bundle.read("checkpoints.ndjson").splitlines(), 1):
            try:
                head = checkpoint_of(json.loads(line)["note"], self.keys)
                if found and head.size <= found[-1].size:
                    raise ValueError(f"its size {head.size} does not follow {found[-1].size}")
                found.append(head)
            except (ValueError, KeyError, TypeError) as error:
                self.report.add("checkpoint", f"number {number}, {_size_said(line)}, was altered: {error}")
        return found

    def _index(self) -> tuple[bytes, list[str]]:
        """The stored leaf hashes, and the uuids beside them."""
        text = b"".join(self.bundle.read(name) for name in self.bundle.names("index/"))
        records = [text[at : at + RECORD] for at in range(0, len(text), RECORD)]
        return b"".join(each[RECORD - H :] for each in records), [
            each[: RECORD - H].hex() for each in records
        ]

    def _nodes(self, size: int) -> list[bytes]:
        levels = range(1, max(size.bit_length(), 2))
        return [
            b"".join(self.bundle.read(n) for n in self.bundle.names(f"nodes/{level:02d}/"))
            for level in levels
        ]

    def _compare(
        self, log: Log, stored: bytes, nodes: list[bytes], uuids: list[str], parts: list[Lines]
    ) -> None:
        """Payloads, stored leaf hashes and stored subtrees against what was signed."""
        found, told = b"".join(part.hashes for part in parts), b"".join(part.uuids for part in parts)
        remarks = _joined(parts)
        named: set[int] = set()
        for kind, index, line in differences(found, log.tree.levels[0]):
            own = _uuid_at(told, line) if line >= 0 else ""
            uuid = own if kind == "inserted" else _dashed(uuids[index]) if index < len(uuids) else own
            said = [text for _, text in remarks.pop(line, [])]
            named.add(index)
            self.report.add(kind, "; ".join([_SAYINGS[kind].format(line=line), *said]), index, uuid)
        for start, end in log.unknown:
            self._range_named(start, end, named, remarks, told)
        for line, notes in remarks.items():
            for kind, text in notes:
                self.report.add(kind, text, line, _uuid_at(told, line))
        # Where the root could not be followed down, the stored subtrees are a part of the same change.
        for level, hashes in enumerate([stored, *nodes] if not log.unknown else [stored]):
            wanted = log.tree.levels[level] if level < len(log.tree.levels) else b""
            self._stored_holds(level, hashes, wanted, uuids)
        self._uuids_hold(told, uuids, found, log)

    def _range_named(
        self, start: int, end: int, named: set[int], remarks: dict[int, list[tuple[str, str]]], told: bytes
    ) -> None:
        """Entries of which some were altered: where only one contradicts itself, it is that."""
        odd = [line for line in range(start, end) if line in remarks]
        if len(odd) == 1:
            said = "; ".join([_SAYINGS["altered"], *(text for _, text in remarks.pop(odd[0]))])
            self.report.add("altered", said, odd[0], _uuid_at(told, odd[0]))
        elif not named & set(range(start, end)):
            self.report.add("altered", _SAYINGS["range"], start, last=end - 1)

    def _stored_holds(self, level: int, text: bytes, wanted: bytes, uuids: list[str]) -> None:
        if text == wanted:
            return
        for at in range(0, max(len(text), len(wanted)), H):
            if text[at : at + H] != wanted[at : at + H]:
                place = (
                    f"the stored hash of subtree {at // H} of level {level} is not the one that was signed"
                )
                uuid = _dashed(uuids[at // H]) if level == 0 and at // H < len(uuids) else ""
                self.report.add("subtree" if level else "index", place, (at // H) << level, uuid)

    def _uuids_hold(self, told: bytes, uuids: list[str], found: bytes, log: Log) -> None:
        """The uuids of the index are those of the payloads, where these are what was signed."""
        if found != log.tree.levels[0]:
            return
        given = told.decode(errors="replace").replace("-", "")
        if given != "".join(uuids):
            for at, uuid in enumerate(uuids):
                if given[at * 32 : at * 32 + 32] != uuid:
                    self.report.add(
                        "index",
                        f"the index calls it {_dashed(uuid)}",
                        at,
                        _dashed(given[at * 32 : at * 32 + 32]),
                    )

    def _heads_hold(self, log: Log) -> None:
        for head in self.heads:
            if not log.unknown and log.tree.root(head.size) != head.root:
                self.report.add(
                    "checkpoint", f"the head of size {head.size} is not one of this log: it was forked"
                )
        if self.since is None:
            return
        if self.since.origin != self.heads[-1].origin:
            self.report.add("since", f"the kept checkpoint is of the log {self.since.origin}")
        elif self.since.size > self.heads[-1].size:
            self.report.add(
                "since",
                f"the log had {self.since.size} entries when you kept its head: it was cut or rolled back",
            )
        elif log.tree.root(self.since.size) != self.since.root:
            self.report.add(
                "since",
                f"the first {self.since.size} entries are not those whose head you kept: it was rewritten",
            )

    def _details(self, manifest: dict[str, Any], parts: list[Lines]) -> None:
        """Words that are not there were erased by an act that is in the log."""
        if not manifest.get("details"):
            return
        erased = {uuid for part in parts for uuid in part.erased}
        start = 0
        for part in parts:
            for line, uuid in part.bare.items():
                if uuid.replace("-", "") not in erased and line not in part.remarks:
                    self.report.add(
                        "detail", "its words are gone, and no event says who erased them", start + line, uuid
                    )
            start += len(part.hashes) // H

    def _states(self, manifest: dict[str, Any], parts: list[Lines]) -> None:
        if not manifest.get("details"):
            return
        pending = check_lines(self.bundle.path, *self.bundle.members.get("pending.ndjson", (0, 0)), 0)
        acts = [*(act for part in parts for act in part.acts), *pending.acts]
        for name in manifest.get("states", []):
            lines = self.bundle.read(f"state/{name}.ndjson").splitlines()
            try:
                reconcile(name, [json.loads(line) for line in lines], acts, self.report)
            except (ValueError, KeyError, TypeError, IndexError) as error:
                self.report.add("state", f"{name} cannot be compared: {error!r}")


_SAYINGS = {
    "altered": "its payload is not the one that was signed",
    "removed": "it is in the signed log and not in the events",
    "inserted": "it is in the events and not in the signed log",
    "reordered": "it stands as line {line} of the events",
    "range": "one or more of these are not what was signed; the stored subtrees do not fit the signed root either",
}


def _joined(parts: list[Lines]) -> dict[int, list[tuple[str, str]]]:
    start, found = 0, {}
    for part in parts:
        found.update({start + line: notes for line, notes in part.remarks.items()})
        start += len(part.hashes) // H
    return found


def _uuid_at(told: bytes, line: int) -> str:
    return told[line * 36 : line * 36 + 36].decode(errors="replace").strip()


def _dashed(text: str) -> str:
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def _size_said(line: bytes) -> str:
    found = re.search(rb"\\n(\d{1,19})\\n", line)
    return f"of size {found[1].decode()}" if found else "of unknown size"


# A receipt


def check_receipt(said: dict[str, Any], keys: list[Key], since: Checkpoint | None, report: Report) -> str:
    """One event with its path to a signed root; what was found, in a sentence."""
    index, uuid = said["index"], said["uuid"]
    try:
        head = checkpoint_of(said["checkpoint"], keys)
    except ValueError as error:
        report.add("checkpoint", f"it was altered, or this is not its key: {error}")
        return ""
    try:
        facts = canonical(said["payload"].encode())
        _, wrong = detail_of(facts, said)
    except ValueError as error:
        facts, wrong = {"uuid": ""}, [("altered", str(error))]
    path = [base64.b64decode(value) for value in said["path"]]
    if (
        not 0 <= index < head.size
        or root_by_path(index, head.size, leaf(said["payload"].encode()), path) != head.root
    ):
        wrong.append(("altered", "its payload, index or path do not lead to the signed root"))
    if facts["uuid"] != uuid or said["size"] != head.size:
        wrong.append(("altered", "uuid or size are not those of the payload and the checkpoint"))
    if since is not None and since.size == head.size and since.root != head.root:
        wrong.append(("since", "you kept another head of the same size: the log was forked"))
    for kind, text in wrong:
        report.add(kind, text, index, uuid)
    return f"event {uuid} is entry {index} of the log {head.origin}, under its head of size {head.size}"


# The command


def verify(
    path: str, keys: list[Key], since: str | None = None, workers: int | None = None
) -> tuple[Report, str]:
    """Check a file; what does not hold, and a sentence about what was looked at. Raises Unreadable."""
    report = Report()
    try:
        with open(path, "rb") as file:
            is_receipt = file.read(1) == b"{"
        kept = checkpoint_of(Path(since).read_text(), keys) if since else None
        if is_receipt:
            said = json.loads(Path(path).read_text())
            if not keys or said["format"] != FORMATS[1]:
                raise Unreadable(
                    "A receipt is checked with --key only." if not keys else "It is of another format."
                )
            return report, check_receipt(said, keys, kept, report)
        bundle = Bundle(path)
        if not bundle.members:
            raise Unreadable(f"{path} is neither a bundle nor a receipt.")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unreadable(f"{path} cannot be checked: {error}") from error
    check = Check(bundle, keys, kept, report, workers or os.cpu_count() or 1)
    check.run()
    last = check.heads[-1] if check.heads else None
    return (
        report,
        f"{last.size} entries of the log {last.origin} under {len(check.heads)} signed heads" if last else "",
    )


def main(arguments: list[str] | None = None) -> int:
    """Print what does not hold; the exit code is described at the top."""
    parser = argparse.ArgumentParser(prog="compliance.verify", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("file", help="a bundle (zip) or a receipt (JSON)")
    parser.add_argument(
        "--key", action="append", default=[], help="a verifier, or a file of verifiers; may be repeated"
    )
    parser.add_argument("--since", help="a checkpoint that you kept: the log must begin with it")
    parser.add_argument("--json", help="write what does not hold to this file")
    parser.add_argument("--workers", type=int, help="processes; default: one per core")
    options = parser.parse_args(arguments)
    try:
        report, looked_at = verify(options.file, keys_of(options.key), options.since, options.workers)
    except (Unreadable, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if options.json:
        Path(options.json).write_text(
            json.dumps({"ok": not report.problems, "problems": report.problems}, indent=1)
        )
    for line in report.lines():
        sys.stdout.write(f"{line}\n")
    if not options.key:
        sys.stdout.write(
            "No --key was given. The keys in the bundle were used: that shows it is whole, not whose it is.\n"
        )
    sys.stdout.write(f"{'NOT OK' if report.problems else 'OK'}: {looked_at or 'nothing is proven'}\n")
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
