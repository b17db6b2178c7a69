"""A report as a PDF: prose as paragraphs, comparisons as tables, charts drawn from the same buckets as on the page."""

import io
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from django.http import QueryDict
from markdown_it import MarkdownIt
from reportlab.graphics.shapes import Drawing, Line, PolyLine, String
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table

from experiments.models.reports import ReportVersion
from experiments.selectors.compared import Group, charted_keys, value_groups
from experiments.selectors.curves import Curves, Window, curves
from experiments.selectors.reports import Part
from experiments.web.comparing import Compared
from portal.print.text import BOLD, REGULAR, fonts_register, paragraph, plain_text

CHARTS_AT_MOST, COLUMNS_AT_MOST, LINES_AT_MOST = 12, 6, 60
_INK, _MUTED, _LINE = (colors.HexColor(each) for each in ("#14191f", "#56606b", "#d9dfe6"))
# --run-1 to --run-12 on white.
_RUNS = [
    colors.HexColor(each)
    for each in (
        "#0a5dc2", "#b85c00", "#15803d", "#c0322b", "#7548c9", "#0f7d84", "#b0338a", "#6b7280", "#8a6d00", "#2e6f9e",
        "#4d7c0f", "#a1483b",
    )
]  # fmt: skip
_WIDTH, _HEIGHT, _LEFT, _BOTTOM = A4[0] - 40 * mm, 55 * mm, 16 * mm, 8 * mm
_BUCKETS = 400
_text = ParagraphStyle(
    "text", fontName=REGULAR, fontSize=9.5, leading=13.5, textColor=_INK, spaceAfter=5, splitLongWords=True
)
_small = ParagraphStyle("small", parent=_text, fontSize=7.5, leading=10, textColor=_MUTED)
_cell = ParagraphStyle("cell", parent=_text, fontSize=7.5, leading=9.5, spaceAfter=0)
_heads = [
    ParagraphStyle(f"h{n}", parent=_text, fontName=BOLD, fontSize=size, leading=size * 1.3, spaceBefore=8)
    for n, size in enumerate((16, 13, 11, 10, 10, 10))
]
_parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def report_pdf(version: ReportVersion, parts: Sequence[tuple[Part, Compared | None]]) -> bytes:
    """The PDF of a version; `parts` with the runs of those that are live."""
    fonts_register()
    target = io.BytesIO()
    document = SimpleDocTemplate(
        target, pagesize=A4, leftMargin=20 * mm, rightMargin=20 * mm, topMargin=18 * mm, bottomMargin=18 * mm,
        title=version.title, author="Portal",
    )  # fmt: skip
    who = version.written_by.username if version.written_by else "somebody"
    story: list[Flowable] = [
        paragraph(version.title, _heads[0]),
        paragraph(
            f"Version {version.number}, written by {who} on {version.written_at:%Y-%m-%d %H:%M} UTC", _small
        ),
        Spacer(1, 4 * mm),
    ]
    for part, compared in parts:
        story += _problem(part, compared) if compared is None else _live(part, compared)
    document.build(story, onFirstPage=_foot, onLaterPages=_foot)
    return target.getvalue()


def _problem(part: Part, compared: Compared | None) -> list[Flowable]:
    if part.query:
        return [paragraph("The runs of this part do not exist, or the reader may not see them.", _small)]
    return [paragraph(part.problem, _small)] if part.problem else list(_prose(part.prose))


def _prose(text: str) -> Iterator[Flowable]:
    """Markdown as paragraphs; what stands inside a line loses its looks and keeps its words."""
    style, prefix = _text, ""
    for token in _parser.parse(text):
        if token.type == "heading_open":
            style = _heads[int(token.tag[1]) - 1]
        elif token.type == "list_item_open":
            prefix = f"{token.info}. " if token.info else "• "
        elif token.type == "inline":
            words = "".join(
                each.content or ("\n" if each.type.endswith("break") else "") for each in token.children or []
            )
            yield paragraph(prefix + words, style)
            style, prefix = _text, ""
        elif token.type in ("fence", "code_block"):
            yield paragraph(token.content.rstrip(), _small)


def _live(part: Part, compared: Compared) -> list[Flowable]:
    query = QueryDict(part.query)
    if query.get("show") != "charts":
        groups = value_groups(compared.runs, compared.base)[:2]
        return [each for group in groups if group.lines for each in _table(group, compared)]
    ids = [each.run.pk for each in compared.runs]
    wanted = query.getlist("key")
    keys = [key for key in charted_keys(ids) if not wanted or key in wanted][:CHARTS_AT_MOST]
    story: list[Flowable] = []
    for key in keys:
        found = curves(ids, key, Window("step", None, None, _BUCKETS))
        if found is not None:
            story += [paragraph(key, _heads[3]), _chart(found, compared), Spacer(1, 2 * mm)]
    names = ", ".join(each.run.name for each in compared.runs)
    return [*story, paragraph(f"Across: step. Runs: {names}", _small)]


def _table(group: Group, compared: Compared) -> list[Flowable]:
    """The lines that differ, of the first runs."""
    runs = compared.runs[:COLUMNS_AT_MOST]
    rows: list[list[Paragraph]] = [
        [paragraph(text, _cell) for text in ("", *(each.run.name for each in runs))]
    ]
    for line in (group.different or group.same)[:LINES_AT_MOST]:
        texts = [_said(value)[:80] for value in line.values[: len(runs)]]
        rows.append([paragraph(text, _cell) for text in (line.name[:80], *texts)])
    style: Any = [("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE), ("VALIGN", (0, 0), (-1, -1), "TOP")]
    table = Table(rows, colWidths=[_WIDTH / (len(runs) + 1)] * (len(runs) + 1), repeatRows=1, style=style)
    left = len(compared.runs) - len(runs)
    more = [paragraph(f"and {left} runs more", _small)] if left else []
    return [paragraph(group.title, _heads[3]), table, *more, Spacer(1, 3 * mm)]


def _chart(found: Curves, compared: Compared) -> Drawing:
    """The means of the buckets as lines over the range of all values."""
    drawing = Drawing(_WIDTH, _HEIGHT)
    values = np.concatenate([np.concatenate([curve.low, curve.high]) for curve in found.by_run.values()])
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    span, wide = (high - low) or 1.0, (found.last - found.first) or 1.0
    for share in (0, 0.5, 1):
        y, x = _BOTTOM + share * (_HEIGHT - _BOTTOM - 6), _LEFT + share * (_WIDTH - _LEFT - 12)
        drawing.add(Line(_LEFT, y, _WIDTH, y, strokeColor=_LINE, strokeWidth=0.4))
        drawing.add(_label(_LEFT - 4, y - 2, f"{low + share * span:.4g}", "end"))
        drawing.add(_label(x, 2, f"{found.first + share * wide:,.0f}", "start" if not share else "middle"))
    for each in compared.runs:
        curve = found.by_run.get(each.run.pk)
        if curve is None:
            continue
        kept = np.isfinite(curve.mean)
        xs = _LEFT + (curve.x[kept] - found.first) / wide * (_WIDTH - _LEFT - 4)
        ys = _BOTTOM + (curve.mean[kept] - low) / span * (_HEIGHT - _BOTTOM - 6)
        points = np.stack([xs, ys], axis=1).ravel().tolist()
        if len(points) >= 4:
            drawing.add(PolyLine(points, strokeColor=_RUNS[each.colour - 1], strokeWidth=1))
    return drawing


def _label(x: float, y: float, text: str, anchor: Any) -> String:
    return String(x, y, plain_text(text), fontName=REGULAR, fontSize=6.5, fillColor=_MUTED, textAnchor=anchor)


def _said(value: Any) -> str:
    return "–" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)


def _foot(canvas: Any, document: Any) -> None:
    canvas.setFont(REGULAR, 7.5)
    canvas.setFillColor(_MUTED)
    canvas.drawRightString(A4[0] - 20 * mm, 10 * mm, f"Page {document.page}")
