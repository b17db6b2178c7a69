"""Files of datasets in the artifact store: kept once for the same bytes, read back only as what they were."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from experiments.artifacts.paths import path_normalised
from experiments.artifacts.store import READ_BYTES, artifact_store
from experiments.services.digests import manifest_digest
from portal.kernel.errors import Conflict, InvalidInput, NotFound, TooLarge

FILES_AT_MOST = 1_000


class Readable(Protocol):
    """What is read: a file that can be read twice."""

    def read(self, size: int = -1, /) -> bytes: ...
    def seek(self, offset: int, /) -> Any: ...


@dataclass(frozen=True)
class Kept:
    """Files in the store: `path` is the folder, `digest` the SHA-256 over the manifest."""

    path: str
    digest: str
    manifest: list[dict[str, Any]]

    @property
    def size_bytes(self) -> int:
        return sum(entry["size"] for entry in self.manifest)


class FileDiffers(Exception):
    """A file of a version is not what its manifest says."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path} {why}")
        self.path, self.why = path, why


def files_keep(workspace_id: int, files: Iterable[tuple[str, Readable]]) -> Kept:
    """Keep files by name. The folder is named by their digest, so the same bytes are kept once.

    Each is read twice: for its digest, and to store it. Raises InvalidInput for names and for no file at all,
    TooLarge for too many, Conflict where a file changed meanwhile.
    """
    named = list(files)
    paths = _paths_of(named)
    manifest = [{"path": path, **_measured(file)} for path, (_, file) in zip(paths, named, strict=True)]
    kept = Kept("", manifest_digest(manifest), sorted(manifest, key=lambda entry: entry["path"]))
    kept = Kept(f"data/{workspace_id}/{kept.digest}", kept.digest, kept.manifest)
    for entry, (_, file) in zip(manifest, named, strict=True):
        file.seek(0)
        artifact_store().put(f"{kept.path}/{entry['path']}", _same(entry, file), size=entry["size"])
    return kept


def folder_keep(workspace_id: int, folder: Path) -> Kept:
    """Keep the plain files below a folder; links are left out."""
    found = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]
    opened = [(path.relative_to(folder).as_posix(), path.open("rb")) for path in found[: FILES_AT_MOST + 1]]
    try:
        return files_keep(workspace_id, opened)
    finally:
        for _, file in opened:
            file.close()


def file_read(path: str, entry: dict[str, Any]) -> Iterator[bytes]:
    """The bytes of a file below `path`; the last ones only come when all were what the manifest says.

    Raises FileDiffers.
    """
    held = b""
    digest, size = hashlib.sha256(), 0
    try:
        for chunk in artifact_store().open(f"{path}/{entry['path']}").chunks:
            digest.update(chunk)
            size += len(chunk)
            if held:
                yield held
            held = chunk
    except NotFound as error:
        raise FileDiffers(entry["path"], "is not there any more") from error
    if size != entry["size"] or digest.hexdigest() != entry["sha256"]:
        raise FileDiffers(entry["path"], "is not what it was when the version was made")
    yield held


def files_fetch(
    path: str, manifest: Iterable[dict[str, Any]], folder: Path, check: Callable[[], object] = bool
) -> None:
    """Put the files of a version into a folder, readable only. `check` is called between chunks.

    Raises FileDiffers.
    """
    for entry in manifest:
        target = folder / path_normalised(entry["path"])
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with target.open("xb") as file:
            for chunk in file_read(path, entry):
                check()
                file.write(chunk)
        os.chmod(target, 0o400)


def folder_measured(folder: Path, check: Callable[[], object] = bool) -> list[dict[str, Any]]:
    """The manifest of what lies in a folder now. What is no plain file is listed without a digest."""
    manifest = []
    for path in sorted(folder.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            continue
        entry: dict[str, Any] = {"path": path.relative_to(folder).as_posix(), "size": 0, "sha256": ""}
        if path.is_file() and not path.is_symlink():
            check()
            with path.open("rb") as file:
                entry |= {
                    "size": path.stat().st_size,
                    "sha256": hashlib.file_digest(file, "sha256").hexdigest(),
                }
        manifest.append(entry)
    return sorted(manifest, key=lambda entry: str(entry["path"]))


def _paths_of(files: list[tuple[str, Readable]]) -> list[str]:
    if not files:
        raise InvalidInput("A dataset version has at least one file.", code="no_files")
    if len(files) > FILES_AT_MOST:
        raise TooLarge(f"A dataset version has at most {FILES_AT_MOST} files.")
    paths = [path_normalised(name) for name, _ in files]
    twice = sorted({path for path in paths if paths.count(path) > 1})
    if twice:
        raise InvalidInput(f"Two files are called {twice[0]}. Give each its own name.", code="file_twice")
    return paths


def _measured(file: Readable) -> dict[str, Any]:
    file.seek(0)
    digest, size = hashlib.sha256(), 0
    while chunk := file.read(READ_BYTES):
        digest.update(chunk)
        size += len(chunk)
    return {"size": size, "sha256": digest.hexdigest()}


def _same(entry: dict[str, Any], file: Readable) -> Iterator[bytes]:
    """The chunks of a file; an end that differs from what was measured undoes the write."""
    digest = hashlib.sha256()
    while chunk := file.read(READ_BYTES):
        digest.update(chunk)
        yield chunk
    if digest.hexdigest() != entry["sha256"]:
        raise Conflict(f"The file {entry['path']} changed while it was read. Send it again.")
