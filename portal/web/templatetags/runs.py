"""The cells of a row of the runs table. A page has some six hundred of them: written in a template, where each asks
what it is, they take most of the page's time."""

from collections.abc import Callable

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from experiments.selectors.table_rows import Cell, Row
from portal.web.templatetags.portal import duration, exact, lower_first, number, pill, when

register = template.Library()
_BAR = (
    '<svg class="bar" viewBox="0 0 52 5" aria-hidden="true" focusable="false"><rect class="track" width="52" '
    'height="5" rx="2.5"/><rect width="{}" height="5" rx="2.5"/></svg>'
)


@register.filter
def cells(row: Row) -> SafeString:
    """All cells of a row but the first two; what comes from outside is escaped here."""
    return mark_safe("".join(_CELLS.get(cell.kind, _plain)(row, cell) for cell in row.cells))  # noqa: S308 - escaped


def _metric(row: Row, cell: Cell) -> str:
    bar = _BAR.format(int(cell.bar)) if cell.value is not None else ""
    best = " best" if cell.is_best else ""
    return f'<td class="num{best}" title="{escape(exact(cell.value))}">{bar}{escape(number(cell.value))}</td>'


def _clip(row: Row, cell: Cell) -> str:
    text = "" if cell.value is None else cell.value
    return f'<td class="clip mono" title="{escape(text)}">{_text(cell)}</td>'


def _status(row: Row, cell: Cell) -> str:
    return f'<td><span class="pill {pill(cell.value)}">{escape(lower_first(cell.value))}</span></td>'


def _time(row: Row, cell: Cell) -> str:
    return f"<td>{when(cell.value)}</td>"


def _duration(row: Row, cell: Cell) -> str:
    return f'<td class="num">{escape(duration(cell.value))}</td>'


def _experiment(row: Row, cell: Cell) -> str:
    return f'<td class="clip"><a href="/experiments/{row.experiment_id:d}">{_text(cell)}</a></td>'


def _id(row: Row, cell: Cell) -> str:
    return f'<td class="mono">{_text(cell)}</td>'


def _plain(row: Row, cell: Cell) -> str:
    return f'<td class="clip">{_text(cell)}</td>'


def _text(cell: Cell) -> str:
    return "–" if cell.value is None else escape(cell.value)


_CELLS: dict[str, Callable[[Row, Cell], str]] = {
    "metric": _metric, "clip": _clip, "status": _status, "time": _time, "duration": _duration,
    "experiment": _experiment, "id": _id,
}  # fmt: skip
