"""The files of a version on this machine, each byte what was approved."""

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings

from deployments.facts import RUNNING
from deployments.models import Revision
from deployments.node.folders import models_folder
from jobs.errors import Permanent
from jobs.step import JobStep
from registry.gate.files import FileChanged, download, manifest_of
from registry.gate.signing import folder_verified
from registry.models import ModelVersion

log = structlog.get_logger("deployments")
MODEL = "model"


def files_ready(step: JobStep, version: ModelVersion, digest: str) -> tuple[Path, str]:
    """The folder with the files of a version, and the fingerprint of the key that signed them ("" for none).

    `digest` is the one under which the version was deployed, or is to score. What is there from before is hashed again,
    and fetched anew where a byte differs. Raises Permanent when the store has not what was approved, or the signature
    does not hold.
    """
    home = models_folder() / digest
    if version.digest != digest:
        raise Permanent(
            f"The files of {version} are not those that were deployed: their digest is another one."
        )
    with _one_at_a_time(step, home):
        if not _is_whole(step, home / MODEL, manifest_of(version)):
            _fetched(step, version, home)
        os.utime(home)
        said = folder_verified(step, version, home / MODEL)
    if said is not None and said.outcome != "pass":
        raise Permanent(f"{said.summary} It is not used.")
    return home / MODEL, "" if said is None else str(said.body["key"]["fingerprint"])


def models_clean() -> int:
    """Remove files that no revision has run from for some days; how many versions."""
    oldest = time.time() - settings.SERVING_FILES_DAYS * 86_400
    folder, gone = models_folder(), 0
    for home in folder.iterdir() if folder.is_dir() else ():
        if home.suffix == ".lock":
            continue
        is_old = home.stat().st_mtime < oldest
        if is_old and not Revision.objects.filter(digest=home.name, desired_state=RUNNING).exists():
            shutil.rmtree(home, ignore_errors=True)
            gone += 1
    return gone


@contextmanager
def _one_at_a_time(step: JobStep, home: Path) -> Iterator[None]:
    """Whoever else prepares the same files waits; a killed one lets go."""
    home.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with home.with_suffix(".lock").open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                step.check()
                time.sleep(0.1)
        yield


def _fetched(step: JobStep, version: ModelVersion, home: Path) -> None:
    """Fetch beside the place and rename, so that half of the files is never used."""
    half = home.with_suffix(f".half-{step.run.pk.hex}")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(mode=0o700)
    try:
        download(step, version, half / MODEL)
        shutil.rmtree(home, ignore_errors=True)
        half.rename(home)
    except FileChanged as error:
        raise Permanent(f"{version} is not served: its file {error}.") from error
    finally:
        shutil.rmtree(half, ignore_errors=True)


def _is_whole(step: JobStep, folder: Path, manifest: list[dict[str, Any]]) -> bool:
    """Whether the folder holds these files and no others."""
    wanted = {entry["path"]: entry for entry in manifest}
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    if found != set(wanted) or any(path.is_symlink() for path in folder.rglob("*")):
        return False
    return all(_is_same(step, folder / path, entry) for path, entry in wanted.items())


def _is_same(step: JobStep, path: Path, entry: dict[str, Any]) -> bool:
    step.check()
    if path.stat().st_size != entry["size"]:
        return False
    with path.open("rb") as file:
        return bool(hashlib.file_digest(file, "sha256").hexdigest() == entry["sha256"])
