"""PDFs show what people write in most alphabets, with embedded fonts; all else is a code point."""

import hashlib
import io
from pathlib import Path

import pypdf
import pytest

import portal.print.text as printed
from portal.console.pdf import Section, pdf_made
from portal.print.text import markup, plain_text

WORDS = {
    "Greek": "Αξιολόγηση μοντέλου",
    "Cyrillic": "Оценка модели — Ґрунт",
    "Vietnamese": "Đánh giá mô hình",
    "Chinese": "模型评估报告",
    "Traditional": "模型評估報告",
    "Japanese": "モデルの評価レポート",
    "Korean": "모델 평가 보고서",
}


@pytest.fixture(scope="module")
def pdf() -> pypdf.PdfReader:
    rows = [
        *WORDS.items(),
        ("Hindi", "मॉडल"),
        ("Arabic", "نموذج"),
        ("Emoji", "ok 🚀"),
        ("Markup", "<b>&amp;</b>"),
    ]
    made = pdf_made(
        "Отчёт 报告", [Section("報告 one", {"Παλιό": "a" * 400 + "報告" * 300}, ("Script", "Words"), rows)]
    )
    return pypdf.PdfReader(io.BytesIO(made))


def test_words_of_most_alphabets_can_be_read(pdf: pypdf.PdfReader) -> None:
    text = "".join(page.extract_text() for page in pdf.pages).replace("\n", "")
    for script, words in WORDS.items():
        assert words in text, script
    assert text.count("報告") >= 300
    assert "<b>&amp;</b>" in text
    assert "ok [U+1F680]" in text
    assert "[U+092E][U+0949]" in text
    assert "[U+0646]" in text


def test_every_font_is_embedded(pdf: pypdf.PdfReader) -> None:
    for page in pdf.pages:
        for font in page["/Resources"]["/Font"].values():
            found = font.get_object()
            descriptor = found.get("/FontDescriptor")
            assert found["/BaseFont"] == "/Helvetica" or "/FontFile2" in descriptor.get_object(), found


def test_one_line_and_control_characters() -> None:
    assert plain_text("Щ 報\x07\tb") == "Щ [U+5831][U+0007] b"
    assert markup("a\nb\r\n<") == "a<br/>b<br/>&lt;"
    assert markup("x\u200b\u00a0y") == "x[U+200B] y"


def test_the_fonts_are_those_that_were_looked_at() -> None:
    folder = Path(printed.__file__).parent / "fonts"
    for line in (folder / "CHECKSUMS").read_text().splitlines():
        digest, name = line.split()
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
