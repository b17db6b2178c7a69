"""Where logs of jobs are kept: below `job-logs` in the artifact store, whose other folders are numbers.

The store of experiments stands above jobs; this is the little that a log needs of the same place.
"""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import obstore
from django.conf import settings
from obstore.exceptions import BaseError
from obstore.store import LocalStore, from_url

from portal.kernel.errors import Unavailable

FOLDER = "job-logs"


def chunk_path(job_id: UUID, attempt: int, seq: int, length: int) -> str:
    """A name of its own for each version of a chunk, the same for each try to write it."""
    return f"{FOLDER}/{job_id}/{attempt}/{seq:06}-{length}.gz"


def chunk_put(path: str, data: bytes) -> None:
    """Write a file whole or not at all. Raises Unavailable."""
    try:
        obstore.put(_store(str(settings.ARTIFACT_ROOT)), path, data, use_multipart=False)
    except (BaseError, OSError) as error:
        raise Unavailable(f"The log cannot be stored: {_why(error)}.") from error


def chunk_get(path: str) -> bytes:
    """Raises Unavailable."""
    try:
        return bytes(obstore.get(_store(str(settings.ARTIFACT_ROOT)), path).bytes())
    except (BaseError, OSError) as error:
        raise Unavailable("A part of the log cannot be read from the artifact store.") from error


def chunks_delete(paths: Iterable[str]) -> None:
    """Remove files, as far as they are there and the store answers."""
    for path in paths:
        try:
            obstore.delete(_store(str(settings.ARTIFACT_ROOT)), path)
        except (BaseError, OSError):
            continue


def _why(error: Exception) -> str:
    text = str(error)
    is_full = "os error 28)" in text or "os error 122)" in text  # ENOSPC, EDQUOT
    return "the artifact store is full" if is_full else "the artifact store does not answer as it should"


@lru_cache(maxsize=4)
def _store(root: str) -> Any:
    if "://" in root:
        return from_url(root)
    folder = Path(root).resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return LocalStore(folder)
