"""Text in PDFs: every letter with a font that has it, or as its code point where none has.

DejaVu Sans knows Latin, Greek, Cyrillic and more; Droid Sans Fallback knows Chinese, Japanese and Korean. Both lie
beside this module, so that a PDF is the same on every machine, and only the letters that are used are embedded.
Scripts whose letters join or change places, such as Devanagari, are not shaped: they count as ones that no font has.
"""

from functools import cache
from itertools import groupby
from pathlib import Path
from unicodedata import bidirectional, category
from xml.sax.saxutils import escape

from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph

REGULAR, BOLD, WIDE = "Portal", "Portal-Bold", "Portal-Wide"
_FILES = {
    REGULAR: "DejaVuSans.ttf",
    BOLD: "DejaVuSans-Bold.ttf",
    WIDE: "DroidSansFallback.ttf",
}
_FOLDER = Path(__file__).parent / "fonts"
_RIGHT_TO_LEFT = {"R", "AL"}


@cache
def fonts_register() -> None:
    """Make the fonts known to ReportLab, once in a process."""
    for name, file in _FILES.items():
        pdfmetrics.registerFont(TTFont(name, str(_FOLDER / file)))
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)
    pdfmetrics.registerFontFamily(WIDE, normal=WIDE, bold=WIDE, italic=WIDE, boldItalic=WIDE)


def paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    """Plain text as a paragraph; one with letters of the wide font breaks between any two, as is usual there."""
    marked = markup(text)
    if f'<font name="{WIDE}">' in marked:
        style = ParagraphStyle(f"{style.name} wide", parent=style, wordWrap="CJK")
    return Paragraph(marked, style)


def markup(text: str) -> str:
    """Plain text as ReportLab's markup, each part with the font that shows it."""
    fonts_register()
    parts = [(font, "".join(letters)) for font, letters in groupby(_visible(text), key=_font)]
    return "".join(
        f'<font name="{WIDE}">{escape(part)}</font>' if font == WIDE else escape(part).replace("\n", "<br/>")
        for font, part in parts
    )


def plain_text(text: str) -> str:
    """One line for the regular font alone, with the code points of letters that it lacks."""
    fonts_register()
    return "".join(each if _font(each) == REGULAR else _code(each) for each in _visible(text) if each != "\n")


def _visible(text: str) -> str:
    """The text with everything as a code point that no font here can show; all spaces are one kind."""
    spaced = "".join(
        " " if each == "\t" or category(each) == "Zs" else each for each in text.replace("\r", "")
    )
    return "".join(each if _font(each) else _code(each) for each in spaced)


@cache
def _font(letter: str) -> str:
    """The font that shows a letter; empty for none."""
    if letter == "\n":
        return REGULAR
    if not letter.isprintable() or bidirectional(letter) in _RIGHT_TO_LEFT:
        return ""
    return next((name for name in (REGULAR, WIDE) if ord(letter) in _glyphs(name)), "")


def _glyphs(name: str) -> dict[int, int]:
    found: dict[int, int] = pdfmetrics.getFont(name).face.charToGlyph  # type: ignore[attr-defined]
    return found


def _code(letter: str) -> str:
    return f"[U+{ord(letter):04X}]"
