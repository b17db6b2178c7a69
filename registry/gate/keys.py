"""The keys that signatures of models are made and checked with: elliptic curves, in PEM files that settings name."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_CURVES = ("secp256r1", "secp384r1", "secp521r1")


@dataclass(frozen=True)
class PublicKey:
    """A key that outsiders check signatures with. `fingerprint` is the SHA-256 of its DER form."""

    pem: str
    fingerprint: str
    algorithm: str
    is_current: bool


def private_key_path() -> Path | None:
    """The file that models are signed with; None where this process signs nothing."""
    return Path(settings.MODEL_SIGNING_KEY_FILE) if settings.MODEL_SIGNING_KEY_FILE else None


def public_keys() -> list[PublicKey]:
    """The key of new signatures first, then those of older ones that still count.

    Raises ImproperlyConfigured for a file that is none of these.
    """
    current = _current()
    older = [_read(Path(name), is_current=False) for name in settings.MODEL_SIGNING_OLD_PUBLIC_KEYS]
    return ([current] if current else []) + older


def public_key_get(fingerprint: str) -> PublicKey | None:
    return next((key for key in public_keys() if key.fingerprint == fingerprint), None)


def _current() -> PublicKey | None:
    if settings.MODEL_SIGNING_PUBLIC_KEY_FILE:
        return _read(Path(settings.MODEL_SIGNING_PUBLIC_KEY_FILE), is_current=True)
    path = private_key_path()
    return _read(path, is_current=True) if path else None


def _read(path: Path, *, is_current: bool) -> PublicKey:
    try:
        data = path.read_bytes()
        if b"PRIVATE KEY" in data:
            key = serialization.load_pem_private_key(data, password=None).public_key()
        else:
            key = serialization.load_pem_public_key(data)
    except OSError as error:
        raise ImproperlyConfigured(f"The signing key {path} cannot be read: {error.strerror}.") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ImproperlyConfigured(f"{path} holds no key in PEM without a password.") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name not in _CURVES:
        raise ImproperlyConfigured(f"{path} holds no key on one of the curves {', '.join(_CURVES)}.")
    return _public(key, is_current)


def _public(key: ec.EllipticCurvePublicKey, is_current: bool) -> PublicKey:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return PublicKey(
        pem=key.public_bytes(serialization.Encoding.PEM, form).decode(),
        fingerprint=hashlib.sha256(key.public_bytes(serialization.Encoding.DER, form)).hexdigest(),
        algorithm=f"ECDSA {key.curve.name}",
        is_current=is_current,
    )
