"""Checks the bundle of a technical file, without the portal and without a network.

    python -m compliance.verify_file file.zip --key portal.example/documents+1a2b3c4d+AV... --key log-verifiers.txt

`--key` is a verifier (C2SP signed-note), or a file with one per line: that of the portal's documents, and that of its
audit log. Get them from somebody you trust, not from the bundle. This file needs Python, `cryptography` and
`verify.py`, which lies beside it; take both along with the bundle.

Checked are: every byte of the zip; the signature over the manifest; the digest of every member; that each fact has its
evidence, and says what the evidence says; every receipt, up to the signed head of the audit log; that facts without a
proof are among the gaps, and that the gaps of the points are those in total.

Exit codes: 0 all holds; 1 something does not, each thing named on a line of its own; 2 not readable at all.
"""

import argparse
import base64
import hashlib
import json
import struct
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

try:
    from compliance import verify
except ImportError:  # handed over without the portal: the two files lie side by side
    import verify  # type: ignore[import-not-found, no-redef]

FORMAT = "portal-technical-file/1"
LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
FACTS = struct.Struct("<HHHHHIII")
FIRST = ("signature.note", "manifest.json")


class Member(NamedTuple):
    """A member and the place of its header."""

    name: str
    start: int
    content: bytes


@dataclass
class Archive:
    """The zip as one run of bytes."""

    data: bytes
    members: list[Member] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Go from header to header, as far as they lead."""
        at = 0
        while self.data[at : at + 4] == LOCAL and len(self.data) >= at + 30:
            size, length = (
                struct.unpack_from("<I", self.data, at + 22)[0],
                struct.unpack_from("<H", self.data, at + 26)[0],
            )
            place = at + 30 + length
            name = self.data[at + 30 : place].decode(errors="replace")
            self.members.append(Member(name, at, self.data[place : place + size]))
            at = place + size

    def content(self, name: str) -> bytes | None:
        return next((each.content for each in self.members if each.name == name), None)

    def differences(
        self, wanted: Sequence[tuple[str, int]], digests: dict[str, str]
    ) -> Iterator[tuple[str, str]]:
        """What is not as the portal writes it, by the names and sizes that were signed: a header hides nothing."""
        at, directory = 0, b""
        for name, size in wanted:
            raw = name.encode()
            place = at + 30 + len(raw)
            content = self.data[place : place + size]
            is_whole = name not in digests or hashlib.sha256(content).hexdigest() == digests[name]
            if not is_whole:
                yield name, "its bytes are not those that were signed"
            facts = FACTS.pack(45, 0x800, 0, 0, 0x21, zlib.crc32(content), size, size)
            header = LOCAL + facts + struct.pack("<HH", len(raw), 0) + raw
            found = self.data[at:place]
            # The checksum in a header fits no other content, which was named already.
            if found != header and (is_whole or found[:14] + found[18:] != header[:14] + header[18:]):
                yield name, "its header in the zip was changed"
            here = (
                CENTRAL
                + struct.pack("<H", 45)
                + facts
                + struct.pack("<HHHHHII", len(raw), 0, 0, 0, 0, 0, at)
                + raw
            )
            if not is_whole:
                stored = self._stored_checksum(at)
                here = here[:16] + stored + here[20:]
            directory += here
            at = place + size
        count = len(wanted)
        end = END + struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), at, 0)
        if self.data[at:] != directory + end:
            yield "the directory of the zip", "it was changed, or something was put behind it"

    def _stored_checksum(self, at: int) -> bytes:
        return self.data[at + 14 : at + 18]


@dataclass
class Check:
    """One check of one bundle."""

    archive: Archive
    keys: list[verify.Key]
    report: verify.Report
    is_trusted: bool

    def run(self) -> str:
        manifest = self._manifest()
        if manifest is None:
            return ""
        self._bytes(manifest)
        file = self._json("file.json")
        if file is None:
            return ""
        self._facts(file)
        self._gaps(file)
        receipts = self._receipts(file)
        return (
            f"technical file of {file['system']['name']}, made {file['made_at']}: {len(file['facts'])} facts, "
            f"{receipts} receipts, {len(file['gaps'])} gaps"
        )

    def _manifest(self) -> dict[str, Any] | None:
        """The manifest, when the signature is over its bytes."""
        note, content = self.archive.content(FIRST[0]), self.archive.content(FIRST[1])
        if note is None or content is None:
            self._add(
                "signature.note", "the beginning of the zip was damaged: there is no signature or no manifest"
            )
            return None
        try:
            manifest = dict(json.loads(content))
            keys = [key for key in self.keys if key.name.endswith("/documents")]
            keys = keys if self.is_trusted else [verify.Key(manifest["verifier"])]
            said = _signed(note.decode(), keys)
        except (ValueError, KeyError, TypeError, verify.Unreadable) as error:
            told = _unsigned(note)
            is_manifest = told is not None and told != (len(content), _digest64(content))
            self._add(FIRST[1] if is_manifest else FIRST[0], f"the signature does not hold: {error}")
            return None
        if said != (len(content), _digest64(content)):
            self._add(FIRST[1], "it is not the one that was signed")
            return None
        self.note_size = len(note)
        return manifest

    def _bytes(self, manifest: dict[str, Any]) -> None:
        files = manifest["files"]
        sizes = [(FIRST[0], self.note_size), (FIRST[1], len(self.archive.content(FIRST[1]) or b""))]
        wanted = [*sizes, *((each["path"], each["size"]) for each in files)]
        for name, said in self.archive.differences(wanted, {each["path"]: each["sha256"] for each in files}):
            self._add(name, said)

    def _json(self, name: str) -> Any:
        content = self.archive.content(name)
        try:
            return json.loads(content or b"")
        except ValueError:
            self._add(name, "it cannot be read")
            return None

    def _facts(self, file: dict[str, Any]) -> None:
        for fact in file["facts"]:
            body = self._json(fact["evidence"])
            differs = body is not None and any(
                body.get(name) != fact[name] for name in ("kind", "label", "at", "digest", "outcome")
            )
            if differs or (body is not None and body.get("fact") != fact["id"]):
                self._add(fact["evidence"], f"it does not say what fact {fact['id']} says")

    def _gaps(self, file: dict[str, Any]) -> None:
        sections = [section for point in file["points"] for section in point["sections"]]
        told = [{"ref": section["ref"], **gap} for section in sections for gap in section["gaps"]]
        if told != file["gaps"] or [point["number"] for point in file["points"]] != list(range(1, 10)):
            self._add("file.json", "its list of gaps is not that of its nine points")
        named = " ".join(gap["what"] for gap in file["gaps"] if gap["kind"] == "audit_proof")
        for fact in file["facts"]:
            if fact["proof"] is None and fact["id"] not in named:
                self._add("file.json", f"fact {fact['id']} has no proof, and no gap says so")

    def _receipts(self, file: dict[str, Any]) -> int:
        """Every proof that a fact names, up to a head that a trusted key signed."""
        manifest = self._json(FIRST[1])
        logs = [key for key in self.keys if not key.name.endswith("/documents")]
        keys = logs if self.is_trusted else [verify.Key(each) for each in manifest["log_verifiers"]]
        proofs = {fact["proof"]["event"]: fact["proof"] for fact in file["facts"] if fact["proof"]}
        if proofs and not keys:
            self._add("receipts", "no key of the audit log was given with --key, so they prove nothing")
            return 0
        for event, proof in sorted(proofs.items()):
            self._receipt(event, proof, keys)
        return len(proofs)

    def _receipt(self, event: str, proof: dict[str, Any], keys: list[verify.Key]) -> None:
        said = self._json(proof["receipt"])
        if said is None:
            return
        problems = verify.Report()
        try:
            verify.check_receipt(said, keys, None, problems)
        except (KeyError, TypeError, ValueError) as error:
            problems.add("receipt", f"it cannot be read: {type(error).__name__}")
        for problem in problems.problems:
            self._add(proof["receipt"], problem["said"])
        if (said.get("uuid"), said.get("index"), said.get("size")) != (
            event,
            proof["index"],
            proof["checkpoint"],
        ):
            self._add(proof["receipt"], "it proves another event than the fact names")

    def _add(self, name: str, said: str) -> None:
        self.report.add("altered", f"{name}: {said}")


def _digest64(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def _unsigned(note: bytes) -> tuple[int, str] | None:
    """Size and digest that a note says, whoever signed it."""
    try:
        lines = note.decode().split("\n")
        return (int(lines[1]), lines[2]) if lines[0] == FORMAT else None
    except (ValueError, IndexError):
        return None


def _signed(note: str, keys: Sequence[verify.Key]) -> tuple[int, str]:
    """Size and digest of the manifest that a trusted key signed. Raises ValueError."""
    text, gap, below = note.rpartition("\n\n")
    lines = below.split("\n")
    if not gap or len(lines) != 2 or lines[1]:
        raise ValueError("it is no signed note with one signature")
    dash, name, encoded = lines[0].split(" ")
    raw = base64.b64decode(encoded, validate=True)
    if base64.b64encode(raw).decode() != encoded or dash != "\N{EM DASH}":
        raise ValueError("it is no signed note")
    key = next((key for key in keys if (key.name, key.id) == (name, raw[:4])), None)
    if key is None:
        raise ValueError("no trusted key signed it")
    if not key.signed(f"{text}\n", raw[4:]):
        raise ValueError("it does not fit the text")
    said = _unsigned(note.encode())
    if said is None or text.count("\n") != 2:
        raise ValueError("it is of another format")
    return said


def verify_file(path: str, keys: list[verify.Key]) -> tuple[verify.Report, str]:
    """What does not hold, and what was looked at. Raises Unreadable for what is no bundle at all."""
    data = Path(path).read_bytes()
    if LOCAL not in data and CENTRAL not in data:
        raise verify.Unreadable(f"{path} is no bundle of a technical file.")
    report = verify.Report()
    return report, Check(Archive(data), keys, report, bool(keys)).run()


def main(arguments: list[str] | None = None) -> int:
    """Print what does not hold; the exit code is described at the top."""
    parser = argparse.ArgumentParser(
        prog="compliance.verify_file", description=(__doc__ or "").split("\n\n")[0]
    )
    parser.add_argument("file", help="the bundle (zip)")
    parser.add_argument(
        "--key", action="append", default=[], help="a verifier, or a file of them; may be repeated"
    )
    parser.add_argument("--json", help="write what does not hold to this file")
    options = parser.parse_args(arguments)
    try:
        report, looked_at = verify_file(options.file, verify.keys_of(options.key))
    except (verify.Unreadable, OSError) as error:
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
            "No --key was given. The keys in the bundle were used: it is whole, but whose is it?\n"
        )
    sys.stdout.write(f"{'NOT OK' if report.problems else 'OK'}: {looked_at or 'nothing is proven'}\n")
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
