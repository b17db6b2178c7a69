"""Reading files that were measured once: what was changed since is refused, or breaks off before its last bytes.

Apps above declare what they have measured. A digest that was taken is kept while the store says that the file is
still the same one, so that a large file is hashed again only when something happened to it.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.core.cache import cache
from django.core.signing import BadSignature, Signer

from experiments.artifacts.manifests import file_measured
from experiments.artifacts.store import Stored, artifact_store
from portal.kernel.errors import DomainError

# Hashing this much before the first byte is sent keeps nobody waiting; more is hashed while it is sent.
FIRST_BYTES = 32 * 1024 * 1024
_KEPT_SECONDS = 24 * 3600
# A change within the tick of the clock that stamped the file before would not show: such a digest is not kept.
_SETTLED_SECONDS = 2


@dataclass(frozen=True)
class Measured:
    """What a file has to be; `changed` records that it is not, and says what to refuse with."""

    size: int
    sha256: str
    changed: Callable[[], DomainError]


Find = Callable[[str], Measured | None]
_FINDERS: list[Find] = []


def measured_declare(find: Find) -> None:
    """Add a way to find what the file at a path of the store has to be."""
    if find not in _FINDERS:
        _FINDERS.append(find)


def chunks_checked(path: str, facts: Stored, start: int, end: int) -> Iterator[bytes]:
    """The bytes of a file from `start` to `end`. Raises what `changed` gives when the file is not what was measured."""
    measured = next((found for find in _FINDERS if (found := find(path)) is not None), None)
    if measured is None:
        return artifact_store().open(path, start, end).chunks
    is_whole = (start, end) == (0, facts.size)
    is_late = is_whole and facts.size > FIRST_BYTES
    if facts.size != measured.size or (not is_late and digest_now(path) != measured.sha256):
        raise measured.changed()
    return _held_back(path, measured) if is_whole else artifact_store().open(path, start, end).chunks


def digest_now(path: str) -> str:
    """SHA-256 of a file as it is, taken anew unless the store says that nothing happened to it. Raises NotFound."""
    store = artifact_store()
    before = store.fingerprint(path)
    known = _known(path, before.text)
    if known:
        return known
    digest = str(file_measured(store, path)["sha256"])
    is_settled = time.time() - before.changed_at > _SETTLED_SECONDS
    if is_settled and store.fingerprint(path) == before:
        said = _signer().sign_object([path, before.text, digest])
        cache.set(_key(path, before.text), said, _KEPT_SECONDS)
    return digest


def _held_back(path: str, measured: Measured) -> Iterator[bytes]:
    """The file, its last chunk only after all of it was hashed."""
    digest, kept = hashlib.sha256(), b""
    for chunk in artifact_store().open(path).chunks:
        digest.update(chunk)
        if kept:
            yield kept
        kept = chunk
    if digest.hexdigest() != measured.sha256:
        raise measured.changed()
    yield kept


def _known(path: str, fingerprint: str) -> str:
    said = cache.get(_key(path, fingerprint))
    try:
        of_path, of_file, digest = _signer().unsign_object(said) if said else ("", "", "")
    except BadSignature:
        return ""
    return str(digest) if (of_path, of_file) == (path, fingerprint) else ""


def _key(path: str, fingerprint: str) -> str:
    return f"digest:{hashlib.sha256(f'{path}|{fingerprint}'.encode()).hexdigest()}"


def _signer() -> Signer:
    return Signer(salt="experiments.artifacts.digest")
