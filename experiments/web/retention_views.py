"""What a workspace takes in storage, how long it keeps runs, and its collections of garbage."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from experiments.models import Experiment
from experiments.models.retention import DAYS_AT_MOST
from experiments.selectors import retention as reads
from experiments.selectors.experiments import experiments_visible
from experiments.services.retention import START, collection_start, retention_clear, retention_set
from portal import access
from portal.accounts.models import Workspace
from portal.accounts.selectors import workspace_get
from portal.answers import PageRequest, act, act_and_go
from portal.exports import Column, table_answer
from portal.kernel.errors import InvalidInput
from portal.routing import page

UPDATE = "experiments.retention.update"
SHOWN = 200
THINGS = (
    Column("kind"), Column("subject"), Column("name"), Column("experiment_id", "integer"), Column("act"),
    Column("state"), Column("reason"), Column("files", "integer"), Column("bytes", "integer"),
    Column("points", "integer"), Column("digest"),
)  # fmt: skip


class RuleForm(forms.Form):
    """Days of a rule; without an experiment it is that of the workspace."""

    experiment = forms.ModelChoiceField(
        Experiment.objects.none(), required=False, empty_label="all without a rule of their own"
    )
    purge_after_days = forms.IntegerField(
        label="Purge deleted runs after (days)", min_value=1, max_value=DAYS_AT_MOST
    )
    delete_after_days = forms.IntegerField(
        label="Delete unneeded runs after (days)", required=False, min_value=1,
        max_value=DAYS_AT_MOST,
    )  # fmt: skip

    def __init__(self, *args: Any, experiments: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["experiment"].queryset = experiments  # type: ignore[attr-defined]


@page("experiments.storage.read")
@require_GET
def storage(request: PageRequest, name: str) -> HttpResponse:
    """Storage by experiment, rules and collections of a workspace."""
    workspace = workspace_get(request.actor, name)
    context = {
        "workspace": workspace, "storage": reads.storage_of(workspace), "rules": reads.rules_of(workspace),
        "uses": reads.storage_by_experiment(request.actor, workspace)[:SHOWN], "form": _form(request, workspace),
        "collections": [
            (each, reads.collection_state(each))
            for each in reads.collections_visible(request.actor).filter(workspace=workspace)[:20]
        ],
        "collect_hidden": {"act": "collect"}, "may_change": access.allows(request.actor, UPDATE, workspace),
    }  # fmt: skip
    return render(request, "storage/workspace.html", context)


@page(UPDATE)
@require_POST
def rule_set(request: PageRequest, name: str) -> HttpResponse:
    """Set a rule; without days, take it away."""
    workspace = workspace_get(request.actor, name)
    back = reverse("storage", args=[workspace.name])
    if request.POST.get("act") == "clear":
        wanted = request.POST.get("experiment", "")
        number = int(wanted) if wanted.isdecimal() and len(wanted) <= 18 else None
        experiment = experiments_visible(request.actor).filter(pk=number).first() if number else None
        clear = lambda: retention_clear(actor=request.actor, workspace=workspace, experiment=experiment)  # noqa: E731
        return act(request, clear, said=f"{experiment or workspace} has no rule of its own now.", then=back)
    form = _form(request, workspace, request.POST)
    if not form.is_valid():
        raise InvalidInput(
            f"A rule names days from 1 to {DAYS_AT_MOST:,}, and an experiment of {workspace} or none."
        )
    change = lambda: retention_set(actor=request.actor, workspace=workspace, **form.cleaned_data)  # noqa: E731
    return act(request, change, said="The rule is set. A dry run shows what it would collect.", then=back)


@page(START)
@require_POST
def collection_new(request: PageRequest, name: str) -> HttpResponse:
    """Ask for a collection, or a dry run of one."""
    workspace, is_dry = workspace_get(request.actor, name), request.POST.get("act") != "collect"

    def change() -> str:
        made = collection_start(actor=request.actor, workspace=workspace, is_dry_run=is_dry)
        return reverse("collection", args=[made.pk])

    said = f"The {'dry run' if is_dry else 'collection'} is on its way."
    return act_and_go(request, change, said=said, otherwise=reverse("storage", args=[workspace.name]))


@page("experiments.collection.read")
@require_GET
def collection(request: PageRequest, collection_id: UUID) -> HttpResponse:
    """The report of a collection: sums by experiment, and the first things that it came by."""
    found = reads.collection_get(request.actor, collection_id)
    things = reads.things_of(found)
    context = {
        "collection": found, "state": reads.collection_state(found), "things": things[:SHOWN],
        "count": things.count(), "shown": SHOWN,
    }  # fmt: skip
    return render(request, "storage/collection.html", context)


@page("experiments.collection.download")
@require_GET
def collection_file(request: PageRequest, collection_id: UUID, form: str) -> StreamingHttpResponse:
    """All things of a collection as a file."""
    found = reads.collection_get(request.actor, collection_id)
    rows = reads.things_of(found).iterator(chunk_size=1_000)
    return table_answer(request, f"collection-{found.pk.hex[-8:]}", form, THINGS, rows)


def _form(request: PageRequest, workspace: Workspace, given: Any = None) -> RuleForm:
    experiments = experiments_visible(request.actor).filter(workspace=workspace).order_by("name")
    return RuleForm(given, experiments=experiments)
