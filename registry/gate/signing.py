"""Signs the files of a version, and checks that a signature still fits them."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compliance.evidence_kinds import FAIL, PASS
from compliance.models import Evidence
from compliance.selectors.evidence import evidence_newest
from experiments.artifacts.locations import store_path
from experiments.artifacts.store import artifact_store
from jobs.errors import NothingToDo, Transient
from jobs.step import JobStep
from portal.kernel.errors import NotFound
from registry.gate.beside import beside_uri
from registry.gate.child import ChildStopped, Limits, run_child
from registry.gate.files import FileChanged, downloaded
from registry.gate.keys import PublicKey, private_key_path, public_key_get, public_keys
from registry.gate.recording import Observation
from registry.gate.subjects import version_subject
from registry.models import ModelVersion

PROGRAM = "registry.gate.signer:main"
KIND = "signature"
LIMITS = Limits(memory_bytes=2 * 1024**3)


@dataclass(frozen=True)
class Signature:
    """A signature in the store with the key that it is checked with."""

    uri: str
    data: bytes
    key: PublicKey

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def signature_uri(version: ModelVersion) -> str:
    """Where the signature of a version lies."""
    return beside_uri(version, "signatures", "sig")


def signature_evidence(version: ModelVersion) -> Evidence | None:
    """What is known of the signature over exactly these files."""
    subject = version_subject(version)
    return evidence_newest(
        subject_type=subject.type, subject_id=subject.id, subject_digest=subject.digest
    ).get(KIND)  # fmt: skip


def version_signed(step: JobStep, version: ModelVersion) -> Observation:
    """Sign the files, store the signature, and check it as anybody would; a version that is signed is only checked.

    Raises NothingToDo where no key is set.
    """
    known = signature_evidence(version)
    if known is not None and known.outcome == PASS and public_key_get(known.body["key"]["fingerprint"]):
        return version_verified(step, version)
    private = private_key_path()
    if private is None:
        raise NothingToDo("MODEL_SIGNING_KEY_FILE is not set, so models are not signed.")
    try:
        with downloaded(step, version) as folder:
            made = _made(step, version, folder, private)
            artifact_store().put(store_path(made.uri), iter([made.data]), size=len(made.data))
            return _checked(step, version, folder, made)
    except FileChanged as error:
        return _refused(version, "", str(error))


def version_verified(step: JobStep, version: ModelVersion) -> Observation:
    """Check the stored signature against the files as they are now. Raises NothingToDo when there is none."""
    known = signature_evidence(version)
    if known is None:
        raise NothingToDo(f"{version} is not signed, so there is no signature to check.")
    try:
        with downloaded(step, version) as folder:
            return _verified(step, version, folder, known)
    except FileChanged as error:
        return _refused(version, known.body.get("key", {}).get("fingerprint", ""), str(error))


def folder_verified(step: JobStep, version: ModelVersion, folder: Path) -> Observation | None:
    """Check the stored signature against files that were fetched; None where the version is not signed.

    The folder that holds `folder` takes the files of the check.
    """
    known = signature_evidence(version)
    return None if known is None else _verified(step, version, folder, known)


def _verified(step: JobStep, version: ModelVersion, folder: Path, known: Evidence) -> Observation:
    named = known.body.get("key", {}).get("fingerprint", "")
    key = public_key_get(named)
    if key is None:
        return _refused(version, named, "the key that it was signed with is none of those that count here")
    try:
        data = b"".join(artifact_store().open(store_path(signature_uri(version))).chunks)
    except NotFound:
        return _refused(version, named, "the signature is not in the store any more")
    signature = Signature(signature_uri(version), data, key)
    if known.body.get("signature", {}).get("sha256") not in (None, signature.sha256):
        return _refused(version, named, "the signature in the store is not the one that was made")
    return _checked(step, version, folder, signature)


def _made(step: JobStep, version: ModelVersion, folder: Path, private: Path) -> Signature:
    path = folder.parent / "model.sig"
    _ask(step, version, folder, {"act": "sign", "key": str(private), "signature": str(path)})
    return Signature(signature_uri(version), path.read_bytes(), public_keys()[0])


def _checked(step: JobStep, version: ModelVersion, folder: Path, signature: Signature) -> Observation:
    """The same words and values whenever it fits, so that checking again changes nothing for an approver."""
    path, key_path = folder.parent / "check.sig", folder.parent / "key.pub"
    path.write_bytes(signature.data)
    key_path.write_text(signature.key.pem)
    answer = _ask(step, version, folder, {"act": "verify", "key": str(key_path), "signature": str(path)})
    if not answer["ok"]:
        return _refused(version, signature.key.fingerprint, str(answer["said"]))
    body = {
        "verified": True,
        "key": {"fingerprint": signature.key.fingerprint, "algorithm": signature.key.algorithm},
        "signature": {"uri": signature.uri, "sha256": signature.sha256, "bytes": len(signature.data)},
    }
    said = f"Signed with the key {signature.key.fingerprint[:16]}; the signature fits all files."
    return Observation(KIND, PASS, said, body, answer["tool"])


def _ask(step: JobStep, version: ModelVersion, folder: Path, request: dict[str, str]) -> Any:
    try:
        return run_child(step, PROGRAM, {**request, "folder": str(folder)}, LIMITS, folder.parent)
    except ChildStopped as error:
        raise Transient(f"{version} could not be signed or checked: {error}.") from error


def _refused(version: ModelVersion, fingerprint: str, why: str) -> Observation:
    body = {"verified": False, "key": {"fingerprint": fingerprint}, "problem": why[:1000]}
    said = f"The signature of {version} does not hold: {why}."[:900]
    return Observation(KIND, FAIL, said, body, "model-signing", severity="critical")
