"""The certificate: an in-toto Statement v1 in a DSSE envelope, signed with the key of the portal's documents.

https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md,
https://github.com/secure-systems-lab/dsse/blob/master/protocol.md. The payload is canonical JSON (RFC 8785).
`compliance/verify_certificate.py` checks it without the portal.
"""

import base64
import datetime as dt
from collections.abc import Mapping
from typing import Any

import rfc8785

from portal.audit.notes import Signer
from training.models import Reproduction

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT, PREDICATE = "https://in-toto.io/Statement/v1", "urn:portal:reproduction:1"


def statement_of(
    reproduction: Reproduction, *, verdict: str, why: str, recorded: Mapping[str, Any], comparison: Mapping[str, Any],
    at: dt.datetime, portal: str,
) -> dict[str, Any]:  # fmt: skip
    """What the certificate says: about which files, made of what, how it was compared, and how it came out."""
    version = reproduction.version
    name = f"{version.model.workspace.name}/{version.model.name}/{version.version}"
    files = {entry["path"]: entry["sha256"] for entry in version.manifest or []}
    predicate = {
        "reproduction": str(reproduction.pk), "verdict": verdict, "why": why, "issuedAt": at.isoformat(),
        "portal": portal, "tolerance": reproduction.tolerance, "recorded": dict(recorded),
        "comparison": dict(comparison), "files": files, "requestedBy": f"user:{reproduction.requested_by_id}",
    }  # fmt: skip
    return {
        "_type": STATEMENT, "subject": [{"name": name, "digest": {"sha256": version.digest}}],
        "predicateType": PREDICATE, "predicate": predicate,
    }  # fmt: skip


def envelope_of(statement: Mapping[str, Any], signer: Signer) -> dict[str, Any]:
    """The DSSE envelope of a statement."""
    payload = rfc8785.dumps(dict(statement))
    return {
        "payloadType": PAYLOAD_TYPE, "payload": base64.b64encode(payload).decode(),
        "signatures": [{"keyid": signer.verifier, "sig": base64.b64encode(signer.sign_raw(pae(payload))).decode()}],
    }  # fmt: skip


def pae(payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding: what is signed."""
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
