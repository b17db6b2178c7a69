"""Secrets that are made on the first start and kept in files that only their owner reads."""

import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec


def secret_kept(path: Path, *, length_bytes: int = 24) -> str:
    """The secret in a file; made at random the first time."""
    if not path.exists():
        secret_write(path, secrets.token_urlsafe(length_bytes))
    return path.read_text().strip()


def model_signing_key_kept(path: Path) -> Path:
    """The file of a key on the curve P-256, made the first time: what models are signed with."""
    if not path.exists():
        pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        secret_write(path, pem.decode().strip())
    return path


def secret_write(path: Path, text: str) -> None:
    """Write a file with mode 0600, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"{text}\n")
    fresh.replace(path)
