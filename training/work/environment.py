"""Builds Python environments with uv: locked once, built once for a lock, shared by all jobs of this machine."""

import fcntl
import hashlib
import os
import platform
import shutil
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from jobs.errors import Permanent
from jobs.process.command import Command, Limits
from jobs.process.run import run_command
from jobs.step import JobStep
from portal.kernel.clock import now
from training.models import RuntimeEnvironment
from training.work.indexes import index_settings

BUILD_SECONDS = 1800


@dataclass(frozen=True)
class Built:
    """An environment on this machine: its interpreter and what it was built from."""

    python: Path
    environment: RuntimeEnvironment


def lock_make(step: JobStep, folder: Path, requirements: Sequence[str], python: str) -> str:
    """The requirements with everything that they need, in exact versions and with hashes. Raises Permanent."""
    asked, locked = folder / "requirements.in", folder / "requirements.lock"
    asked.write_text("".join(f"{line}\n" for line in requirements))
    arguments = [
        "pip",
        "compile",
        "--quiet",
        "--generate-hashes",
        "--no-header",
        "--no-annotate",
        "--python-version",
    ]
    _uv(step, folder, [*arguments, python, "--output-file", str(locked), str(asked)], "lock the packages")
    return locked.read_text()


def environment_ready(step: JobStep, folder: Path, lock: str, python: str) -> Built:
    """The environment of a lock, built unless this machine has it. Raises Permanent when it cannot be built."""
    where = f"{platform.system().lower()}-{platform.machine()}-{sysconfig.get_platform()}"
    digest = hashlib.sha256(f"{python}\n{where}\n{lock}".encode()).hexdigest()
    home = Path(settings.JOBS_DIR) / "environments" / digest
    with _alone(home.with_suffix(".lock")):
        if not (home / "bin" / "python").exists():
            _build(step, folder, home, lock, python)
    row, _ = RuntimeEnvironment.objects.get_or_create(
        digest=digest,
        defaults={"lock": lock, "python_version": python, "platform": where, "created_at": now()},
    )
    return Built(home / "bin" / "python", row)


def _build(step: JobStep, folder: Path, home: Path, lock: str, python: str) -> None:
    """Build beside the place and rename: a half-built environment is never used."""
    shutil.rmtree(home, ignore_errors=True)
    half = home.with_suffix(".half")
    shutil.rmtree(half, ignore_errors=True)
    (folder / "requirements.lock").write_text(lock)
    _uv(
        step,
        folder,
        ["venv", "--quiet", "--relocatable", "--python", _interpreter(python), str(half)],
        "make the environment",
    )
    install = [
        "pip",
        "install",
        "--quiet",
        "--python",
        str(half / "bin" / "python"),
        "--require-hashes",
        "-r",
    ]
    _uv(step, folder, [*install, str(folder / "requirements.lock")], "install the packages")
    half.rename(home)


def _uv(step: JobStep, folder: Path, arguments: Sequence[str], what: str) -> None:
    env = {
        **index_settings(), "PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder / "home"),
        "UV_NO_PROGRESS": "1",
        "UV_CACHE_DIR": settings.UV_CACHE_DIR, "UV_PYTHON_DOWNLOADS": "never",
    }  # fmt: skip
    command = Command(
        argv=(settings.UV_PROGRAM, *arguments), cwd=folder, env=env, limits=Limits(seconds=BUILD_SECONDS)
    )
    found = run_command(step, command, label=what)
    if found.code != 0:
        raise Permanent(f"The portal could not {what}. The end of what uv said: {found.tail[-2000:]}")


def _interpreter(python: str) -> str:
    """The worker's own Python where it is the one that is wanted; else uv looks for one."""
    own = getattr(sys, "_base_executable", sys.executable)
    return own if platform.python_version().startswith(python) else python


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One builder of an environment at a time on this machine; a killed one lets go."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
