"""Keeps the environments of a machine within bounds of age and size."""

import fcntl
import os
import shutil
import time
from pathlib import Path

import structlog
from django.conf import settings

log = structlog.get_logger("training")
_NOTE = ".portal-bytes"
_LEFTOVER_SECONDS = 3600


def size_note(home: Path) -> None:
    """Write down how large an environment is, once, when it was built."""
    size = sum(path.lstat().st_size for path in home.rglob("*") if not path.is_symlink())
    (home / _NOTE).write_text(str(size))


def environments_clean(folder: Path) -> list[str]:
    """Remove what nobody used for long, and the longest unused of too much; never what a job holds."""
    known = sorted(
        (path for path in folder.iterdir() if path.suffix == ""), key=lambda path: path.stat().st_mtime
    )
    oldest = time.time() - settings.TRAINING_ENVIRONMENT_DAYS * 86_400
    sizes, gone = {home: _size(home) for home in known}, []
    for home in known:
        too_much = sum(sizes.values()) > settings.TRAINING_ENVIRONMENT_BYTES
        if (too_much or home.stat().st_mtime < oldest) and _removed(home):
            del sizes[home]
            gone.append(home.name)
    _leftovers_remove(folder)
    if gone:
        log.info("environments removed", count=len(gone))
    return gone


def _size(home: Path) -> int:
    try:
        return int((home / _NOTE).read_text())
    except (OSError, ValueError):
        return 0


def _removed(home: Path) -> bool:
    """Remove it unless somebody holds it. Its lock file stays: another process may be waiting at it."""
    with home.with_suffix(".lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        gone = home.with_suffix(f".gone-{os.getpid()}")
        home.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)
    return True


def _leftovers_remove(folder: Path) -> None:
    """What a killed builder or remover left."""
    for path in folder.iterdir():
        is_leftover = path.suffix == ".half" or path.suffix.startswith(".gone")
        if is_leftover and path.stat().st_mtime < time.time() - _LEFTOVER_SECONDS:
            shutil.rmtree(path, ignore_errors=True)
