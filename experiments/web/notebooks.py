"""A notebook as its cells: text as Markdown, code as it is, of what came out only text and raster images."""

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import Any

from django.utils.safestring import SafeString

from experiments.web.markdown import note_html

CELLS_AT_MOST = 300
OUTPUT_LENGTH = 20_000
IMAGE_LENGTH = 4 * 1024**2
_IMAGES = ("image/png", "image/jpeg")


@dataclass(frozen=True)
class NotebookCell:
    """`html` for a text, else `code` with what it put out; `images` are data: addresses."""

    html: SafeString | None = None
    code: str = ""
    outputs: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)


def notebook_cells(text: str) -> list[NotebookCell] | None:
    """The cells of a notebook of format 4; None where the text is none."""
    try:
        cells = json.loads(text)["cells"]
        return [_cell(each) for each in cells[:CELLS_AT_MOST] if isinstance(each, dict)]
    except (ValueError, RecursionError, KeyError, TypeError):
        return None


def _cell(found: dict[str, Any]) -> NotebookCell:
    source = _text(found.get("source"))
    if found.get("cell_type") != "code":
        return NotebookCell(html=note_html(source))
    outputs = [each for each in found.get("outputs") or [] if isinstance(each, dict)]
    data = [each.get("data") or {} for each in outputs]
    texts = [_text(each.get("text")) or "\n".join(map(str, each.get("traceback") or [])) for each in outputs]
    plain = [_text(each.get("text/plain")) for each in data if not any(kind in each for kind in _IMAGES)]
    images = [address for each in data for kind in _IMAGES if (address := _image(kind, each.get(kind)))]
    return NotebookCell(
        code=source, outputs=[text[:OUTPUT_LENGTH] for text in texts + plain if text], images=images
    )


def _image(kind: str, value: Any) -> str:
    """A data: address of what really is base64; empty where it is not."""
    text = _text(value).replace("\n", "")
    if not text or len(text) > IMAGE_LENGTH:
        return ""
    try:
        base64.b64decode(text, validate=True)
    except binascii.Error:
        return ""
    return f"data:{kind};base64,{text}"


def _text(value: Any) -> str:
    return "".join(map(str, value)) if isinstance(value, list) else value if isinstance(value, str) else ""
