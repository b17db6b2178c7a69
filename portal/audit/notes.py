"""Checkpoints as text that others have verifiers for: C2SP tlog-checkpoint in a C2SP signed-note, by Ed25519."""

import base64
import binascii
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
_SEED_BYTES = 32
_DASH = "\N{EM DASH} "


class BadKey(Exception):
    """A signing key that cannot be used: not there, not readable, or not a key."""


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint says."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The signed text."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


class Signer:
    """A key with its name. Only the sequencer makes one."""

    def __init__(self, name: str, seed: bytes) -> None:
        self.name = name
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        public = self._key.public_key().public_bytes_raw()
        self._id = key_id(name, public)
        self.verifier = f"{name}+{self._id.hex()}+{base64.b64encode(ED25519 + public).decode()}"

    @classmethod
    def read(cls, name: str, path: Path) -> "Signer":
        """The key in a file that holds 32 bytes in base64. Raises BadKey."""
        try:
            seed = base64.b64decode(path.read_text().strip(), validate=True)
        except OSError as error:
            raise BadKey(f"The signing key {path} cannot be read: {error.strerror}.") from error
        except (binascii.Error, ValueError) as error:
            raise BadKey(f"The signing key {path} is not base64.") from error
        if len(seed) != _SEED_BYTES:
            raise BadKey(f"The signing key {path} holds {len(seed)} bytes instead of {_SEED_BYTES}.")
        return cls(name, seed)

    def sign(self, text: str) -> str:
        """The signed note of a text that ends in a newline."""
        signature = base64.b64encode(self._id + self._key.sign(text.encode())).decode()
        return f"{text}\n{_DASH}{self.name} {signature}\n"

    def sign_raw(self, data: bytes) -> bytes:
        """The 64 bytes of a signature over anything."""
        return self._key.sign(data)


def key_id(name: str, public: bytes) -> bytes:
    """The four bytes that a signature line names its key by."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def key_make(path: Path) -> None:
    """Write a new key, readable by its owner only; nothing happens where a file is."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(base64.b64encode(os.urandom(_SEED_BYTES)).decode() + "\n")
    try:
        os.link(fresh, path)  # unlike a rename, this never replaces a key that somebody else just made
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def note_holds(note: str, verifier: str) -> bool:
    """Whether the key of that verifier signed the note."""
    name, _, rest = verifier.partition("+")
    text, gap, lines = note.rpartition("\n\n")
    try:
        public = base64.b64decode(rest.partition("+")[2], validate=True).removeprefix(ED25519)
        wanted = f"{_DASH}{name} "
        tokens = [line.removeprefix(wanted) for line in lines.splitlines() if line.startswith(wanted)]
        signatures = [base64.b64decode(token, validate=True) for token in tokens]
        key = Ed25519PublicKey.from_public_bytes(public)
    except ValueError:
        return False
    ours = [signature[4:] for signature in signatures if signature[:4] == key_id(name, public)]
    return bool(gap) and bool(ours) and all(_is_signed(key, each, f"{text}\n") for each in ours)


def _is_signed(key: Ed25519PublicKey, signature: bytes, text: str) -> bool:
    try:
        key.verify(signature, text.encode())
    except InvalidSignature:
        return False
    return True
