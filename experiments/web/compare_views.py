"""Runs side by side: a page with parts, and the same values as CSV."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from experiments.selectors.compared import Beside, beside, charted_keys, less_is_better, value_groups
from experiments.web.picked import picked_runs
from portal.answers import PageRequest
from portal.kernel.errors import InvalidInput
from portal.routing import page

READ = "experiments.run.read"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Compared:
    """The runs of a comparison and the one that the others are held against."""

    runs: list[Beside]
    base: Beside

    @property
    def at(self) -> int:
        return self.runs.index(self.base)

    @property
    def query(self) -> str:
        """The address of the same comparison, without its part."""
        pairs = [("run", each.id) for each in self.runs]
        return urlencode([*pairs, ("base", self.base.id)] if self.at else pairs)

    def without(self, left_out: Beside) -> str:
        return urlencode([("run", each.id) for each in self.runs if each is not left_out])

    @property
    def heads(self) -> list[dict[str, Any]]:
        """What stands above each column, with the addresses of what can be done with it."""
        ids = [("run", each.id) for each in self.runs]
        return [
            {"beside": each, "is_base": each is self.base, "as_base": urlencode([*ids, ("base", each.id)]),
             "without": self.without(each)}
            for each in self.runs
        ]  # fmt: skip


@page(READ)
@require_GET
def runs_compare(request: PageRequest) -> HttpResponse:
    """The chosen runs, one part of the comparison."""
    part = request.GET.get("show", "values")
    if part not in PARTS:
        raise InvalidInput(f"A comparison shows {', '.join(PARTS)}; {part[:40]!r} is none of them.")
    compared = _compared(request)
    if compared is None:
        return render(request, "runs/compare/nothing.html")
    context = {
        "compared": compared, "part": part, "parts": [(name, label) for name, (label, _) in PARTS.items()],
        **PARTS[part][1](request, compared),
    }  # fmt: skip
    return render(request, f"runs/compare/{part}.html", context)


@page(READ)
@require_GET
def runs_compare_csv(request: PageRequest) -> HttpResponse:
    """Params, metrics and tags, a line a fact and a column a run."""
    compared, buffer = _compared(request), io.StringIO()
    if compared is None:
        raise InvalidInput("Name the runs to compare: ?run=…&run=…")
    sheet = csv.writer(buffer)
    sheet.writerow(["", "run", *(each.id for each in compared.runs)])
    sheet.writerow(["", "name", *(_cell(each.run.name) for each in compared.runs)])
    for group in value_groups(compared.runs, compared.base):
        for line in group.lines:
            sheet.writerow([group.kind, _cell(line.name), *(_cell(value) for value in line.values)])
    answer = HttpResponse(buffer.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="runs.csv"'
    return answer


def board_facts(runs: list[Beside]) -> dict[str, Any]:
    """What charts need to know of the runs that they draw."""
    return {
        "runs": [
            {"id": each.id, "name": each.run.name, "colour": each.colour, "params": each.params}
            for each in runs
        ]
    }


def board(runs: list[Beside]) -> dict[str, Any]:
    """The context of `runs/_board.html`."""
    keys = charted_keys([each.run.pk for each in runs])
    differing = sorted(
        {
            key
            for each in runs
            for key in each.params
            if any(other.params.get(key) != each.params[key] for other in runs)
        }
    )
    return {
        "runs": runs, "facts": board_facts(runs), "group_keys": differing[:50],
        "keys": [(key, less_is_better(key)) for key in keys],
    }  # fmt: skip


def _compared(request: PageRequest) -> Compared | None:
    runs = beside(request.actor, picked_runs(request.actor, request.GET))
    if not runs:
        return None
    base = next((each for each in runs if each.id == request.GET.get("base")), runs[0])
    return Compared(runs, base)


def _values(request: PageRequest, compared: Compared) -> dict[str, Any]:
    return {"groups": value_groups(compared.runs, compared.base)}


def _charts(request: PageRequest, compared: Compared) -> dict[str, Any]:
    return {"board": board(compared.runs)}


def _cell(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula is led by an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


PARTS: dict[str, tuple[str, Callable[[PageRequest, Compared], dict[str, Any]]]] = {
    "values": ("Params and metrics", _values),
    "charts": ("Charts", _charts),
}
