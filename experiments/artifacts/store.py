"""The artifact store: a local folder, S3, Google Cloud Storage or Azure Blob Storage behind one interface.

Paths are relative and normalised (`experiments.artifacts.paths`). A file appears whole or not at all: local
writes go to a hidden file that is renamed, object stores publish an upload when it is completed. No file is
ever held in memory as a whole. Failures of the store are Unavailable, so a client may try again.
"""

import os
import posixpath
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

import obstore
import structlog
from django.conf import settings
from obstore.exceptions import BaseError
from obstore.store import LocalStore, from_url

from portal.kernel.errors import Conflict, DomainError, NotFound, Unavailable

log = structlog.get_logger("artifacts")

PART_BYTES = 5 * 1024 * 1024  # the smallest part that S3 takes
READ_BYTES = 256 * 1024
_PARTS_AT_MOST = 9_000  # S3 allows 10,000
_CONCURRENT_PARTS = 2
# Plain HTTP is spoken only where the address of the endpoint says so.
_CLIENT: Any = {"allow_http": True, "connect_timeout": timedelta(seconds=5), "timeout": timedelta(minutes=5)}
_RETRY: Any = {"max_retries": 2, "retry_timeout": timedelta(seconds=20)}


@dataclass(frozen=True)
class Entry:
    """A file or folder; `path` counts from the root of the store, folders have no size."""

    path: str
    is_dir: bool
    size: int | None = None

    @property
    def name(self) -> str:
        return posixpath.basename(self.path)


@dataclass(frozen=True)
class OpenFile:
    """A file being read: `size` is that of the whole, `chunks` yields the bytes from `start` to `end`."""

    size: int
    start: int
    end: int
    e_tag: str
    modified_at: datetime
    chunks: Iterator[bytes]


@dataclass(frozen=True)
class Stored:
    """The facts about a file without its bytes."""

    size: int
    e_tag: str
    modified_at: datetime


@dataclass(frozen=True)
class Fingerprint:
    """What changes whenever a file does: of a local one also its inode and the time that nobody can set."""

    text: str
    changed_at: float


class ArtifactStore:
    """Files below one root. `root` is a local path or a URL with scheme s3, gs or az."""

    def __init__(self, root: str) -> None:
        self.folder: Path | None = None
        if "://" in root:
            self.store: Any = from_url(root, client_options=_CLIENT, retry_config=_RETRY)
        else:
            self.folder = Path(root).resolve()
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.store = LocalStore(self.folder, automatic_cleanup=True)

    @property
    def is_local(self) -> bool:
        return self.folder is not None

    def list_dir(self, path: str) -> list[Entry]:
        """The files and folders directly below a path, by name; empty where nothing is."""
        if not self._is_confined(path):
            return []
        with _store_errors(path):
            found = obstore.list_with_delimiter(self.store, path or None)
        folders = [Entry(prefix, is_dir=True) for prefix in found["common_prefixes"]]
        files = [Entry(item["path"], is_dir=False, size=item["size"]) for item in found["objects"]]
        entries = [entry for entry in folders + files if self._is_confined(entry.path)]
        return sorted(entries, key=lambda entry: entry.path)

    def list_files(self, prefix: str) -> Iterator[Entry]:
        """All files below a folder, however deep, by path."""
        if not self.is_local:
            yield from self._list_objects(prefix)
            return
        for entry in self.list_dir(prefix):
            if entry.is_dir:
                yield from self.list_files(entry.path)
            else:
                yield entry

    def stat(self, path: str) -> Stored:
        """Size and version of a file. Raises NotFound."""
        self._confined_check(path)
        with _store_errors(path):
            found = obstore.head(self.store, path)
        return Stored(found["size"], found["e_tag"] or "", found["last_modified"])

    def fingerprint(self, path: str) -> Fingerprint:
        """What tells whether a file is still the same one, without its bytes. Raises NotFound."""
        facts = self.stat(path)
        text, changed_at = f"{facts.size} {facts.e_tag} {facts.modified_at}", facts.modified_at.timestamp()
        if self.folder is not None:
            with _store_errors(path):
                found = os.stat(self.folder / path)
            text, changed_at = (
                f"{text} {found.st_ino} {found.st_mtime_ns} {found.st_ctime_ns}",
                found.st_ctime,
            )
        return Fingerprint(text, changed_at)

    def open(self, path: str, start: int = 0, end: int | None = None) -> OpenFile:
        """Read a file from byte `start` up to, not including, `end`. Raises NotFound."""
        facts = self.stat(path)
        stop = facts.size if end is None else min(end, facts.size)
        start = min(start, stop)
        chunks = self._chunks(path, start, stop) if stop > start else iter(())
        return OpenFile(facts.size, start, stop, facts.e_tag, facts.modified_at, chunks)

    def put(self, path: str, chunks: Iterable[bytes], *, size: int | None = None) -> None:
        """Write a file from its chunks, replacing what was there when the last one has arrived.

        An exception raised by `chunks` ends the upload without a trace. Raises Conflict when a folder has
        the name, or a file has that of a folder of the path.
        """
        self._confined_check(path)
        head, rest = _first_part(chunks)
        part_bytes = max(PART_BYTES, (size or 0) // _PARTS_AT_MOST)
        with _store_errors(path):
            if rest is None:
                obstore.put(self.store, path, head, use_multipart=False)
            else:
                obstore.put(
                    self.store,
                    path,
                    chain([head], rest),
                    chunk_size=part_bytes,
                    max_concurrency=_CONCURRENT_PARTS,
                )

    def delete(self, path: str) -> int:
        """Delete a file, or a folder with all in it; the number of files. Raises NotFound at none."""
        files = [entry.path for entry in self.list_files(path)] or [self._file_at(path)]
        with _store_errors(path):
            obstore.delete(self.store, files)
        return len(files)

    def delete_files(self, paths: Sequence[str]) -> None:
        """Delete files; one that is not there is well."""
        for path in paths:
            self._confined_check(path)
        try:
            if paths:
                obstore.delete(self.store, list(paths))
        except FileNotFoundError:
            for path in paths:
                with suppress(NotFound):
                    self._delete_one(path)
        except (BaseError, OSError) as error:
            raise _refusal(str(error), paths[0]) from error

    def _delete_one(self, path: str) -> None:
        with _store_errors(path):
            obstore.delete(self.store, path)

    def signed_url(self, method: str, path: str, expires_in: timedelta) -> str:
        """A URL with which its holder may do one thing to one object. Only object stores can sign."""
        if self.is_local:
            raise LookupError("A local folder has no addresses to sign.")
        with _store_errors(path):
            return str(obstore.sign(self.store, method, path, expires_in))  # type: ignore[call-overload]

    def _file_at(self, path: str) -> str:
        self.stat(path)
        return path

    def _list_objects(self, prefix: str) -> Iterator[Entry]:
        with _store_errors(prefix):
            for batch in obstore.list(self.store, prefix or None):
                for item in batch:
                    yield Entry(item["path"], is_dir=False, size=item["size"])

    def _chunks(self, path: str, start: int, end: int) -> Iterator[bytes]:
        with _store_errors(path):
            found = obstore.get(self.store, path, options={"range": (start, end)})
            yield from map(bytes, found.stream(min_chunk_size=READ_BYTES))

    def _confined_check(self, path: str) -> None:
        if not self._is_confined(path):
            raise _not_found(path)

    def _is_confined(self, path: str) -> bool:
        """Whether the path leads to itself: a symbolic link planted in the folder could lead out of it."""
        if self.folder is None:
            return True
        plain = os.path.join(self.folder, *path.split("/")) if path else str(self.folder)
        try:
            return os.path.realpath(plain) == plain
        except (OSError, ValueError):
            return False


def artifact_store() -> ArtifactStore:
    """The store that ARTIFACT_ROOT names."""
    return _store_of(str(settings.ARTIFACT_ROOT))


@lru_cache(maxsize=4)
def _store_of(root: str) -> ArtifactStore:
    return ArtifactStore(root)


def _first_part(chunks: Iterable[bytes]) -> tuple[bytes, Iterator[bytes] | None]:
    """The first bytes, and the rest if there may be more: a small file needs no multipart upload."""
    rest, head = iter(chunks), bytearray()
    for chunk in rest:
        head += chunk
        if len(head) >= PART_BYTES:
            return bytes(head), rest
    return bytes(head), None


@contextmanager
def _store_errors(path: str) -> Iterator[None]:
    """Errors of the store as refusals of ours. Their texts name hosts and folders: only the log gets them."""
    try:
        yield
    except FileNotFoundError as error:
        raise _not_found(path) from error
    except (BaseError, OSError) as error:
        raise _refusal(str(error), path) from error


def _refusal(text: str, path: str) -> DomainError:
    if any(f"os error {number})" in text for number in (20, 21)):  # ENOTDIR, EISDIR
        return Conflict(
            f"'{path}' cannot be written: a folder has that name, or a file has that of its folder."
        )
    log.error("artifact store failed", path=path, error=text[:500])
    if "os error 28)" in text or "os error 122)" in text:  # ENOSPC, EDQUOT
        return Unavailable("The artifact store is full. Nothing was written; ask an operator for space.")
    return Unavailable("The artifact store does not answer as it should. Nothing was changed; try again.")


def _not_found(path: str) -> NotFound:
    return NotFound(f"No such artifact: '{path}'")
