"""Pages of batch scorings: the list, the form on a model version, and one of them."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from deployments.scoring.asking import FORMS
from deployments.scoring.beginning import score_again, score_or_request
from deployments.scoring.proposals import SCORE
from deployments.selectors.scorings import scoring_get, scoring_rows
from deployments.web.scoring_forms import ScoringForm
from experiments.selectors.dataset_versions import version_resolve, versions_visible
from portal.answers import PageRequest, act_and_go, whole_or_fragment
from portal.kernel.errors import DomainError
from portal.operations import permit
from portal.routing import page
from registry.models import ModelVersion
from registry.selectors.web_version import version_numbered

DATASETS = 200


@page("deployments.scoring.list")
@require_GET
def scorings(request: PageRequest) -> HttpResponse:
    """The scorings that the reader sees, newest first."""
    asked = {name: request.GET.get(name, "").strip() for name in ("workspace", "page_token")}
    rows, next_token = scoring_rows(request.actor, **asked)
    context = {**asked, "rows": rows, "next_token": next_token, "is_first": not asked["page_token"]}
    return whole_or_fragment(request, "scorings/list.html", "scorings/_list.html", context)


@page(SCORE)
@require_http_methods(["GET", "POST"])
def scoring_new(request: PageRequest, workspace: str, name: str, number: int) -> HttpResponse:
    """The form for a scoring with a version of a model, and asking for it."""
    version = version_numbered(request.actor, workspace, name, number)
    form = ScoringForm(request.POST or None, datasets=_datasets(request, version), initial=request.GET.dict())
    if form.is_valid():
        permit(actor=request.actor, action=SCORE, target=version)
        dataset, _, at = form.cleaned_data["dataset"].rpartition("/")
        try:
            made = score_or_request(
                actor=request.actor, version=version, asked=form.asked, reason=form.cleaned_data["reason"],
                dataset=version_resolve(version.workspace_id, dataset, int(at)),
                environment=form.cleaned_data["environment"],
            )  # fmt: skip
        except DomainError as no:
            form.add_error(None, no.detail)
        else:
            return redirect("scoring", made.pk)
    context = {"form": form, "version": version, "model": version.model, "workspace": version.workspace}
    return render(request, "scorings/new.html", context)


@page("deployments.scoring.read")
@require_GET
def scoring(request: PageRequest, scoring_id: UUID) -> HttpResponse:
    """One scoring; htmx gets the part of it that changes while it runs."""
    found = scoring_get(request.actor, scoring_id)
    context = {
        "scoring": found, "job": found.job, "version": found.version, "workspace": found.workspace,
        "lineage": f"scoring:{found.pk}",
    }  # fmt: skip
    return whole_or_fragment(request, "scorings/scoring.html", "scorings/_scoring.html", context)


@page(SCORE)
@require_POST
def again(request: PageRequest, scoring_id: UUID) -> HttpResponse:
    """Ask for the same again."""
    found = scoring_get(request.actor, scoring_id)
    return act_and_go(
        request,
        lambda: reverse("scoring", args=[score_again(actor=request.actor, scoring=found).pk]),
        said="The same is scored again.", otherwise=reverse("scoring", args=[found.pk]),
    )  # fmt: skip


def _datasets(request: PageRequest, version: ModelVersion) -> list[tuple[str, str]]:
    held = versions_visible(request.actor).filter(workspace_id=version.workspace_id).exclude(path="")
    return [
        (f"{each.asset.name}/{each.number}", f"{each}{f' ({each.role})' if each.role else ''}")
        for each in held.defer("schema", "datasheet")[:DATASETS]
        if all(entry["path"].lower().endswith(FORMS) for entry in each.manifest)
    ]
