"""The technical file for people: a PDF with contents, page numbers, tables, and the gaps of each point and in total."""

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)
from reportlab.platypus.tableofcontents import TableOfContents

from portal.print.text import BOLD, REGULAR, fonts_register, markup, paragraph, plain_text

_INK, _MUTED, _LINE, _WASH = (colors.HexColor(each) for each in ("#14191f", "#56606b", "#d9dfe6", "#f6f8fa"))
_WIDTH = A4[0] - 40 * mm
_TEXT_AT_MOST = 30_000
Story = Iterator[Flowable]


def pdf_of(file: Mapping[str, Any], verifier: str) -> bytes:
    """The PDF of a file."""
    fonts_register()
    target = io.BytesIO()
    name = str(file["system"]["name"])
    document = _Document(target, name, str(file["made_at"]))
    document.multiBuild([*_cover(file, verifier), *_points(file), *_total(file), *_proofs(file)])
    return target.getvalue()


class _Document(BaseDocTemplate):
    """Counts pages and tells the table of contents where headings are."""

    def __init__(self, target: io.BytesIO, name: str, made_at: str) -> None:
        super().__init__(
            target, pagesize=A4, leftMargin=20 * mm, rightMargin=20 * mm, topMargin=18 * mm, bottomMargin=18 * mm,
            title=f"Technical file of {name}", author="Portal", subject="Annex IV technical documentation",
        )  # fmt: skip
        self._foot = f"Technical file of {name[:60]} · made {made_at[:16].replace('T', ' ')} UTC"
        frame = Frame(self.leftMargin, self.bottomMargin, self.width, self.height, id="page")
        self.addPageTemplates([PageTemplate("page", [frame], onPage=self._number)])

    def _number(self, canvas: Any, document: Any) -> None:
        canvas.setFont(REGULAR, 7.5)
        canvas.setFillColor(_MUTED)
        canvas.drawString(20 * mm, 10 * mm, plain_text(self._foot))
        canvas.drawRightString(A4[0] - 20 * mm, 10 * mm, f"Page {document.page}")

    def afterFlowable(self, flowable: Flowable) -> None:
        level = getattr(flowable, "toc_level", None)
        if level is not None:
            text = str(flowable.getPlainText())  # type: ignore[attr-defined]
            key = f"h{self.seq.nextf('heading')}"  # type: ignore[attr-defined]
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(text, key, level)
            self.notify("TOCEntry", (level, markup(text), self.page, key))


def _style(name: str, **given: Any) -> ParagraphStyle:
    made = {
        "fontName": REGULAR,
        "fontSize": 9,
        "leading": 12.5,
        "textColor": _INK,
        "splitLongWords": True,
        **given,
    }
    return ParagraphStyle(name, **made)


_BODY, _SMALL = _style("body", spaceAfter=3), _style("small", fontSize=7.5, leading=9.5)
_HEAD = _style("cell head", fontName=BOLD, fontSize=7.5, leading=9.5)
_NOTE = _style("note", textColor=_MUTED, fontSize=8, leading=11, spaceAfter=4)
_TITLES = (
    _style("h1", fontName=BOLD, fontSize=15, leading=19, spaceBefore=4, spaceAfter=6, keepWithNext=True),
    _style("h2", fontName=BOLD, fontSize=10.5, leading=14, spaceBefore=8, spaceAfter=3, keepWithNext=True),
    _style("h3", fontName=BOLD, fontSize=8.5, leading=11, spaceBefore=4, spaceAfter=2, keepWithNext=True),
)


def _text(value: Any, style: ParagraphStyle = _BODY) -> Paragraph:
    return paragraph(str(value)[:_TEXT_AT_MOST], style)


def _title(text: str, level: int, *, is_listed: bool = True) -> Paragraph:
    made = _text(text, _TITLES[level])
    if is_listed:
        made.toc_level = level  # type: ignore[attr-defined]
    return made


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]], widths: Sequence[float]) -> Table:
    cells = [[_text(each, _HEAD) for each in head], *([_text(each, _SMALL) for each in row] for row in rows)]
    made = Table(cells, colWidths=[width * _WIDTH for width in widths], repeatRows=1)
    made.setStyle(
        [
            ("GRID", (0, 0), (-1, -1), 0.4, _LINE),
            ("BACKGROUND", (0, 0), (-1, 0), _WASH),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ]
    )
    return made


def _cover(file: Mapping[str, Any], verifier: str) -> Story:
    system, head = file["system"], file["checkpoint"]
    gaps = f"{len(file['gaps'])}, of which required: {_required(file['gaps'])}"
    yield _title(f"Technical file: {system['name']}", 0, is_listed=False)
    yield _text("Technical documentation after Annex IV of Regulation (EU) 2024/1689, in nine points.")
    yield _text(file["disclaimer"], _NOTE)
    signed = f"{head['origin']}, size {head['size']}" if head else "none: nothing was signed yet"
    yield _table(
        ("What", "Value"),
        [
            ("System", f"{system['name']} ({system['id']})"), ("Workspace", system["workspace"]),
            ("Owner", system["owner"]),
            ("Role", system["role"]), ("Risk tier", system["risk_tier"]), ("Made", file["made_at"]),
            ("Control catalogue", f"{file['catalogue']['schema']}, SHA-256 {file['catalogue']['digest']}"),
            ("Audit checkpoint", signed), ("Signed by", verifier),
            ("Facts", len(file["facts"])), ("Gaps", gaps),
        ],
        (0.25, 0.75),
    )  # fmt: skip
    yield Spacer(1, 6)
    rows = [
        (each["model"], each["version"], each["status"], each["digest"] or "–") for each in file["versions"]
    ]
    yield _title("Model versions in use", 1, is_listed=False)
    yield (
        _table(("Model", "Version", "Status", "Digest"), rows, (0.25, 0.1, 0.15, 0.5))
        if rows
        else _text("The system uses no model version now.", _NOTE)
    )
    yield PageBreak()
    yield _title("Contents", 0, is_listed=False)
    yield TableOfContents(
        levelStyles=[_style("t0", fontName=BOLD, spaceBefore=4), _style("t1", leftIndent=12)]
    )


def _points(file: Mapping[str, Any]) -> Story:
    facts = {fact["id"]: fact for fact in file["facts"]}
    for point in file["points"]:
        yield PageBreak()
        yield _title(f"{point['number']}. {point['title']}", 0)
        yield _text(
            f"Gaps in this point: {point['gaps']}, of which required: {point['required_gaps']}.", _NOTE
        )
        for section in point["sections"]:
            yield from _section(section, facts)
        yield _title(f"Gaps of point {point['number']}", 1, is_listed=False)
        gaps = [{"ref": section["ref"], **gap} for section in point["sections"] for gap in section["gaps"]]
        yield _gaps(gaps) if gaps else _text("None.")


def _section(section: Mapping[str, Any], facts: Mapping[str, Any]) -> Story:
    yield _title(f"{section['ref']} {section['title']}", 1)
    yield _text(f"{section['asked']} Entry of the catalogue: {section['checked_label']}.", _NOTE)
    yield _text(f"State: {section['state']}.")
    for told in section["told"]:
        yield _title(told["title"], 2, is_listed=False)
        yield _text(told["text"])
    if section["facts"]:
        rows = [_fact_row(facts[name]) for name in section["facts"]]
        yield _table(
            ("Fact", "What", "When", "State", "Digest", "Proof"), rows, (0.07, 0.35, 0.13, 0.09, 0.2, 0.16)
        )
    elif not section["told"]:
        yield _text("Nothing is recorded.")


def _fact_row(fact: Mapping[str, Any]) -> tuple[Any, ...]:
    proof = fact["proof"]
    shown = f"entry {proof['index']} of {proof['checkpoint']}" if proof else "none yet"
    at = (fact["at"] or "–")[:16].replace("T", " ")
    return (
        fact["id"],
        f"{fact['kind']}: {fact['label']}",
        at,
        fact["state"],
        fact["digest"][:40] or "–",
        shown,
    )


def _gaps(gaps: Sequence[Mapping[str, Any]]) -> Table:
    rows = [
        (
            gap["ref"],
            f"{gap['kind']}, {gap['state']}{' (required)' if gap['required'] else ''}",
            gap["what"],
            gap["who"],
        )
        for gap in gaps
    ]
    return _table(("Place", "What lacks", "What to do", "Who"), rows, (0.09, 0.23, 0.43, 0.25))


def _total(file: Mapping[str, Any]) -> Story:
    yield PageBreak()
    yield _title("All gaps", 0)
    yield _text(f"{len(file['gaps'])} gaps, of which required: {_required(file['gaps'])}.", _NOTE)
    yield _gaps(file["gaps"]) if file["gaps"] else _text("None.")


def _proofs(file: Mapping[str, Any]) -> Story:
    yield PageBreak()
    yield _title("Proofs", 0)
    yield _text(
        "Each fact points to an event of the audit log: its uuid, its entry, and the size of the signed checkpoint "
        "above it. The bundle holds the receipts; python -m compliance.verify_file checks them without the portal.",
        _NOTE,
    )
    rows = [
        (fact["id"], fact["proof"]["event"], fact["proof"]["index"], fact["proof"]["checkpoint"])
        for fact in file["facts"]
        if fact["proof"]
    ]
    yield (
        _table(("Fact", "Event", "Entry", "Checkpoint"), rows, (0.1, 0.5, 0.2, 0.2))
        if rows
        else _text("None.")
    )


def _required(gaps: Sequence[Mapping[str, Any]]) -> int:
    return sum(bool(gap["required"]) for gap in gaps)
