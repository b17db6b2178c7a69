"""The files of a version as its manifest has them: each is hashed as it is read, and a byte that differs is told."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from experiments.artifacts.locations import store_path
from experiments.artifacts.store import artifact_store
from jobs.errors import NothingToDo
from jobs.step import JobStep
from portal.kernel.errors import NotFound
from registry.models import ModelVersion
from registry.models.registered_model import READY


class FileChanged(Exception):
    """A file of a version is not what its manifest says."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path} {why}")
        self.path, self.why = path, why


def version_wanted(version_id: str) -> ModelVersion:
    """The version of a job, with what a label needs. Raises NothingToDo when there is no use in looking at it."""
    version = ModelVersion.objects.select_related("model", "workspace").filter(pk=version_id).first()
    if version is None or version.deleted_at is not None:
        raise NothingToDo(f"The version {version_id} was deleted, so there is nothing to look at.")
    if version.status != READY or not version.manifest:
        raise NothingToDo(f"{version} is not ready or has no files, so there is nothing to look at.")
    return version


def manifest_of(version: ModelVersion) -> list[dict[str, Any]]:
    return list(version.manifest or [])


def small_file(version: ModelVersion, path: str, *, limit_bytes: int) -> bytes | None:
    """The bytes of a file; None when the version has none of that path, or it is larger than the limit."""
    entry = next((entry for entry in manifest_of(version) if entry["path"] == path), None)
    if entry is None or entry["size"] > limit_bytes:
        return None
    return b"".join(_checked(version, entry))


@contextmanager
def downloaded(step: JobStep, version: ModelVersion) -> Iterator[Path]:
    """All files in a folder that only this process reads, gone afterwards. Raises FileChanged."""
    with tempfile.TemporaryDirectory(prefix="portal-gate-") as name:
        folder = Path(name) / "files"
        download(step, version, folder)
        yield folder


def download(step: JobStep, version: ModelVersion, folder: Path) -> None:
    """All files into a new folder, each hashed as it is read. Raises FileChanged."""
    folder.mkdir(mode=0o700)
    for entry in manifest_of(version):
        target = folder.joinpath(*_plain_names(entry["path"]))
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with target.open("xb") as file:
            for chunk in _checked(version, entry):
                step.check()
                file.write(chunk)
        os.chmod(target, 0o400)


def _checked(version: ModelVersion, entry: dict[str, Any]) -> Iterator[bytes]:
    digest, size = hashlib.sha256(), 0
    try:
        for chunk in artifact_store().open(f"{store_path(version.artifact_location)}/{entry['path']}").chunks:
            digest.update(chunk)
            size += len(chunk)
            if size > entry["size"]:
                break
            yield chunk
    except NotFound as error:
        raise FileChanged(entry["path"], "is not there any more") from error
    if size != entry["size"] or digest.hexdigest() != entry["sha256"]:
        raise FileChanged(entry["path"], "is not what it was when the version became READY")


def _plain_names(path: str) -> tuple[str, ...]:
    names = PurePosixPath(path).parts
    if not names or path.startswith("/") or ".." in names or "\x00" in path:
        raise FileChanged(path, "has a name that leads elsewhere")
    return names
