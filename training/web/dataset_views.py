"""Pages of datasets: the list, a version, uploads, downloads, and checks."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from experiments.data.files import file_response
from experiments.data.uploads import FIELD, uploads_accept, uploads_keep
from experiments.models import DatasetVersion
from experiments.selectors import dataset_versions as reads
from experiments.services.dataset_versions import REGISTER, NewVersion, dataset_register
from experiments.validation.dataset_names import dataset_name_check
from experiments.web.markdown import note_html
from portal import access
from portal.accounts.selectors import workspaces_visible
from portal.answers import PageRequest, act_and_go, whole_or_fragment
from portal.exports import all_pages, download_asked, table_answer
from portal.kernel.errors import DomainError
from portal.operations import permit
from portal.routing import page
from training.selectors.data_checks import check_get, checks_visible
from training.selectors.evaluations import evaluations_visible
from training.selectors.web_datasets import dataset_rows, profile_of, uses_of, versions_listed
from training.services.data_checks import BEGIN as CHECK
from training.services.data_checks import data_check_begin
from training.web.data_snippets import upload_snippets, use_snippets
from training.web.dataset_forms import CheckForm, UploadForm
from training.web.plots import column_plot
from training.web.tables import DATASETS

ROWS = 20
_NO_FIGURES = dict.fromkeys(("missing", "unique", "min", "mean", "max"))


@page("experiments.dataset.list")
@require_GET
def datasets(request: PageRequest) -> HttpResponse | StreamingHttpResponse:
    """All datasets that the reader sees."""
    asked = {name: request.GET.get(name, "").strip() for name in ("text", "workspace", "page_token")}
    if form := download_asked(request.GET):
        rest = {name: asked[name] for name in ("text", "workspace")}
        rows_all = all_pages(lambda at: dataset_rows(request.actor, **rest, page_token=at))
        return table_answer(request, "datasets", form, DATASETS, rows_all)
    seen = list(workspaces_visible(request.actor))
    rows, next_token = dataset_rows(request.actor, **asked)
    context = {
        **asked, "rows": rows, "next_token": next_token, "is_first": not asked["page_token"],
        "exports": True,
        "workspaces": seen, "snippets": upload_snippets(seen[0] if seen else None),
        "may_register": access.workspaces_allowing(request.actor, REGISTER) != [],
    }  # fmt: skip
    return whole_or_fragment(request, "data/list.html", "data/_list.html", context)


@page("experiments.dataset_version.read")
@require_GET
def dataset(request: PageRequest, workspace: str, name: str, number: int | None = None) -> HttpResponse:
    """A version of a dataset, without a number the newest."""
    if number is None:
        asset = reads.asset_get(request.actor, workspace, name)
        number = asset.newest_number  # type: ignore[attr-defined]
    version = reads.version_get(request.actor, workspace, name, number or 1)
    return render(request, "data/version.html", _version_context(request, version))


@page("experiments.dataset_version.read")
@require_GET
def dataset_by_id(request: PageRequest, version_id: UUID) -> HttpResponse:
    """The address of a version that other records know by its id."""
    found = reads.version_by_id(request.actor, version_id)
    return redirect("dataset-version", found.workspace.name, found.asset.name, found.number)


def _version_context(request: PageRequest, version: DatasetVersion) -> dict[str, Any]:
    profile = profile_of(version) or {}
    runs, models = uses_of(version)
    seen = {each["name"]: each for each in profile.get("columns", [])}
    columns = [
        {
            **_NO_FIGURES,
            **column,
            **seen.get(column["name"], {}),
            "bars": column_plot(seen.get(column["name"], {})),
        }
        for column in version.schema or []
    ]
    return {
        "version": version, "asset": version.asset, "workspace": version.workspace, "profile": profile,
        "columns": columns, "runs": runs, "models": models, "versions": versions_listed(version),
        "comparison": _comparison(request, version), "datasheet": note_html(version.datasheet),
        "checks": checks_visible(request.actor).filter(version=version)[:ROWS],
        "evaluations": evaluations_visible(request.actor).filter(dataset=version)[:ROWS],
        "check_form": CheckForm(), "snippets": use_snippets(version), "lineage": f"registered-data:{version.pk.hex}",
    }  # fmt: skip


def _comparison(request: PageRequest, version: DatasetVersion) -> dict[str, Any] | None:
    """How the columns differ from those of the version that the address names."""
    other = request.GET.get("with", "")
    if not other.isdecimal():
        return None
    before = reads.version_get(request.actor, version.workspace.name, version.asset.name, int(other))
    try:
        return {"with": before, "difference": reads.versions_compared(before, version)}
    except DomainError as no:
        return {"with": before, "problem": no.detail}


@page("experiments.dataset.download")
@require_GET
def dataset_file(
    request: PageRequest, workspace: str, name: str, number: int, path: str
) -> StreamingHttpResponse:
    """One file of a version, as an attachment."""
    return file_response(reads.version_get(request.actor, workspace, name, number), path)


@page(REGISTER)
@csrf_exempt
@require_http_methods(["GET", "POST"])
def dataset_new(request: PageRequest) -> HttpResponseBase:
    """The form for a version, and its making. Files are let in first, then the token of the form is checked."""
    uploads_accept(request)
    return _dataset_new(request)


@csrf_protect
def _dataset_new(request: HttpRequest) -> HttpResponseBase:
    actor = request.actor  # type: ignore[attr-defined]
    started = {name: request.GET.get(name, "") for name in ("workspace", "name")}
    form = UploadForm(request.POST or None, request.FILES or None, actor=actor, initial=started)
    if form.is_valid():
        try:
            made = _made(request, actor, {**form.cleaned_data})
        except DomainError as no:
            form.add_error(None, no.detail)
        else:
            return redirect("dataset-version", made.workspace.name, made.asset.name, made.number)
    return render(request, "data/new.html", {"form": form})


def _made(request: HttpRequest, actor: Any, given: dict[str, Any]) -> DatasetVersion:
    workspace, name = given.pop("workspace"), given.pop("name")
    files = given.pop(FIELD)
    permit(actor=actor, action=REGISTER, target=workspace)
    dataset_name_check(name)
    if files or not given["source_uri"]:
        kept = uploads_keep(request, workspace.pk, files)
        given |= {**asdict(kept), "size_bytes": kept.size_bytes}
    return dataset_register(actor=actor, workspace=workspace, name=name, new=NewVersion(**given))


@page(CHECK)
@require_POST
def check_new(request: PageRequest, workspace: str, name: str, number: int) -> HttpResponse:
    """Hold rules against a version."""
    version = reads.version_get(request.actor, workspace, name, number)
    form = CheckForm(request.POST)
    here = reverse("dataset-version", args=[workspace, name, number])

    def ask() -> str:
        form.is_valid()
        rules = form.cleaned_data.get("rules", {})
        other = form.cleaned_data.get("reference")
        reference = reads.version_get(request.actor, workspace, name, other) if other else None
        made = data_check_begin(actor=request.actor, version=version, rules=rules, reference=reference)
        return reverse("data-check", args=[made.pk])

    return act_and_go(
        request, ask, said="The check waits for a worker; its result will stand here.", otherwise=here
    )


@page("training.data_check.read")
@require_GET
def check(request: PageRequest, check_id: UUID) -> HttpResponse:
    """One check, rule by rule."""
    found = check_get(request.actor, check_id)
    context = {
        "check": found,
        "version": found.version,
        "workspace": found.workspace,
        "asset": found.version.asset,
    }
    return render(request, "data/check.html", context)
