"""The lines of a comparison. Of twenty runs a page has more than a thousand cells: written in a template, they take
most of the page's time. What comes from outside is escaped here."""

from html import escape
from typing import Any

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from experiments.selectors import compared
from portal.web.templatetags.portal import exact, number, signed

register = template.Library()
LONGEST_SHOWN = 300
_ARROWS = {"less is better": "↓", "more is better": "↑"}


@register.filter
def beside_heads(heads: list[dict[str, Any]], part: str) -> SafeString:
    """The heads of the columns: each run as a link, with the addresses that make it the baseline and leave it out."""
    start, is_alone = reverse("runs-compare"), len(heads) == 1
    return mark_safe("".join(_head(head, start, f"&amp;show={escape(part)}", is_alone) for head in heads))  # noqa: S308 - escaped


@register.filter
def beside_line(line: compared.Line, kind: str) -> SafeString:
    """One line, a cell a run; `kind` is the group's."""
    write = _metric if kind == "metric" else _text
    note, title = "", ""
    if line.note:
        title = f' title="{escape(line.note)}"'
        arrow = f'<span class="muted small" aria-hidden="true">{_ARROWS.get(line.note, "")}</span>'
        note = f' {arrow}<span class="visually-hidden">, {escape(line.note)}</span>'
    head = f'<th scope="row" class="wrap"{title}>{escape(line.name)}{note}</th>'
    return mark_safe(f"<tr>{head}{''.join(write(cell) for cell in line.cells)}</tr>")  # noqa: S308 - escaped


@register.filter
def beside_same(line: compared.Line, kind: str) -> SafeString:
    """One line that is alike in all runs."""
    value = line.cells[0].value
    shown = number(value) if kind == "metric" else escape(_short(str(value)))
    return mark_safe(  # noqa: S308 - escaped
        f'<tr><th scope="row" class="wrap">{escape(line.name)}</th><td class="wrap mono">{shown}</td></tr>'
    )


def _head(head: dict[str, Any], start: str, part: str, is_alone: bool) -> str:
    each = head["beside"]
    name = escape(each.run.name)
    base = f'<a href="{start}?{escape(head["as_base"])}{part}" aria-label="Make {name} the baseline">as baseline</a>'
    out = f' <a href="{start}?{escape(head["without"])}{part}" aria-label="Leave {name} out">leave out</a>'
    acts = f"{'<strong>baseline</strong>' if head['is_base'] else base}{'' if is_alone else out}"
    return (
        f'<th scope="col" class="compare-head run-colour-{each.colour:d}"><span class="name-cell">'
        f'<span class="run-dot" aria-hidden="true"></span><a href="/runs/{each.id}">{name}</a></span> '
        f'<span class="compare-acts">{acts}</span></th>'
    )


def _metric(cell: compared.Cell) -> str:
    mark = f'<span class="visually-hidden"> {cell.mark}</span>' if cell.mark else ""
    delta = "" if cell.delta is None else f'<span class="delta">{signed(cell.delta)}</span>'
    return f'<td class="num {cell.mark}" title="{exact(cell.value)}">{number(cell.value)}{mark}{delta}</td>'


def _text(cell: compared.Cell) -> str:
    text = '<span class="muted">–</span>' if cell.value is None else escape(_short(str(cell.value)))
    return f'<td class="wrap mono{" changed" if cell.is_changed else ""}">{text}</td>'


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"
