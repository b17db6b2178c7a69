"""Rows, heads and choices of the runs table. A page has some six hundred cells, and a hundred columns and groups to
choose from: written in a template, where each asks what it is, they take most of the page's time."""

from collections.abc import Callable, Iterable
from html import escape
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from experiments.selectors.groups import Figures
from experiments.selectors.table_rows import Cell, Row
from experiments.web.filters import Heading
from portal.web.templatetags.portal import bar, duration, exact, lower_first, number, pill, spread, when

register = template.Library()
LONGEST_LABEL = 48
_ARROWS = {"ascending": "↑", "descending": "↓"}


@register.filter
def run_head(head: Heading) -> SafeString:
    """The head of a column: sorts by it, shows which way it is sorted."""
    number = ' class="num"' if head.is_number and head.kind == "metric" else ""
    sort = f' aria-sort="{head.direction}"' if head.direction else ""
    pinned = " data-pinned" if head.is_pinned else ""
    title = f' title="{head.kind} {escape(head.label)}"' if head.kind else ""
    arrow = f' <span aria-hidden="true">{_ARROWS[head.direction]}</span>' if head.direction else ""
    return mark_safe(  # noqa: S308 - escaped
        f'<th scope="col" data-field="{escape(head.field)}"{number}{sort}{pinned}>'
        f'<a class="sort" href="{escape(head.next_order)}"{title}>{escape(head.short)}{arrow}</a></th>'
    )


@register.filter
def column_boxes(fields: Iterable[tuple[str, str, bool]]) -> SafeString:
    """Boxes for the columns that may be shown, of field, label, and whether it is."""
    boxes = (
        f'<label class="check"><input type="checkbox" name="columns" value="{escape(name)}"'
        f"{' checked' if is_shown else ''}> {escape(text)}</label>"
        for name, text, is_shown in fields
    )
    return mark_safe("".join(boxes))  # noqa: S308 - escaped


@register.filter
def options(choices: Iterable[tuple[str, str]], chosen: str) -> SafeString:
    """The options of a select, of value and label."""
    made = (
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(label)}</option>'
        for value, label in choices
    )
    return mark_safe("".join(made))  # noqa: S308 - escaped


@register.filter
def run_row(row: Row, open_nested: str = "") -> SafeString:
    """A row: a box to choose it, its head, its cells. What comes from outside is escaped here and below."""
    name, live = escape(row.name), " data-live" if row.is_live else ""
    cells = "".join(_CELLS.get(cell.kind, _plain)(row, cell) for cell in row.cells)
    return mark_safe(  # noqa: S308 - escaped
        f'<tr data-run="{row.id}"{live}><td class="pick"><input type="checkbox" name="run" value="{row.id}" '
        f'form="picked" aria-label="Choose {name}"></td>{_head(row, name, open_nested)}{cells}</tr>'
    )


def _head(row: Row, name: str, open_nested: str) -> str:
    """The colour of a run, its name as a link, its star, and what opens the runs nested in it."""
    opener, count = "", ""
    if row.children:
        opener = (
            f'<button class="opener" type="button" aria-expanded="false" data-open="{escape(open_nested)}{row.id}" '
            f'aria-label="Runs nested in {name}"></button>'
        )
        count = f'<span class="count">{number(row.children)}</span>'
    pressed, star = ("true", "★") if row.is_starred else ("false", "☆")
    return (
        f'<th scope="row"><span class="name-cell">{opener}<button class="run-dot run-colour-{row.colour:d}" '
        f'type="button" tabindex="-1" aria-label="Another colour for {name}"></button>'
        f'<a href="/runs/{row.id}">{name}</a>'
        f'<button class="star" type="button" aria-pressed="{pressed}" aria-label="Star {name}">{star}</button>{count}'
        "</span></th>"
    )


@register.filter
def group_row(group: dict[str, Any], awaited: str) -> SafeString:
    """A group: what opens its runs, its value as a link to them, their number; then mean, spread and best value of each
    metric, or that the newest are being computed. What comes from outside is escaped here."""
    none = (
        '<span aria-hidden="true">…</span><span class="visually-hidden">being computed</span>'
        if awaited == "newest"
        else "–"
    )
    label, runs = group["label"], group["runs"]
    name = f"<span>{escape(label or '(none)')}</span>"
    if group["open"]:
        shown = label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1]}…"
        name = (
            f'<button class="opener" type="button" aria-expanded="false" data-open="{escape(group["open"])}" '
            f'aria-label="Runs of {escape(label or "no value")}"></button>'
            f'<a href="{escape(group["address"])}">{escape(shown or "(empty)")}</a>'
        )
    figures = "".join(_figures(cell, none) for cell in group["cells"])
    return mark_safe(  # noqa: S308 - escaped
        f'<tr class="group" data-group><td class="pick"></td><th scope="row"><span class="name-cell">{name} '
        f'<span class="count">{number(runs)} run{"" if runs == 1 else "s"}</span></span></th>{figures}</tr>'
    )


def _figures(cell: Figures | None, none: str) -> str:
    if cell is None:
        return f'<td class="muted">{none}</td>'
    std = "" if cell.std is None else f' <span class="muted">± {spread(cell.std)}</span>'
    title = f"mean {exact(cell.mean) or '–'}, standard deviation {exact(cell.std) or '–'}, best {exact(cell.best)}"
    title += "" if cell.newest is None else f", of the newest {cell.newest:,} runs"
    best = f'<span class="best-of">{number(cell.best)}</span>'
    return f'<td class="num" title="{title}">{number(cell.mean)}{std} {best}</td>'


def _metric(row: Row, cell: Cell) -> str:
    drawn = bar(cell.bar) if cell.value is not None else ""
    best = " best" if cell.is_best else ""
    return f'<td class="num{best}" title="{exact(cell.value)}">{drawn}{number(cell.value)}</td>'


def _clip(row: Row, cell: Cell) -> str:
    return f'<td class="clip mono" title="{"" if cell.value is None else escape(str(cell.value))}">{_text(cell)}</td>'


def _status(row: Row, cell: Cell) -> str:
    return f'<td><span class="pill {pill(cell.value)}">{escape(lower_first(cell.value))}</span></td>'


def _time(row: Row, cell: Cell) -> str:
    return f"<td>{when(cell.value)}</td>"


def _duration(row: Row, cell: Cell) -> str:
    return f'<td class="num">{duration(cell.value)}</td>'


def _experiment(row: Row, cell: Cell) -> str:
    return f'<td class="clip"><a href="/experiments/{row.experiment_id:d}">{_text(cell)}</a></td>'


def _id(row: Row, cell: Cell) -> str:
    return f'<td class="mono">{_text(cell)}</td>'


def _plain(row: Row, cell: Cell) -> str:
    return f'<td class="clip">{_text(cell)}</td>'


def _text(cell: Cell) -> str:
    return "–" if cell.value is None else escape(str(cell.value))


_CELLS: dict[str, Callable[[Row, Cell], str]] = {
    "metric": _metric, "clip": _clip, "status": _status, "time": _time, "duration": _duration,
    "experiment": _experiment, "id": _id,
}  # fmt: skip
