"""Environments of programs that are measured beside the portal, and are none of its own packages."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"


def environment_built(home: Path, wanted: Sequence[str]) -> Path:
    """The folder of an environment's programs; it is built by uv, of these packages, unless it is there."""
    if not (home / "whole").exists():
        sys.path.insert(0, str(_SCRIPTS))
        from install import find_uv, pip_settings  # noqa: PLC0415 - a script of the repository

        uv, env = str(find_uv()), {**os.environ, **pip_settings()}
        make = [uv, "venv", "-q", "--clear", "--python", sys.executable, str(home)]
        subprocess.run(make, env=env, check=True)
        install = [uv, "pip", "install", "-q", "--index-strategy", "unsafe-best-match"]
        subprocess.run([*install, "--python", str(home / "bin" / "python"), *wanted], env=env, check=True)
        (home / "whole").touch()
    return home / "bin"
