"""Reading files for their digests: each once over all attempts of a job, with the place saved between them."""

import hashlib
from collections.abc import Callable
from typing import Any

from experiments.artifacts.store import ArtifactStore, Entry
from jobs.errors import Transient
from jobs.step import JobStep
from portal.kernel.errors import NotFound

# Hashing this much takes less time than saving a place, so small files share a checkpoint.
CHECKPOINT_BYTES = 8 * 1024 * 1024


def manifest_read(step: JobStep, store: ArtifactStore, root: str, files: list[Entry]) -> list[dict[str, Any]]:
    """`[{path, size, sha256}]` of the files below `root`.

    The cursor of the job holds the entries of the files that were read. One whose size changed since is read again.
    """
    known = {entry["path"]: entry for entry in step.cursor.get("manifest", [])}
    manifest: list[dict[str, Any]] = []
    unsaved = 0
    for file in files:
        path = file.path.removeprefix(f"{root}/")
        entry = known.get(path)
        if entry is None or entry["size"] != file.size:
            entry = {"path": path, **_hashed(step, store, file)}
            unsaved += entry["size"]
        manifest.append(entry)
        if unsaved >= CHECKPOINT_BYTES:
            step.checkpoint({"manifest": manifest})
            unsaved = 0
    return manifest


def file_measured(store: ArtifactStore, path: str, check: Callable[[], object] = bool) -> dict[str, Any]:
    """Size and SHA-256 of a file as it is read, not as it was listed; `check` is called between its chunks."""
    digest, size = hashlib.sha256(), 0
    for chunk in store.open(path).chunks:
        check()
        digest.update(chunk)
        size += len(chunk)
    return {"size": size, "sha256": digest.hexdigest()}


def _hashed(step: JobStep, store: ArtifactStore, file: Entry) -> dict[str, Any]:
    try:
        return file_measured(store, file.path, step.check)
    except NotFound as error:
        raise Transient(f"The file {file.path} went away while the model was read.") from error
