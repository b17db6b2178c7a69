"""Fonts of the PDF: one that knows most alphabets where it is installed, else the one that ReportLab brings."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

REGULAR, BOLD = "File", "File-Bold"


@cache
def fonts_register() -> None:
    """Make the fonts known to ReportLab, once in a process."""
    wide = find_spec("matplotlib")
    folder = Path(wide.origin).parent / "mpl-data" / "fonts" / "ttf" if wide and wide.origin else None
    names = ("Vera.ttf", "VeraBd.ttf")
    if folder is not None and (folder / "DejaVuSans.ttf").exists():
        names = (str(folder / "DejaVuSans.ttf"), str(folder / "DejaVuSans-Bold.ttf"))
    for name, file in zip((REGULAR, BOLD), names, strict=True):
        pdfmetrics.registerFont(TTFont(name, file))
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)
