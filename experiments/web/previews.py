"""A look into an artifact that no browser can be hurt by: text as text, tables as tables, raster images as files."""

import csv
import io
import json
import posixpath
from dataclasses import dataclass, field, replace

from experiments.artifacts.checked import chunks_checked
from experiments.artifacts.store import OpenFile, artifact_store

TEXT_BYTES = 256 * 1024
LAID_OUT_CHARACTERS = 4 * TEXT_BYTES
IMAGE_BYTES = 10 * 1024 * 1024
TABLE_ROWS = 200
TABLE_COLUMNS = 50
IMAGE_TYPES = {
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp",
}  # fmt: skip
_TABLES = {".csv": ",", ".tsv": "\t"}


@dataclass(frozen=True)
class Preview:
    """`kind` is text, table, image or none; `is_cut` says that the file goes on."""

    kind: str
    size: int
    text: str = ""
    rows: list[list[str]] = field(default_factory=list)
    is_cut: bool = False


def preview_of(path: str) -> Preview:
    """A look at a file of the store. Raises NotFound. HTML and SVG are shown as the text that they are."""
    kind, size = suffix_of(path), artifact_store().stat(path).size
    if kind in IMAGE_TYPES:
        return Preview("image" if size <= IMAGE_BYTES else "none", size)
    start = b"".join(artifact_store().open(path, 0, TEXT_BYTES).chunks)
    text = _as_text(start)
    if text is None:
        return Preview("none", size)
    is_cut = size > TEXT_BYTES
    if kind in _TABLES:
        rows = _as_rows(text, _TABLES[kind])
        return Preview("table", size, rows=rows, is_cut=is_cut or len(rows) > TABLE_ROWS)
    return Preview("text", size, text=text if is_cut or kind != ".json" else _as_json(text), is_cut=is_cut)


def open_file(path: str) -> OpenFile:
    """A file of the store for sending. Raises NotFound, or the refusal of a file that was changed."""
    store = artifact_store()
    facts = store.stat(path)
    return replace(store.open(path, 0, 0), end=facts.size, chunks=chunks_checked(path, facts, 0, facts.size))


def suffix_of(path: str) -> str:
    return posixpath.splitext(path)[1].lower()


def _as_text(start: bytes) -> str | None:
    if b"\0" in start:
        return None
    try:
        return start.decode("utf-8")
    except UnicodeDecodeError as error:
        # The cut may have split the last character; anything earlier means that it is no text.
        return start[: error.start].decode("utf-8") if error.start >= TEXT_BYTES - 3 else None


def _as_rows(text: str, delimiter: str) -> list[list[str]]:
    try:
        rows = csv.reader(io.StringIO(text), delimiter=delimiter)
        return [row[:TABLE_COLUMNS] for row, _ in zip(rows, range(TABLE_ROWS + 1), strict=False)]
    except csv.Error:
        return [[line] for line in text.splitlines()[: TABLE_ROWS + 1]]


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
