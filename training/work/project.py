"""What the code itself says: packages, Python, and which command an entry point means."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs.errors import Permanent


@dataclass(frozen=True)
class Project:
    """How a tree of code is run: its folder, the command as words, and what it needs. `lock` excludes requirements."""

    folder: Path
    words: tuple[str, ...]
    requirements: Sequence[str]
    lock: str
    python: str


def project_read(spec: Mapping[str, Any], code: Path) -> Project:
    """Find out how the specification's command runs in this tree. Raises Permanent when the tree does not fit it."""
    folder = code / spec["code"].get("subdirectory", ".")
    if not folder.is_dir():
        raise Permanent(f"The code has no folder {spec['code']['subdirectory']}.")
    environment = spec["environment"]
    python = environment.get("python") or platform.python_version()
    lock = environment.get("lock", "")
    return Project(folder, _words(spec, folder), _requirements(environment, folder), lock, python)


def _words(spec: Mapping[str, Any], folder: Path) -> tuple[str, ...]:
    if "command" in spec:
        return tuple(spec["command"].split())
    raise Permanent("The code has no such entry point.")


def _requirements(environment: Mapping[str, Any], folder: Path) -> Sequence[str]:
    if "requirements" in environment:
        return tuple(environment["requirements"])
    path = folder / environment.get("requirements_file", "requirements.txt")
    return tuple(path.read_text().splitlines()) if path.is_file() else ()
