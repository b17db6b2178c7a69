"""A look into an artifact that no browser can be hurt by: text as text, tables by the page, pictures and sound as
files, notes and notebooks as cleaned HTML, and whatever else a browser could run in a frame where nothing runs."""

import json
import posixpath
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.safestring import SafeString

from experiments.artifacts.checked import chunks_checked
from experiments.artifacts.store import OpenFile, artifact_store
from experiments.artifacts.tables import TablePage, table_page, table_start
from experiments.web.curve_tables import CURVE_ROWS, Confusion, CurveTable, confusion_of, curve_of
from experiments.web.markdown import note_html
from experiments.web.notebooks import NotebookCell, notebook_cells

TEXT_BYTES = 256 * 1024
LAID_OUT_CHARACTERS = 4 * TEXT_BYTES
IMAGE_BYTES = 10 * 1024 * 1024
NOTEBOOK_BYTES = 8 * 1024 * 1024
IMAGE_TYPES = {
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp",
}  # fmt: skip
MEDIA_TYPES = {
    ".mp3": "audio/mpeg", ".wav": "audio/wav", ".ogg": "audio/ogg", ".flac": "audio/flac", ".m4a": "audio/mp4",
    ".mp4": "video/mp4", ".webm": "video/webm", ".ogv": "video/ogg",
}  # fmt: skip
FRAME_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".htm": "text/html; charset=utf-8",
    ".pdf": "application/pdf",
}
_TABLES = (".csv", ".tsv", ".parquet", ".json")
_MARKDOWN = (".md", ".markdown")


@dataclass(frozen=True)
class Preview:
    """`kind` is text, table, image, audio, video, markdown, notebook, html, pdf or none; `is_cut` says that the file
    goes on. A table may also be a `curve` or a `confusion`."""

    kind: str
    size: int
    text: str = ""
    is_cut: bool = False
    table: TablePage | None = None
    curve: CurveTable | None = None
    confusion: Confusion | None = None
    html: SafeString | None = None
    cells: list[NotebookCell] = field(default_factory=list)


def preview_of(path: str, page: int = 1) -> Preview:
    """A look at a file of the store. Raises NotFound. SVG is shown as the text that it is."""
    kind, size = suffix_of(path), artifact_store().stat(path).size
    if kind in IMAGE_TYPES:
        return Preview("image" if size <= IMAGE_BYTES else "none", size)
    if kind in MEDIA_TYPES:
        return Preview(MEDIA_TYPES[kind].partition("/")[0], size)
    if kind == ".pdf":
        return Preview("pdf", size)
    table = table_page(path, page) if kind in _TABLES else None
    if table is not None:
        curve = curve_of(table.head, table.rows)
        whole = table_start(path, CURVE_ROWS) if curve and (table.has_more or table.start) else None
        drawn: dict[str, Any] = {
            "curve": curve_of(whole.head, whole.rows) if whole else curve,
            "confusion": confusion_of(table.head, table.rows),
        }
        return Preview("table", size, table=table, is_cut=table.is_cut, **drawn)
    return _of_text(path, kind, size)


def _of_text(path: str, kind: str, size: int) -> Preview:
    limit = NOTEBOOK_BYTES if kind == ".ipynb" else TEXT_BYTES
    text = _as_text(b"".join(artifact_store().open(path, 0, limit).chunks), limit)
    if text is None:
        return Preview("none", size)
    is_cut = size > limit
    cells = notebook_cells(text) if kind == ".ipynb" and not is_cut else None
    if cells is not None:
        return Preview("notebook", size, cells=cells)
    text = text[:TEXT_BYTES] if kind == ".ipynb" else text
    if kind in _MARKDOWN:
        return Preview("markdown", size, text=text, html=note_html(text, longest=TEXT_BYTES), is_cut=is_cut)
    shown = text if is_cut or kind != ".json" else _as_json(text)
    return Preview("html" if kind in FRAME_TYPES else "text", size, text=shown, is_cut=is_cut)


def open_file(path: str) -> OpenFile:
    """A file of the store for sending. Raises NotFound, or the refusal of a file that was changed."""
    store = artifact_store()
    facts = store.stat(path)
    return replace(store.open(path, 0, 0), end=facts.size, chunks=chunks_checked(path, facts, 0, facts.size))


def suffix_of(path: str) -> str:
    return posixpath.splitext(path)[1].lower()


def _as_text(start: bytes, limit: int) -> str | None:
    if b"\0" in start:
        return None
    try:
        return start.decode("utf-8")
    except UnicodeDecodeError as error:
        # The cut may have split the last character; anything earlier means that it is no text.
        return start[: error.start].decode("utf-8") if error.start >= limit - 3 else None


def _as_json(text: str) -> str:
    """JSON laid out. As it stands, where the layout would make it far longer or no text, or where it is none."""
    try:
        parts, length = [], 0
        for part in json.JSONEncoder(indent=2, ensure_ascii=False).iterencode(json.loads(text)):
            parts.append(part)
            length += len(part)
            if length > LAID_OUT_CHARACTERS:  # in deep nesting, each value stands behind thousands of spaces
                return text
        laid_out = "".join(parts)
        laid_out.encode()  # an escaped half of a surrogate pair is JSON, but cannot be sent
    except (ValueError, RecursionError):
        return text
    return laid_out
