"""Rows of the runs table: what a script logged never becomes a part of the page."""

import pytest

from experiments.selectors.table_rows import Cell, Row
from experiments.web.filters import Heading
from portal.web.templatetags.runs import column_boxes, options, run_head, run_row

HOSTILE = """<img src=x onerror="alert('1')">"""


@pytest.mark.parametrize("kind", ["clip", "text", "experiment", "id", "status", "unknown"])
def test_text_stays_text(kind: str) -> None:
    row = Row(1, "a" * 32, HOSTILE, "FINISHED", "active", HOSTILE, 1, None, 7, HOSTILE, False)
    row.cells.append(Cell(kind, HOSTILE))
    html = run_row(row)
    assert "<img" not in html
    assert '"alert' not in html
    assert "&lt;img" in html.lower()


def test_names_in_heads_and_choices_stay_text() -> None:
    head = Heading(HOSTILE, HOSTILE, "metric", f"?order_by={HOSTILE}", "descending", True, True)
    found = run_head(head), column_boxes([(HOSTILE, HOSTILE, True)]), options([(HOSTILE, HOSTILE)], HOSTILE)
    for html in found:
        assert "<img" not in html
        assert '"alert' not in html
        assert "&lt;img" in html
    assert 'aria-sort="descending" data-pinned' in found[0]
    assert " checked>" in found[1]
    assert " selected>" in found[2]


def test_numbers_keep_every_digit_in_their_title() -> None:
    row = Row(1, "a" * 32, "x", "FINISHED", "active", "ann", 1, None, 7, "e", False)
    row.cells.extend(
        [Cell("metric", 0.123456789, 26, is_best=True), Cell("metric", None), Cell("clip", None)]
    )
    html = run_row(row)
    assert 'class="num best" title="0.123456789"' in html
    assert 'class="bar bar-13"' in html
    assert html.count("–") == 2
    assert html.count('class="bar') == 1
