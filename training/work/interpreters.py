"""The Pythons of this machine."""

import os
import platform
import re
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from jobs.errors import Permanent

_MINOR = re.compile(r"(3\.\d{1,2})(\.\d{1,3})?\Z")


def version_here(wanted: str, *, is_firm: bool) -> str:
    """The full version of the Python that is meant. Unless `is_firm`, another one of the same minor version, or the
    worker's own where this machine has none: what a project of some years ago names is a wish.

    Raises Permanent when a firm one is not here.
    """
    found = _MINOR.match(wanted)
    for asked in [wanted] if is_firm or found is None else [wanted, found[1]]:
        python = _found(asked)
        if python is not None:
            return python[1]
    if not is_firm:
        return platform.python_version()
    raise _missing(wanted)


def interpreter_of(version: str) -> Path:
    """The interpreter of exactly that version. Raises Permanent when this machine has none."""
    python = _found(version)
    if python is None:
        raise _missing(version)
    return python[0]


def _found(wanted: str) -> tuple[Path, str] | None:
    """The worker's own Python where it fits, else one that uv finds."""
    own = platform.python_version()
    if own == wanted or own.startswith(f"{wanted}."):
        return Path(getattr(sys, "_base_executable", sys.executable)), own
    return _looked_for(wanted)


@lru_cache(maxsize=64)
def _looked_for(wanted: str) -> tuple[Path, str] | None:
    path = _said(settings.UV_PROGRAM, "python", "find", "--system", "--no-project", wanted)
    version = _said(path, "-c", "import platform; print(platform.python_version())") if path else ""
    fits = version == wanted or version.startswith(f"{wanted}.")
    return (Path(path), version) if fits else None


def _said(*words: str) -> str:
    env = {
        "PATH": os.environ.get("PATH", os.defpath),
        "UV_PYTHON_DOWNLOADS": "never",
        "HOME": os.path.expanduser("~"),
    }
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=30, env=env)  # noqa: S603 - ours
    return done.stdout.strip() if done.returncode == 0 else ""


def _missing(wanted: str) -> Permanent:
    return Permanent(
        f"This worker has no Python {wanted}; its own is {platform.python_version()}. Ask for that one, or have "
        f"{wanted} installed on the machine."
    )
