"""The bundle: a zip that `compliance/verify_file.py` checks byte for byte, years later and without the portal.

signature.note      a signed note over the digest of the manifest
manifest.json       path, size and SHA-256 of every other member, in their order
file.json           the technical file as canonical JSON (RFC 8785)
file.pdf            the same for people
checkpoint.note     the newest signed head of the audit log
evidence/F….json    the body of each fact
receipts/….json     the proof of each audit event
"""

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

import rfc8785

from compliance.exports.zips import StoredZip
from portal.audit.notes import Signer
from registry.gate.recording import plain
from registry.technical_file.content import FORMAT, Content
from registry.technical_file.proofs import Proofs, receipt_path


@dataclass(frozen=True)
class Bundle:
    """The bytes of the zip and of the PDF in it, and the verifier of the key that signed."""

    content: bytes
    pdf: bytes
    verifier: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def bundle_make(content: Content, proofs: Proofs, pdf: bytes, signer: Signer) -> Bundle:
    """All members in their order, under one signature."""
    members: dict[str, bytes] = {"file.json": canonical(content.file), "file.pdf": pdf}
    if proofs.note:
        members["checkpoint.note"] = proofs.note.encode()
    for path, body in sorted(content.evidence.items()):
        members[path] = canonical(body)
    for receipt in sorted(proofs.receipts.values(), key=lambda each: int(each["index"])):
        members[receipt_path(receipt["uuid"])] = canonical(receipt)
    manifest = canonical(_manifest(members, content, proofs, signer))
    head = f"{FORMAT}\n{len(manifest)}\n{base64.b64encode(hashlib.sha256(manifest).digest()).decode()}\n"
    archive = StoredZip()
    chunks = [*archive.member("signature.note", signer.sign(head).encode())]
    for path, body in {"manifest.json": manifest, **members}.items():
        chunks += archive.member(path, body)
    return Bundle(b"".join([*chunks, *archive.end()]), pdf, signer.verifier)


def canonical(value: Any) -> bytes:
    """Canonical JSON; numbers that it cannot hold stand as text."""
    return rfc8785.dumps(plain(value))


def _manifest(members: dict[str, bytes], content: Content, proofs: Proofs, signer: Signer) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "system": content.file["system"]["id"],
        "made_at": content.file["made_at"],
        "verifier": signer.verifier,
        "log_verifiers": proofs.verifiers,
        "files": [
            {"path": path, "size": len(body), "sha256": hashlib.sha256(body).hexdigest()}
            for path, body in members.items()
        ],
    }
