"""Archives of code that come with a form, from a page or the API: checked, and kept as one normal archive."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from portal import uploads
from portal.kernel.errors import InvalidInput, TooLarge
from training.services.code import NewCode
from training.work.code import code_store
from training.work.trees import tree_unpack

FIELD = "archive"


def upload_accept(request: HttpRequest) -> None:
    """Let files of this request come; call it before anything reads the request."""
    uploads.upload_accept(request, settings.TRAINING_CODE_UPLOAD_BYTES)


def upload_keep(request: HttpRequest, workspace_id: int, file: Any, **origin: str) -> NewCode:
    """Keep the files of an uploaded archive. Raises TooLarge, and InvalidInput for no archive of files."""
    if uploads.is_too_large(request, settings.TRAINING_CODE_UPLOAD_BYTES):
        raise TooLarge(
            f"An archive of code has at most {settings.TRAINING_CODE_UPLOAD_BYTES // 1024**2} MiB. "
            "Large files are data: register them as a dataset."
        )
    if not isinstance(file, UploadedFile):
        raise InvalidInput(f"'{FIELD}' holds a tar.gz or zip file.", code="bad_archive")
    with tempfile.TemporaryDirectory(prefix="code-") as name:
        packed, root = Path(name) / "archive", Path(name) / "code"
        root.mkdir()
        with packed.open("wb") as target:
            shutil.copyfileobj(file, target, 256 * 1024)
        tree_unpack(packed, root)
        packed.unlink()
        tree, path = code_store(workspace_id, root, root.parent)
    if not tree.file_count:
        raise InvalidInput("The archive holds no file.", code="bad_archive")
    return NewCode(tree.digest, path, tree.size_bytes, tree.file_count, **origin)
