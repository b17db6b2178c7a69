"""Archives of other trackers' folders that come with a form, and where they wait for their job."""

import re
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from experiments.artifacts.archives import BROKEN, Count, tar_entries, zip_entries
from experiments.artifacts.store import READ_BYTES, artifact_store
from portal import uploads
from portal.kernel.errors import InvalidInput, TooLarge

FIELD, ARCHIVES_FOLDER = "archive", "imports"
FILES_AT_MOST, BYTES_AT_MOST = 100_000, 8 * 1024**3
_ZIP, _GZIP = b"PK\x03\x04", b"\x1f\x8b"


def archive_accept(request: HttpRequest) -> None:
    """Let files of this request come; call it before anything reads the request."""
    uploads.upload_accept(request, settings.IMPORT_UPLOAD_BYTES)


def archive_keep(request: HttpRequest, workspace_id: int, file: Any) -> tuple[str, str]:
    """Keep an uploaded archive for the job; its path in the store, and its name. Raises TooLarge, InvalidInput."""
    if uploads.is_too_large(request, settings.IMPORT_UPLOAD_BYTES):
        raise TooLarge(
            f"An archive has at most {settings.IMPORT_UPLOAD_BYTES // 1024**2} MiB. An operator can import a folder of "
            "any size by a command."
        )
    if not isinstance(file, UploadedFile):
        raise InvalidInput(f"'{FIELD}' holds a tar, tar.gz or zip file.", code="bad_archive")
    start = file.read(512)
    if not (start.startswith((_ZIP, _GZIP)) or start[257:262] == b"ustar"):
        raise InvalidInput(f"{file.name} is no tar, tar.gz or zip file.", code="bad_archive")
    file.seek(0)
    path = f"{ARCHIVES_FOLDER}/{workspace_id}/{uuid4().hex}"
    artifact_store().put(path, iter(partial(file.read, READ_BYTES), b""), size=file.size)
    return path, re.sub(r"[^\w.\- ]", "_", file.name or "archive")[:200]


def archive_unpack(path: str, folder: Path) -> Path:
    """Unpack a kept archive within bounds; the folder with what it holds. Raises InvalidInput, TooLarge, NotFound."""
    packed, root = folder / "archive", folder / "files"
    root.mkdir()
    with packed.open("wb") as target:
        for chunk in artifact_store().open(path).chunks:
            target.write(chunk)
    count = Count("An archive", files=FILES_AT_MOST, size=BYTES_AT_MOST)
    try:
        with packed.open("rb") as file:
            is_zip = file.read(4) == _ZIP
        if is_zip:
            zip_entries(packed, root, count=count, left_out=())
        else:
            tar_entries(packed, root, links_left_out=True, count=count, left_out=())
    except BROKEN as error:
        raise InvalidInput(
            f"The archive cannot be unpacked: {str(error)[:300]}.", code="bad_archive"
        ) from error
    packed.unlink()
    return root


def archive_drop(path: str) -> None:
    """Delete a kept archive, if it is still there."""
    artifact_store().delete_files([path])
