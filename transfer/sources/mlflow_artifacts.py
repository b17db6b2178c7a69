"""Files of an MLflow store, by the URIs that it names, from where the caller lets them be read and nowhere else.

A source says itself where its files lie. Were it believed, it could name any file of this machine, any bucket that
our credentials open, any address in our network; so a URI is followed only to the server that is the source, or below
a place that was named on the command line.
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

from transfer.objects import FilesUnreadable, SourceFile

READ_BYTES = 1024 * 1024


class ArtifactSource:
    """Reads files of the store at `uri`.

    `allowed` are folders and beginnings of URIs that may be read besides. `root` is what the server keeps proxied
    artifacts in: with it, `mlflow-artifacts:` URIs are read there, not through a server.
    """

    def __init__(self, uri: str, *, allowed: Sequence[str] = (), root: str = "") -> None:
        self._uri = uri
        self._server = urlsplit(uri) if urlsplit(uri).scheme in ("http", "https") else None
        self._root = root.rstrip("/")
        places = [*allowed, *([root] if root else [])]
        self._is_folder = urlsplit(uri).scheme in ("", "file")
        if self._is_folder:
            places.append(uri)
        self._folders = [_local(each).resolve() for each in places if urlsplit(each).scheme in ("", "file")]
        self._prefixes = [each.rstrip("/") for each in places if urlsplit(each).scheme not in ("", "file")]

    def files(self, uri: str) -> Iterator[SourceFile]:
        """All files below a folder, by path. Raises FilesUnreadable."""
        place = self._place(uri)
        if isinstance(place, Path):
            yield from _local_files(place)
            return
        try:
            yield from _remote_files(place, None)
        except Exception as error:  # each kind of store has errors of its own
            raise FilesUnreadable(f"the files at {uri} cannot be listed: {_short(error)}") from error

    def content(self, uri: str, path: str) -> Iterator[bytes]:
        """The bytes of a file below a folder. Raises FilesUnreadable."""
        place = self._place(uri)
        if isinstance(place, Path):
            yield from self._local_content(place, path)
            return
        with tempfile.TemporaryDirectory(prefix="transfer-") as folder:
            local = Path(folder) / "file"
            try:
                place._download_file(path, str(local))
            except Exception as error:  # each kind of store has errors of its own
                raise FilesUnreadable(f"{path} at {uri} cannot be read: {_short(error)}") from error
            yield from _chunks(local)

    def _local_content(self, folder: Path, path: str) -> Iterator[bytes]:
        file = (folder / path).resolve()
        if not self._is_allowed(file):
            raise FilesUnreadable(f"{path} leads out of the folders that may be read")
        try:
            yield from _chunks(file)
        except OSError as error:
            raise FilesUnreadable(f"{path} cannot be read: {error.strerror}") from error

    def _place(self, uri: str) -> Any:
        """A local folder, or a repository of MLflow's. Raises FilesUnreadable for what may not be read."""
        parts = urlsplit(uri)
        if parts.scheme == "mlflow-artifacts" and self._root:
            uri = f"{self._root}/{parts.path.lstrip('/')}"
            parts = urlsplit(uri)
        if parts.scheme in ("", "file"):
            folder = self._moved(_local(uri).resolve())
            if not self._is_allowed(folder):
                raise FilesUnreadable(
                    f"{folder} is a folder of this machine; --artifacts-from {folder} lets it be read"
                )
            return folder
        if not self._is_served(uri) and not any(_is_below(uri, prefix) for prefix in self._prefixes):
            raise FilesUnreadable(
                f"{uri} lies elsewhere; --artifacts-from {parts.scheme}://… lets it be read"
            )
        return get_artifact_repository(uri, tracking_uri=self._uri)

    def _moved(self, folder: Path) -> Path:
        """Where the files of a run lie in a folder `mlruns` that stands elsewhere than when the run was made."""
        if self._is_allowed(folder) or not self._is_folder:
            return folder
        here = _local(self._uri).resolve().joinpath(*folder.parts[-3:])
        return (
            here
            if folder.name == "artifacts" and here.is_dir() and self._is_allowed(here.resolve())
            else folder
        )

    def _is_served(self, uri: str) -> bool:
        """Whether the source itself serves it."""
        parts = urlsplit(uri)
        if self._server is None or ".." in unquote(parts.path).split("/"):
            return False
        if parts.scheme == "mlflow-artifacts":
            return not parts.netloc or parts.netloc == self._server.netloc.rpartition("@")[2]
        return False

    def _is_allowed(self, path: Path) -> bool:
        return any(path == folder or folder in path.parents for folder in self._folders)


def _is_below(uri: str, prefix: str) -> bool:
    return (uri == prefix or uri.startswith(f"{prefix}/")) and ".." not in unquote(uri).split("/")


def _local(uri: str) -> Path:
    parts = urlsplit(uri)
    return Path(unquote(parts.path)) if parts.scheme == "file" else Path(uri)


def _local_files(folder: Path) -> Iterator[SourceFile]:
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            file = Path(parent) / name
            yield SourceFile(file.relative_to(folder).as_posix(), file.stat().st_size)


def _remote_files(repository: Any, path: str | None) -> Iterator[SourceFile]:
    for entry in repository.list_artifacts(path):
        if entry.is_dir:
            yield from _remote_files(repository, entry.path)
        else:
            yield SourceFile(entry.path, entry.file_size)


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while chunk := opened.read(READ_BYTES):
            yield chunk


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
