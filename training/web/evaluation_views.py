"""Pages of evaluations: those of a version, the form for one, and its report."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from experiments.models import DatasetVersion
from experiments.selectors.dataset_versions import version_resolve, versions_visible
from portal.answers import PageRequest
from portal.kernel.errors import DomainError
from portal.operations import permit
from portal.routing import page
from registry.models import ModelVersion
from registry.selectors.web_version import version_numbered
from training.evaluation.planning import Asked, champion_of, environment_of
from training.models import Evaluation
from training.selectors.evaluations import evaluation_get, evaluations_visible
from training.services.evaluations import BEGIN, evaluation_begin
from training.web import plots
from training.web.dataset_forms import EvaluationForm, columns_of

ROWS, DATASETS = 20, 200


@page("training.evaluation.list")
@require_GET
def evaluations(request: PageRequest, workspace: str, name: str, number: int) -> HttpResponse:
    """The evaluations of a version of a model."""
    version = version_numbered(request.actor, workspace, name, number)
    context = {
        "version": version, "model": version.model, "workspace": version.workspace,
        "evaluations": evaluations_visible(request.actor).filter(version=version)[:ROWS],
    }  # fmt: skip
    is_part = request.headers.get("HX-Request") == "true"
    return render(request, "data/_evaluations.html" if is_part else "data/evaluations.html", context)


@page(BEGIN)
@require_http_methods(["GET", "POST"])
def evaluation_new(request: PageRequest, workspace: str, name: str, number: int) -> HttpResponse:
    """The form for an evaluation, and asking for it."""
    version = version_numbered(request.actor, workspace, name, number)
    form = EvaluationForm(request.POST or None, datasets=_datasets(request, version))
    if form.is_valid():
        try:
            made = _made(request, version, form.cleaned_data)
        except DomainError as no:
            form.add_error(None, no.detail)
        else:
            return redirect("model-evaluation", made.pk)
    context = {"form": form, "version": version, "model": version.model, "workspace": version.workspace}
    return render(request, "data/evaluation_new.html", context)


def _datasets(request: PageRequest, version: ModelVersion) -> list[tuple[str, str]]:
    held = versions_visible(request.actor).filter(workspace_id=version.workspace_id).exclude(path="")
    return [
        (f"{each.asset.name}/{each.number}", f"{each}{f' ({each.role})' if each.role else ''}")
        for each in held.defer("manifest", "schema", "datasheet")[:DATASETS]
    ]


def _made(request: PageRequest, version: ModelVersion, given: Mapping[str, Any]) -> Evaluation:
    permit(actor=request.actor, action=BEGIN, target=version)
    champion = champion_of(request.actor, version) if given["against_champion"] else None
    asked = Asked(
        target=given["target"], task=given["task"], slices=columns_of(given["slices"]),
        sensitive=columns_of(given["sensitive"]), explain=given["explain"], thresholds=given["thresholds"],
    )  # fmt: skip
    return evaluation_begin(
        actor=request.actor, version=version, dataset=_dataset(version, given["dataset"]), champion=champion,
        asked=asked, environment=environment_of(version, champion),
    )  # fmt: skip


def _dataset(version: ModelVersion, named: str) -> DatasetVersion:
    name, _, number = named.rpartition("/")
    return version_resolve(version.workspace_id, name, int(number))


@page("training.evaluation.read")
@require_GET
def evaluation(request: PageRequest, evaluation_id: UUID) -> HttpResponse:
    """The report of an evaluation."""
    found = evaluation_get(request.actor, evaluation_id)
    version, report = found.version, found.report or {}
    context = {
        "evaluation": found, "version": version, "model": version.model, "workspace": found.workspace,
        "report": report, "metrics": _metrics(report), "thresholds": _thresholds(report),
        "slices": [_table(part, "groups", "metrics") for part in report.get("slices", [])],
        "fairness": [_table(part, "by_group", "") for part in report.get("fairness", [])],
        "drawn": _drawn(report), "size": plots.SIZE,
    }  # fmt: skip
    return render(request, "data/evaluation.html", context)


def _metrics(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each metric, beside that of the champion."""
    champion = report.get("champion") or {}
    theirs, differences = champion.get("metrics") or {}, champion.get("differences") or {}
    return [
        {
            "name": name, "value": _number(value), "champion": _number(theirs.get(name)),
            "difference": _number(differences.get(name)),
        }
        for name, value in sorted(report.get("metrics", {}).items())
    ]  # fmt: skip


def _thresholds(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each threshold, with all that the table has a place for."""
    return [
        {
            "min": None, "max": None, **each, "groups": each.get("slice") or each.get("sensitive") or "–",
        }
        for each in report.get("thresholds", [])
    ]  # fmt: skip


def _table(part: Mapping[str, Any], rows: str, inside: str) -> dict[str, Any]:
    """Groups as a table: names of columns, and a row of values for each group."""
    groups = part.get(rows) or []
    figures = [_figures(group, inside) for group in groups]
    names = list(dict.fromkeys(name for each in figures for name in each))
    body = [
        (group.get("group"), [_number(each.get(name)) for name in names])
        for group, each in zip(groups, figures, strict=True)
    ]
    gaps = {name: _number(value) for name, value in (part.get("gaps") or {}).items()}
    return {
        "column": str(part.get("column")), "names": names, "rows": body, "gaps": gaps,
        "positive": part.get("positive"),
    }  # fmt: skip


def _figures(group: Mapping[str, Any], inside: str) -> dict[str, Any]:
    """The count first, then the others by name: what is stored keeps no order."""
    found = {**group, **(group.get(inside) or {})} if inside else group
    names = sorted(found.keys() - {"group", "count", inside})
    return {name: found[name] for name in ("count", *names) if name in found}


def _number(value: Any) -> float | None:
    """A report comes from beside a model: what is no number is not shown as one."""
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _drawn(report: Mapping[str, Any]) -> dict[str, Any]:
    """The plots that the report has points for. What a strange report makes impossible to draw is left out."""
    found = report.get("plots") or {}
    makers: dict[str, Callable[[Any], Any]] = {
        "roc": plots.line, "calibration": plots.calibration, "pairs": plots.pairs,
        "residuals": lambda given: plots.histogram(given, width=plots.SIZE, height=plots.SIZE),
    }  # fmt: skip
    drawn: dict[str, Any] = {}
    try:
        drawn = {name: make(found[name]) for name, make in makers.items() if name in found}
        if "confusion" in found:
            labels, counts = found["confusion"]["labels"], found["confusion"]["counts"]
            drawn["confusion"] = {"labels": labels, "rows": list(zip(labels, counts, strict=True))}
        if report.get("explanation"):
            drawn["importance"] = plots.importance(report["explanation"]["columns"])
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        drawn["problem"] = True
    return drawn
