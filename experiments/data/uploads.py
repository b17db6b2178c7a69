"""Files that come with a form, from a page or the API. Other forms take none."""

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from experiments.data.keeping import Kept, Readable, files_keep
from portal import uploads
from portal.kernel.errors import InvalidInput, TooLarge

FIELD = "files"


def uploads_accept(request: HttpRequest) -> None:
    """Let files of this request come; call it before anything reads the request."""
    uploads.upload_accept(request, settings.DATASET_UPLOAD_BYTES)


def uploads_keep(request: HttpRequest, workspace_id: int, files: list[Any]) -> Kept:
    """Keep the uploaded files. Raises TooLarge, and InvalidInput for none."""
    if uploads.is_too_large(request, settings.DATASET_UPLOAD_BYTES):
        raise TooLarge(f"An upload has at most {settings.DATASET_UPLOAD_BYTES // 1024**2} MiB in all.")
    return files_keep(workspace_id, [_named(file) for file in files])


def _named(file: Any) -> tuple[str, Readable]:
    if not isinstance(file, UploadedFile):
        raise InvalidInput(f"'{FIELD}' holds files, each with its name.", code="no_files")
    name: str = file.name or ""
    return name, file
