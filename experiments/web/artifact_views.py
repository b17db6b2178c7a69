"""Artifacts of a run in the browser: a folder, a look at one file, and the file itself.

Files come from training scripts: whatever a browser could run is only ever sent as an attachment.
"""

import posixpath
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from experiments.artifacts.paths import path_normalised
from experiments.models import Run
from experiments.selectors.artifacts import artifact_list, run_place
from experiments.selectors.runs import run_get
from experiments.web.previews import IMAGE_TYPES, open_file, preview_of, suffix_of
from portal import access
from portal.answers import PageRequest
from portal.routing import page

READ = "experiments.artifact.read"


def artifacts_tab(request: PageRequest, run: Run) -> dict[str, Any]:
    """The folder that `path` names, and with `file` a look at one file in it."""
    file = path_normalised(request.GET.get("file", ""), may_be_empty=True)
    folder = path_normalised(request.GET.get("path", posixpath.dirname(file)), may_be_empty=True)
    entries = artifact_list(request.actor, run_place(run, folder))
    root = run_place(run, "").path
    return {
        "folder": folder, "parents": _parents(folder), "file": file,
        "entries": [(entry, entry.path.removeprefix(f"{root}/")) for entry in entries],
        "preview": preview_of(run_place(run, file).path) if file else None,
    }  # fmt: skip


@page(READ)
@require_GET
def run_file(request: PageRequest, run_id: str) -> StreamingHttpResponse | HttpResponse:
    """One file, as an attachment; a raster image may also stand in a page."""
    run = run_get(request.actor, run_id)
    access.require(request.actor, READ, run)
    path = path_normalised(request.GET.get("path", ""))
    file, image_type = open_file(run_place(run, path).path), IMAGE_TYPES.get(suffix_of(path))
    response = StreamingHttpResponse(file.chunks, content_type=image_type or "application/octet-stream")
    response["Content-Length"] = str(file.size)
    response["Content-Disposition"] = (
        content_disposition_header(not image_type, posixpath.basename(path)) or "attachment"
    )
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _parents(folder: str) -> list[tuple[str, str]]:
    names = folder.split("/") if folder else []
    return [(name, "/".join(names[: index + 1])) for index, name in enumerate(names)]
