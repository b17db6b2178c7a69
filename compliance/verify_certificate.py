"""Checks a reproduction certificate, without the portal and without a network.

    python -m compliance.verify_certificate certificate.json --key portal.example/documents+1a2b3c4d+AV...

`--key` is the verifier of the portal's documents (C2SP signed-note), or a file with one per line. Get it from somebody
you trust, not from the certificate. With `--model folder/`, the files of a model are hashed and compared with those
that the certificate is about. This file needs Python and `cryptography`.

Exit codes: 0 all holds; 1 something does not, each thing named on a line of its own; 2 not readable at all.
"""

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

STATEMENT, PREDICATE = "https://in-toto.io/Statement/v1", "urn:portal:reproduction:1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"


def key_of(verifier: str) -> Ed25519PublicKey:
    """The public key of `name+id+base64`. Raises ValueError, also when the id is not that of the key."""
    name, number, encoded = verifier.strip().split("+", 2)
    raw = base64.b64decode(encoded, validate=True)
    if raw[:1] != b"\x01" or len(raw) != 33:
        raise ValueError("no Ed25519 key")
    if hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4].hex() != number:
        raise ValueError("the id of the key is not that of its bytes")
    return Ed25519PublicKey.from_public_bytes(raw[1:])


def problems(envelope: dict[str, Any], verifiers: list[str], model: Path | None) -> Iterator[str]:
    """Everything that does not hold."""
    payload = base64.b64decode(envelope["payload"], validate=True)
    kind = str(envelope["payloadType"])
    signed = b"DSSEv1 %d %b %d %b" % (len(kind.encode()), kind.encode(), len(payload), payload)
    keys = [key_of(verifier) for verifier in verifiers]
    signatures = [base64.b64decode(each["sig"], validate=True) for each in envelope["signatures"]]
    if not any(_holds(key, signature, signed) for key in keys for signature in signatures):
        yield "the signature is by none of the given keys, or the certificate was changed"
    statement = json.loads(payload)
    if (
        kind != PAYLOAD_TYPE
        or statement.get("_type") != STATEMENT
        or statement.get("predicateType") != PREDICATE
    ):
        yield "this is no reproduction certificate"
        return
    if model is not None:
        yield from _files(statement["predicate"]["files"], model)


def _holds(key: Ed25519PublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed)
    except InvalidSignature:
        return False
    return True


def _files(wanted: dict[str, str], model: Path) -> Iterator[str]:
    found = {
        path.relative_to(model).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in model.rglob("*")
        if path.is_file()
    }
    for path in sorted(wanted.keys() | found.keys()):
        if wanted.get(path) != found.get(path):
            yield f"{path} {_difference(path in found, path in wanted)}"


def _difference(is_found: bool, is_wanted: bool) -> str:
    if is_found and is_wanted:
        return "differs"
    return "is not in the certificate" if is_found else "is missing"


def main(arguments: list[str] | None = None) -> int:
    """Check and say; the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("certificate", type=Path)
    parser.add_argument("--key", required=True)
    parser.add_argument("--model", type=Path)
    given = parser.parse_args(arguments)
    try:
        envelope = json.loads(given.certificate.read_text())
        is_file = "+" not in given.key and Path(given.key).exists()
        verifiers = Path(given.key).read_text().split() if is_file else [given.key]
        found = list(problems(envelope, verifiers, given.model))
        said = json.loads(base64.b64decode(envelope["payload"]))
        subject, predicate = said["subject"][0], said["predicate"]
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        print(f"not readable: {error}", file=sys.stderr)  # noqa: T201
        return 2
    for line in found:
        print(line)  # noqa: T201
    if not found:
        digest = subject["digest"]["sha256"]
        print(f"{subject['name']} ({digest}): {predicate['verdict']}, issued {predicate['issuedAt']}")  # noqa: T201
        print(predicate["why"])  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
