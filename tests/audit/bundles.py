"""Bundles without a database: the same members as an export has, made from events in memory, to be tampered with."""

import datetime as dt
import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import rfc8785

from compliance.exports.zips import StoredZip
from portal.audit import merkle
from portal.audit.notes import Checkpoint, Signer

ORIGIN, SEED = "log.example/audit", bytes(range(32))


@dataclass
class Entry:
    """One event as a bundle shows it; `stored` is the leaf hash in the index."""

    uuid: str
    payload: bytes
    columns: dict[str, Any]
    recorded_at: str
    detail: dict[str, str] | None
    stored: bytes = b""


@dataclass
class Made:
    """A bundle in parts. `write` puts it into a file; `nodes` of None are computed from the stored leaf hashes."""

    entries: list[Entry]
    notes: list[str]
    size: int
    index: list[tuple[str, bytes]]
    nodes: dict[int, list[bytes]]
    chunk: int = 100
    states: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    pending: list[Entry] = field(default_factory=list)
    numbers: list[int] | None = None

    @property
    def signer(self) -> Signer:
        return Signer(ORIGIN, SEED)

    def write(self, path: Path) -> Path:
        archive = StoredZip()
        with path.open("wb") as file:
            for name, content in self.members():
                file.writelines(archive.member(name, content))
            file.writelines(archive.end())
        return path

    def members(self) -> Iterator[tuple[str, bytes]]:
        manifest = {
            "format": "portal-audit-bundle/1", "origin": ORIGIN, "size": self.size, "chunk": self.chunk,
            "details": True, "verifiers": [self.signer.verifier], "states": sorted(self.states),
        }  # fmt: skip
        yield "manifest.json", json.dumps(manifest).encode()
        yield (
            "checkpoints.ndjson",
            b"".join(json.dumps({"note": note}).encode() + b"\n" for note in self.notes),
        )
        numbers = self.numbers or list(range(len(self.entries)))
        for start in range(0, max(len(self.entries), len(self.index)), self.chunk):
            end = start + self.chunk
            records = b"".join(UUID(uuid).bytes + value for uuid, value in self.index[start:end])
            yield f"index/{start:012d}.bin", records
            lines = [line_of(number, entry) for number, entry in zip(numbers, self.entries, strict=True)]
            yield f"events/{start:012d}.ndjson", b"".join(lines[start:end])
        for level, hashes in sorted(self.nodes.items()):
            for start in range(0, len(hashes), self.chunk):
                yield f"nodes/{level:02d}/{start:012d}.bin", b"".join(hashes[start : start + self.chunk])
        yield "pending.ndjson", b"".join(line_of(-1, entry) for entry in self.pending)
        for name, rows in sorted(self.states.items()):
            yield f"state/{name}.ndjson", b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def line_of(number: int, entry: Entry) -> bytes:
    said = {
        "index": number, "payload": entry.payload.decode(errors="replace"), "recorded_at": entry.recorded_at,
        "columns": entry.columns, "detail": entry.detail,
    }  # fmt: skip
    return json.dumps(said, ensure_ascii=False).encode() + b"\n"


def entry_make(number: int, chance: random.Random, **given: Any) -> Entry:
    """One event; `given` may set action, object, outcome and the words of the detail."""
    uuid = str(UUID(int=chance.getrandbits(128), version=4))
    moment = dt.datetime(2026, 11, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=number, microseconds=1)
    at = moment.isoformat(timespec="microseconds")
    words = {
        "actor_name": "ann",
        "reason": f"number {number} \u2013 \u00fc",
        "changes": given.get("changes", {}),
    }
    salt, body = chance.randbytes(16), rfc8785.dumps(words)
    kind, _, key = given.get("object", f"run:{chance.getrandbits(64):x}").partition(":")
    facts = {
        "v": 2, "at": at, "actor": f"user:{chance.randrange(50)}", "token": None,
        "action": given.get("action", "experiments.run.update"), "outcome": given.get("outcome", "done"),
        "request": f"{chance.getrandbits(64):016x}", "uuid": uuid, "object": f"{kind}:{key}",
        "workspace": chance.randrange(9), "detail": hashlib.sha256(salt + body).hexdigest(),
    }  # fmt: skip
    columns = {
        "uuid": uuid, "actor": facts["actor"], "token_id": None, "action": facts["action"],
        "outcome": facts["outcome"], "object_type": kind, "object_id": key, "workspace_id": facts["workspace"],
        "request_id": facts["request"],
    }  # fmt: skip
    payload = rfc8785.dumps(facts)
    return Entry(
        uuid, payload, columns, at, {"salt": salt.hex(), "body": body.decode()}, merkle.leaf_hash(payload)
    )


def bundle_make(entries: list[Entry], *, batch: int = 25, chunk: int = 100) -> Made:
    """A good bundle, with a checkpoint at the end of every batch."""
    signer, frontier, notes = Signer(ORIGIN, SEED), merkle.Frontier(), []
    nodes: dict[int, list[bytes]] = {}
    for start in range(0, len(entries), batch):
        for level, _, value in frontier.extend(entry.stored for entry in entries[start : start + batch]):
            nodes.setdefault(level, []).append(value)
        notes.append(signer.sign(Checkpoint(ORIGIN, frontier.size, frontier.root).text))
    index = [(entry.uuid, entry.stored) for entry in entries]
    return Made(entries, notes, len(entries), index, nodes, chunk)


def nodes_again(made: Made) -> None:
    """Compute the stored subtrees anew, as somebody would who covers their traces."""
    made.nodes = {}
    for level, _, value in merkle.Frontier().extend(value for _, value in made.index):
        made.nodes.setdefault(level, []).append(value)
