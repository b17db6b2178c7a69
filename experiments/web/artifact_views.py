"""Artifacts of a run in the browser: a folder, a look at one file, and the file itself.

Files come from training scripts: whatever a browser could run is only ever sent as an attachment.
"""

import posixpath
from itertools import chain
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET

from experiments.artifacts.paths import path_normalised
from experiments.models import Run
from experiments.selectors.artifacts import artifact_list, run_place
from experiments.selectors.runs import run_get
from experiments.web.previews import FRAME_TYPES, IMAGE_TYPES, MEDIA_TYPES, open_file, preview_of, suffix_of
from portal import access
from portal.answers import PageRequest
from portal.kernel.errors import NotFound
from portal.routing import page

READ = "experiments.artifact.read"
_SHOWN_TYPES = IMAGE_TYPES | MEDIA_TYPES
# In a frame: nothing runs, nothing is fetched, and only a page of ours may hold the frame. Chromium's viewer of PDFs
# does not start in a sandbox; a PDF runs nothing outside of it.
_QUIET = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; frame-ancestors 'self'"
_PDF = "frame-ancestors 'self'"
_PDF_MARK = b"%PDF-"


def artifacts_tab(request: PageRequest, run: Run) -> dict[str, Any]:
    """The folder that `path` names, and with `file` a look at one file in it."""
    file = path_normalised(request.GET.get("file", ""), may_be_empty=True)
    folder = path_normalised(request.GET.get("path", posixpath.dirname(file)), may_be_empty=True)
    entries = artifact_list(request.actor, run_place(run, folder))
    root = run_place(run, "").path
    return {
        "folder": folder, "parents": _parents(folder), "file": file,
        "entries": [(entry, entry.path.removeprefix(f"{root}/")) for entry in entries],
        "preview": preview_of(run_place(run, file).path, _page_number(request)) if file else None,
    }  # fmt: skip


@page(READ)
@require_GET
def run_file(request: PageRequest, run_id: str) -> StreamingHttpResponse | HttpResponse:
    """One file, as an attachment; a raster image, sound or film may also stand in a page."""
    run = run_get(request.actor, run_id)
    access.require(request.actor, READ, run)
    path = path_normalised(request.GET.get("path", ""))
    file, image_type = open_file(run_place(run, path).path), _SHOWN_TYPES.get(suffix_of(path))
    response = StreamingHttpResponse(file.chunks, content_type=image_type or "application/octet-stream")
    response["Content-Length"] = str(file.size)
    response["Content-Disposition"] = (
        content_disposition_header(not image_type, posixpath.basename(path)) or "attachment"
    )
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@page(READ)
@require_GET
@xframe_options_sameorigin
def run_framed(request: PageRequest, run_id: str) -> StreamingHttpResponse:
    """An HTML page or a PDF for a frame of the page about a run. Raises NotFound for what is neither."""
    run = run_get(request.actor, run_id)
    access.require(request.actor, READ, run)
    path = path_normalised(request.GET.get("path", ""))
    kind = FRAME_TYPES.get(suffix_of(path))
    if kind is None:
        raise NotFound(f"'{path}' is not shown in a frame. Download it.")
    file = open_file(run_place(run, path).path)
    first = next(file.chunks, b"")
    is_pdf = kind == "application/pdf"
    if is_pdf and not first.startswith(_PDF_MARK):
        raise NotFound(f"'{path}' is called a PDF and is none. Download it to look inside.")
    response = StreamingHttpResponse(chain([first], file.chunks), content_type=kind)
    response["Content-Security-Policy"] = _PDF if is_pdf else _QUIET
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _page_number(request: PageRequest) -> int:
    text = request.GET.get("page", "1")
    return int(text) if text.isdecimal() and int(text[:9]) > 0 and len(text) < 9 else 1


def _parents(folder: str) -> list[tuple[str, str]]:
    names = folder.split("/") if folder else []
    return [(name, "/".join(names[: index + 1])) for index, name in enumerate(names)]
