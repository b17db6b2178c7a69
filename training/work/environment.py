"""Builds Python environments with uv: locked once, built once for a lock, shared by all jobs of this machine."""

import fcntl
import hashlib
import json
import os
import platform
import re
import shutil
import sysconfig
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO

from django.conf import settings

from jobs.errors import Permanent
from jobs.process.command import Command, Limits
from jobs.process.run import run_command
from jobs.step import JobStep
from portal.kernel.clock import now
from training.models import RequirementLock, RuntimeEnvironment
from training.work.indexes import index_settings
from training.work.interpreters import interpreter_of
from training.work.needs import Needs
from training.work.upkeep import environments_clean, size_note

BUILD_SECONDS = 1800
_VERSIONED = re.compile(r"@ git\+\S+@[0-9a-f]{40}(\s|#|$)")
_DESCRIPTIONS = ("pyproject.toml", "setup.py")


@dataclass(frozen=True)
class Built:
    """An environment on this machine: its interpreter and what it was built from. It stays while this is held."""

    python: Path
    environment: RuntimeEnvironment
    held: IO[str]


def environment_of(step: JobStep, folder: Path, needs: Needs, python: str) -> Built:
    """The environment that some requirements mean: as they were resolved lately, or resolved now. Raises Permanent."""
    key = _key(needs, python)
    since = now() - timedelta(hours=settings.TRAINING_LOCK_HOURS)
    known = RequirementLock.objects.select_related("environment").filter(key=key, made_at__gt=since).first()
    if known is not None:
        return environment_ready(step, folder, known.environment.lock, python)
    built = environment_ready(step, folder, lock_make(step, folder, needs, python), python)
    RequirementLock.objects.update_or_create(
        key=key, defaults={"environment": built.environment, "made_at": now()}
    )
    return built


def lock_make(step: JobStep, folder: Path, needs: Needs, python: str) -> str:
    """The requirements with everything that they need, in exact versions and with hashes. Raises Permanent."""
    asked, limits, locked = (folder / f"requirements.{name}" for name in ("in", "limits", "lock"))
    asked.write_text("".join(f"{line}\n" for line in [*needs.indexes, *needs.lines]))
    limits.write_text("".join(f"{line}\n" for line in needs.limits))
    packages = [str(path) for path in _descriptions(needs)]
    options = [
        "--quiet", "--generate-hashes", "--no-header", "--no-annotate", "--python", str(interpreter_of(python)),
        "--python-version", python, "--constraint", str(limits), "--output-file", str(locked),
    ]  # fmt: skip
    _uv(step, folder, ["pip", "compile", *options, str(asked), *packages], "lock the packages")
    return "".join(f"{line}\n" for line in needs.indexes) + locked.read_text()


def environment_ready(step: JobStep, folder: Path, lock: str, python: str) -> Built:
    """The environment of a lock, built unless this machine has it. Raises Permanent when it cannot be built."""
    where = _where()
    digest = hashlib.sha256(f"{python}\n{where}\n{lock}".encode()).hexdigest()
    home = Path(settings.JOBS_DIR) / "environments" / digest
    held = _held(step, home, lambda: _build(step, folder, home, lock, python))
    row, _ = RuntimeEnvironment.objects.get_or_create(
        digest=digest,
        defaults={"lock": lock, "python_version": python, "platform": where, "created_at": now()},
    )
    return Built(home / "bin" / "python", row, held)


def _held(step: JobStep, home: Path, build: Callable[[], None]) -> IO[str]:
    """A shared lock on the environment, which is there. One builds it at a time; a killed builder lets go."""
    home.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = home.with_suffix(".lock").open("a")
    while True:
        _flock(step, file, fcntl.LOCK_SH)
        if (home / "bin" / "python").exists():
            os.utime(home)
            return file
        _flock(step, file, fcntl.LOCK_EX)
        if not (home / "bin" / "python").exists():
            build()


def _flock(step: JobStep, file: IO[str], kind: int) -> None:
    while True:
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            step.check()
            time.sleep(0.1)


def _build(step: JobStep, folder: Path, home: Path, lock: str, python: str) -> None:
    """Build beside the place and rename: a half-built environment is never used."""
    environments_clean(home.parent)
    half = home.with_suffix(".half")
    for path in (home, half):
        shutil.rmtree(path, ignore_errors=True)
    written = folder / "requirements.lock"
    written.write_text(lock)
    made = ["venv", "--quiet", "--relocatable", "--python", str(interpreter_of(python)), str(half)]
    _uv(step, folder, made, "make the environment")
    # A commit of a repository has no hash beside its own name.
    hashes = [] if _VERSIONED.search(lock) else ["--require-hashes"]
    install = ["pip", "install", "--quiet", "--python", str(half / "bin" / "python"), "--no-deps", *hashes]
    _uv(step, folder, [*install, "-r", str(written)], "install the packages")
    size_note(half)
    half.rename(home)


def _uv(step: JobStep, folder: Path, arguments: Sequence[str], what: str) -> None:
    env = {
        **index_settings(), "PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder / "home"),
        "UV_NO_PROGRESS": "1", "UV_CACHE_DIR": settings.UV_CACHE_DIR, "UV_PYTHON_DOWNLOADS": "never",
        "GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": "https:ssh",
    }  # fmt: skip
    command = Command(
        argv=(settings.UV_PROGRAM, *arguments), cwd=folder, env=env, limits=Limits(seconds=BUILD_SECONDS)
    )
    found = run_command(step, command, label=what)
    if found.code != 0:
        raise Permanent(f"The portal could not {what}. The end of what uv said: {found.tail[-2000:]}")


def _key(needs: Needs, python: str) -> str:
    own = [hashlib.sha256(path.read_bytes()).hexdigest() for path in _descriptions(needs)]
    said = [needs.lines, needs.limits, needs.indexes, own, python, _where()]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _descriptions(needs: Needs) -> list[Path]:
    """The files that say what the code's own packages need."""
    found = []
    for folder in needs.own:
        found += [folder / name for name in _DESCRIPTIONS if (folder / name).is_file()][:1]
    return found


def _where() -> str:
    return f"{platform.system().lower()}-{platform.machine()}-{sysconfig.get_platform()}"
