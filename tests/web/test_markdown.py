"""Notes come from training scripts: whatever they hold, the page stays ours."""

import re

import pytest

from experiments.web.markdown import note_html


@pytest.mark.parametrize(
    "note",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](https://tracker.example/pixel.png)",
        '<a href="https://x" onclick="alert(1)">x</a>',
        "<style>*{display:none}</style><iframe src=//x></iframe>",
        "[x](https://ok.example \"a' onmouseover='alert(1)\")",
    ],
)
def test_note_cannot_run_or_fetch(note: str) -> None:
    html = note_html(note)
    assert not re.search(
        r"<(script|img|iframe|style|svg|object)|<[^>]*\son\w+=|href=\"(javascript|data):", html
    )


def test_headings_follow_those_of_the_page_without_a_gap() -> None:
    levels = [int(level) for level in re.findall(r"<h(\d)>", note_html("## a\n\n#### b\n\n# c\n\n###### d"))]
    assert levels == [3, 4, 3, 4]


def test_note_keeps_its_shape() -> None:
    html = note_html("**bold** `code`\n\n- one\n- two\n\n|a|b|\n|-|-|\n|1|2|")
    for piece in ("<strong>bold</strong>", "<code>code</code>", "<li>one</li>", "<td>1</td>"):
        assert piece in html


def test_long_note_is_cut_before_it_is_parsed() -> None:
    assert len(note_html("a" * 1_000_000)) < 21_000
