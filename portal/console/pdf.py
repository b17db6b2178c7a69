"""PDF pages: a title, sections with pairs and tables, the moment and the number on every page."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, LongTable, Paragraph, SimpleDocTemplate, Spacer, TableStyle

from portal.kernel.clock import now
from portal.print.text import BOLD, REGULAR, fonts_register, paragraph, plain_text

LONGEST_CELL = 1_500
_MARGIN = 14 * mm
_CONTROLS = {code: f"\\x{code:02x}" for code in range(32) if code not in (9, 10, 13)}
_INK, _MUTED, _LINE, _HEAD = (
    HexColor("#14191f"),
    HexColor("#56606b"),
    HexColor("#d9dfe6"),
    HexColor("#f6f8fa"),
)
_TITLE = ParagraphStyle("title", fontName=BOLD, fontSize=15, leading=19, textColor=_INK, spaceAfter=6)
_SECTION = ParagraphStyle("section", parent=_TITLE, fontSize=10.5, leading=14, spaceBefore=9, spaceAfter=4)
_TEXT = ParagraphStyle("text", fontName=REGULAR, fontSize=7.5, leading=9.6, textColor=_INK)
_QUIET = ParagraphStyle("quiet", parent=_TEXT, textColor=_MUTED)
_LOOK = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
    ]
)
_HEADED = TableStyle([*_LOOK.getCommands(), ("BACKGROUND", (0, 0), (-1, 0), _HEAD)])


@dataclass(frozen=True)
class Section:
    """A heading with pairs of name and value, or with a table, or both."""

    title: str
    pairs: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    rows: Sequence[Sequence[str]] = ()


def pdf_made(title: str, sections: Sequence[Section]) -> bytes:
    """The file. Letters that its fonts lack are written as their code points, so that nothing is lost unseen."""
    fonts_register()
    buffer, made_at = io.BytesIO(), f"{now():%Y-%m-%d %H:%M:%S} UTC"
    page = landscape(A4)
    document = SimpleDocTemplate(
        buffer, pagesize=page, title=title, author="Portal", leftMargin=_MARGIN, rightMargin=_MARGIN, topMargin=_MARGIN,
        bottomMargin=_MARGIN + 4 * mm,
    )  # fmt: skip
    width = page[0] - 2 * _MARGIN
    body: list[Flowable] = [_shown(title, _TITLE)]
    for section in sections:
        body += _section(section, width)

    def foot(canvas: Any, _document: Any) -> None:
        canvas.setFont(REGULAR, 7)
        canvas.setFillColor(_MUTED)
        canvas.drawString(_MARGIN, 9 * mm, plain_text(f"{title[:100]} · made {made_at}"))
        canvas.drawRightString(page[0] - _MARGIN, 9 * mm, f"Page {canvas.getPageNumber()}")

    document.build(body, onFirstPage=foot, onLaterPages=foot)
    return buffer.getvalue()


def _section(section: Section, width: float) -> list[Flowable]:
    made: list[Flowable] = [_shown(section.title, _SECTION)] if section.title else []
    if section.pairs:
        rows = [[_shown(name, _QUIET), _shown(value, _TEXT)] for name, value in section.pairs.items()]
        made.append(LongTable(rows, colWidths=[width * 0.18, width * 0.82], style=_LOOK))
    if section.columns:
        made += [Spacer(0, 4), _table(section, width)]
    if not section.pairs and not section.columns:
        made.append(paragraph("None.", _QUIET))
    return made


def _table(section: Section, width: float) -> Flowable:
    head = [_shown(name, _QUIET) for name in section.columns]
    rows = [[_shown(value, _TEXT) for value in row] for row in section.rows]
    if not rows:
        return paragraph("None.", _QUIET)
    return LongTable([head, *rows], colWidths=_widths(section, width), repeatRows=1, style=_HEADED)


def _widths(section: Section, width: float) -> list[float]:
    """Columns as wide as their texts ask, between a least and a most."""
    asked = [
        min(max([len(name), *(len(row[place]) for row in section.rows[:200])], default=1), 60) + 4
        for place, name in enumerate(section.columns)
    ]
    return [width * each / sum(asked) for each in asked]


def _shown(text: str, style: ParagraphStyle) -> Paragraph:
    short = text if len(text) <= LONGEST_CELL else f"{text[:LONGEST_CELL]} … ({len(text):,} characters)"
    return paragraph(short.translate(_CONTROLS), style)
