"""The files of the model are those of the manifest: all of them, no other ones, and none that leads elsewhere."""

import hashlib
import json
import os
from pathlib import Path

from model_server.order import Order, Refused

OTHER_FILES = 3


def files_check(order: Order) -> None:
    """Hash every file. Raises Refused at the first difference."""
    if manifest_digest(order.manifest) != order.digest:
        raise Refused(
            OTHER_FILES, "The manifest is not the one that was approved: its digest is another one."
        )
    wanted = {entry["path"]: entry for entry in order.manifest}
    found = _paths(order.model)
    for path in sorted(found - wanted.keys()):
        raise Refused(OTHER_FILES, f"{path} is not in the manifest.")
    for path in sorted(wanted.keys() - found):
        raise Refused(OTHER_FILES, f"{path} is missing.")
    for path, entry in wanted.items():
        _file_check(order.model / path, entry)


def manifest_digest(manifest: list) -> str:
    """SHA-256 over the manifest as RFC 8785 writes it; for text and whole numbers the standard library does so."""
    ordered = sorted(manifest, key=lambda entry: entry["path"])
    canonical = json.dumps(ordered, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _paths(folder: Path) -> set:
    found = set()
    for where, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            path = Path(where, name)
            if path.is_symlink() or (name in files and not path.is_file()):
                raise Refused(OTHER_FILES, f"{path.relative_to(folder)} is a link or no plain file.")
        found |= {Path(where, name).relative_to(folder).as_posix() for name in files}
    return found


def _file_check(path: Path, entry: dict) -> None:
    with path.open("rb") as file:
        digest, size = hashlib.file_digest(file, "sha256").hexdigest(), file.tell()
    if size != entry["size"] or digest != entry["sha256"]:
        raise Refused(OTHER_FILES, f"{entry['path']} is not the file that was approved.")
