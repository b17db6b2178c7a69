"""Files of dataset versions as answers: an attachment whose end is only sent when all of it is what it was."""

import base64
from collections.abc import Iterator
from itertools import chain
from typing import Any

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from experiments.data.keeping import FileDiffers, file_read
from experiments.models import DatasetVersion
from portal.kernel.errors import Conflict, NotFound


def file_response(version: DatasetVersion, path: str) -> StreamingHttpResponse:
    """A file of a version as an attachment. Raises NotFound, and Conflict (`file_differs`) for changed bytes."""
    entry = next((entry for entry in version.manifest if entry["path"] == path), None)
    if entry is None:
        raise NotFound(f"{version} has no file '{path[:200]}' here.")
    response = StreamingHttpResponse(_begun(version, entry), content_type="application/octet-stream")
    response.headers["Content-Length"] = str(entry["size"])
    named = content_disposition_header(as_attachment=True, filename=path.rpartition("/")[2])
    response.headers["Content-Disposition"] = named or "attachment"
    response.headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(entry['sha256'])).decode()}:"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _begun(version: DatasetVersion, entry: dict[str, Any]) -> Iterator[bytes]:
    """The chunks of a file, of which the first is read now: a small file is checked before anything is sent."""
    chunks = file_read(version.path, entry)
    try:
        first = next(chunks)
    except FileDiffers as error:
        raise Conflict(
            f"The file {error} in the artifact store. Ask an operator.", code="file_differs"
        ) from error
    return chain([first], chunks)
