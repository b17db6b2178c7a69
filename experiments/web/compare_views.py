"""Runs side by side: a page with parts, and the same values as CSV."""

import csv
import io
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from experiments.artifacts.paths import path_normalised
from experiments.selectors.compared import DIFF_TAG, code_group, text_group, value_groups
from experiments.selectors.compared_files import LINES_AT_MOST, diff_lines, file_differences, files_beside
from experiments.selectors.compared_sources import dataset_columns, environments, schema_differences
from experiments.selectors.compared_tables import key_choices, table_differences
from experiments.web.compared_plots import plots_beside
from experiments.web.comparing import Compared, board, compared_of
from experiments.web.previews import IMAGE_TYPES, suffix_of
from experiments.web.set_views import set_context
from portal import access
from portal.answers import PageRequest
from portal.exports import table_export
from portal.kernel.errors import InvalidInput
from portal.routing import page

READ = "experiments.run.read"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@page(READ)
@require_GET
def runs_compare(request: PageRequest) -> HttpResponse:
    """The chosen runs, one part of the comparison."""
    part = request.GET.get("show", "values")
    if part not in PARTS:
        raise InvalidInput(f"A comparison shows {', '.join(PARTS)}; {part[:40]!r} is none of them.")
    compared = compared_of(request)
    if compared is None:
        return render(request, "runs/compare/nothing.html")
    context = {
        "compared": compared, "part": part, "about": f"{compared.query}&show={part}",
        "parts": [(name, label) for name, (label, _) in PARTS.items()],
        **PARTS[part][1](request, compared),
    }  # fmt: skip
    return render(request, f"runs/compare/{part}.html", context)


@page(READ)
@require_GET
def runs_compare_csv(request: PageRequest) -> HttpResponse:
    """Params, metrics and tags, a line a fact and a column a run."""
    compared, buffer = compared_of(request), io.StringIO()
    if compared is None:
        raise InvalidInput("Name the runs to compare: ?run=…&run=…")
    sheet = csv.writer(buffer)
    sheet.writerow(["", "run", *(each.id for each in compared.runs)])
    sheet.writerow(["", "name", *(_cell(each.run.name) for each in compared.runs)])
    for group in value_groups(compared.runs, compared.base):
        for line in group.lines:
            sheet.writerow([group.kind, _cell(line.name), *(_cell(value) for value in line.values)])
    table_export(actor=request.actor, name="comparison", form="csv", asked=request.get_full_path())
    answer = HttpResponse(buffer.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="runs.csv"'
    return answer


def _values(request: PageRequest, compared: Compared) -> dict[str, Any]:
    return {"groups": value_groups(compared.runs, compared.base)}


def _charts(request: PageRequest, compared: Compared) -> dict[str, Any]:
    return {"board": board(compared.runs, request.GET.getlist("key"))}


def _code(request: PageRequest, compared: Compared) -> dict[str, Any]:
    runs, base = compared.runs, compared.base
    diffs = [(each, each.tags[DIFF_TAG]) for each in runs if each.tags.get(DIFF_TAG)]
    _artifacts_require(request, compared)
    return {
        "groups": [code_group(runs, compared.at), text_group("Packages", environments(runs), compared.at)],
        "diffs": [
            (each, each is not base and text == base.tags.get(DIFF_TAG), diff_lines(text.splitlines()[:LINES_AT_MOST]))
            for each, text in diffs
        ],
    }  # fmt: skip


def _data(request: PageRequest, compared: Compared) -> dict[str, Any]:
    return {
        "groups": [text_group("Datasets", dataset_columns(compared.runs), compared.at)],
        "schemas": schema_differences(compared.runs, compared.base),
    }


def _files(request: PageRequest, compared: Compared) -> dict[str, Any]:
    _artifacts_require(request, compared)
    path = path_normalised(request.GET.get("path", ""), may_be_empty=True)
    if not path:
        return {"files": files_beside(compared.runs), "path": ""}
    if suffix_of(path) in IMAGE_TYPES:
        return {"path": path, "is_image": True}
    page, by = _page_number(request.GET.get("page", "")), request.GET.get("by", "")[:500]
    tables = table_differences(compared.runs, compared.base, path, page=page, by=by)
    if tables is not None:
        return {
            "path": path, "tables": tables, "page": page, "by": by, "keys": key_choices(compared.base, path),
            "has_more": any(each.has_more for each in tables),
        }  # fmt: skip
    return {"path": path, "differences": file_differences(compared.runs, compared.base, path)}


def _plots(request: PageRequest, compared: Compared) -> dict[str, Any]:
    _artifacts_require(request, compared)
    return {"plots": plots_beside(compared.runs)}


def _page_number(text: str) -> int:
    if not text:
        return 1
    if not text.isdecimal() or len(text) > 7 or int(text) < 1:
        raise InvalidInput("A page of a table is a number from 1.")
    return int(text)


def _artifacts_require(request: PageRequest, compared: Compared) -> None:
    for each in compared.runs:
        access.require(request.actor, "experiments.artifact.read", each.run)


def _cell(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula is led by an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


PARTS: dict[str, tuple[str, Callable[[PageRequest, Compared], dict[str, Any]]]] = {
    "values": ("Params and metrics", _values),
    "charts": ("Charts", _charts),
    "plots": ("Curves and pictures", _plots),
    "set": ("The set", set_context),
    "code": ("Code and packages", _code),
    "data": ("Data", _data),
    "files": ("Artifacts", _files),
}
