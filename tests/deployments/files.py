"""Folders of models, as the registry knows them."""

import hashlib
from pathlib import Path
from typing import Any


def manifest_of(folder: Path) -> list[dict[str, Any]]:
    """`[{path, size, sha256}]` of what is there."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [
        {
            "path": path.relative_to(folder).as_posix(),
            "size": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in files
    ]
