"""Files that come with a form, as large as a setting lets them be: on disk while they come, and never in memory."""

from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest


def upload_accept(request: HttpRequest, at_most: int) -> None:
    """Let the files of this request be written to temporary ones; call it before anything reads the request.

    Those of a request of more than `at_most` bytes are read past; whoever keeps files refuses it (`is_too_large`).
    """
    handlers = [] if is_too_large(request, at_most) else [TemporaryFileUploadHandler(request)]
    request.upload_handlers = handlers  # type: ignore[assignment]


def is_too_large(request: HttpRequest, at_most: int) -> bool:
    """Whether a request has more than `at_most` bytes, or does not say how many."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return not length.isdecimal() or int(length) > at_most
