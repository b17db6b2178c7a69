"""Compares the files of two models by digest, and `MLmodel` by what it says about the model."""

import hashlib
from pathlib import Path
from typing import Any

import yaml

MODEL_FILE = "MLmodel"
# What MLflow writes anew each time: who, when and how it is called, nothing of what the model does.
_VOLATILE = {"model_uuid", "model_id", "run_id", "utc_time_created", "artifact_path", "name"}
_READ_BYTES = 1024 * 1024


def digests_of(folder: Path) -> dict[str, str]:
    """SHA-256 of every file by its path."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                found[path.relative_to(folder).as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def files_compare(original: Path, again: Path) -> list[dict[str, Any]]:
    """Every path of either, with both digests and whether they are equal in meaning."""
    first, second = digests_of(original), digests_of(again)
    return [
        {
            "path": path, "original": first.get(path), "reproduced": second.get(path),
            "is_equal": first.get(path) == second.get(path)
            or (path == MODEL_FILE and path in first and path in second and _same_meaning(original, again)),
        }
        for path in sorted(first.keys() | second.keys())
    ]  # fmt: skip


def _same_meaning(original: Path, again: Path) -> bool:
    return bool(_meaning(original / MODEL_FILE) == _meaning(again / MODEL_FILE))


def _meaning(path: Path) -> Any:
    try:
        said = yaml.safe_load(path.read_text())
    except (yaml.YAMLError, UnicodeDecodeError):
        return path.read_bytes()
    return (
        {key: value for key, value in said.items() if key not in _VOLATILE}
        if isinstance(said, dict)
        else said
    )
