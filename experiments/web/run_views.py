"""Pages of one run: its tabs, its charts' points, its notes, deleting and restoring."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from experiments.models import Run
from experiments.selectors import web_run
from experiments.selectors.browsing import run_sets_of
from experiments.selectors.compared import beside
from experiments.selectors.dataset_versions import readings_named
from experiments.selectors.run_likeness import runs_alike
from experiments.selectors.runs import run_get
from experiments.services.runs import run_delete, run_restore, run_tag_set, run_update
from experiments.web.artifact_views import artifacts_tab
from experiments.web.comparing import board
from experiments.web.forms import NameForm, NoteForm
from experiments.web.markdown import note_html
from portal import access
from portal.answers import PageRequest, act
from portal.audit.selectors import object_trail
from portal.kernel.errors import InvalidInput
from portal.routing import page

READ = "experiments.run.read"
TRAIL_ENTRIES = 100


@page(READ)
@require_GET
def run(request: PageRequest, run_id: str, tab: str = "overview") -> HttpResponse:
    """A run, one tab of it."""
    head = web_run.run_head(request.actor, run_id)
    context = {
        "head": head, "run": head.run, "tab": tab, "tabs": TABS,
        "may_edit": access.allows(request.actor, "experiments.run.tag", head.run) and head.run.is_active,
        "may_delete": access.allows(request.actor, "experiments.run.delete", head.run),
        **_TAB_CONTENT[tab](request, head),
    }  # fmt: skip
    return render(request, f"runs/{tab}.html", context)


@page("experiments.run.update")
@require_POST
def run_rename(request: PageRequest, run_id: str) -> HttpResponse:
    """Give a run another name."""
    found, form = run_get(request.actor, run_id), NameForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("A run's name has 1 to 250 characters.")
    name, seen = form.cleaned_data["name"], form.cleaned_data["before"]
    change = lambda: run_update(actor=request.actor, run=found, name=name, expected_name=seen)  # noqa: E731
    return _act(request, found, change, "The run is renamed.")


@page("experiments.run.tag")
@require_POST
def run_note(request: PageRequest, run_id: str) -> HttpResponse:
    """Write a run's notes."""
    found, form = run_get(request.actor, run_id), NoteForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("Notes have at most 20,000 characters.")
    seen = form.cleaned_data["before"] if "before" in request.POST else None
    note = {
        "key": web_run.NOTE_TAG,
        "value": form.cleaned_data["note"].replace("\r\n", "\n"),
        "expected": seen,
    }
    change = lambda: run_tag_set(actor=request.actor, run=found, **note)  # noqa: E731
    return _act(request, found, change, "The notes are saved.")


@page("experiments.run.delete")
@require_POST
def run_remove(request: PageRequest, run_id: str) -> HttpResponse:
    """Delete a run; it can be restored."""
    found = run_get(request.actor, run_id)
    return _act(request, found, lambda: run_delete(actor=request.actor, run=found), "The run is deleted.")


@page("experiments.run.restore")
@require_POST
def run_bring_back(request: PageRequest, run_id: str) -> HttpResponse:
    """Restore a deleted run."""
    found = run_get(request.actor, run_id)
    return _act(request, found, lambda: run_restore(actor=request.actor, run=found), "The run is restored.")


def _act(request: PageRequest, found: Run, change: Callable[[], Any], said: str) -> HttpResponse:
    return act(request, change, said=said, then=reverse("run", args=[found.pk.hex]))


def _overview(request: PageRequest, head: web_run.Head) -> dict[str, Any]:
    return {
        "metrics": web_run.run_metrics(head.run), "params": web_run.run_params(head.run),
        "tags": web_run.run_tags(head.run, is_system=False), "note": note_html(head.note),
        "alike": runs_alike(head.run),
    }  # fmt: skip


def _metrics(request: PageRequest, head: web_run.Head) -> dict[str, Any]:
    runs = beside(request.actor, [head.run.pk])
    return {"metrics": web_run.run_metrics(head.run), "board": board(runs)}


def _params(request: PageRequest, head: web_run.Head) -> dict[str, Any]:
    return {"params": web_run.run_params(head.run)}


def _tags(request: PageRequest, head: web_run.Head) -> dict[str, Any]:
    return {
        "tags": web_run.run_tags(head.run, is_system=False),
        "system_tags": web_run.run_tags(head.run, is_system=True),
    }


def _datasets(request: PageRequest, head: web_run.Head) -> dict[str, Any]:
    return {"readings": readings_named(web_run.run_datasets(head.run))}


def _models(request: PageRequest, head: web_run.Head) -> dict[str, Any]:
    return {"models": web_run.run_models(request.actor, head.run)}


def _lineage(request: PageRequest, head: web_run.Head) -> dict[str, Any]:
    """Nothing here: what became of a run is known above, and the template asks there."""
    return {}


def _artifacts(request: PageRequest, head: web_run.Head) -> dict[str, Any]:
    return artifacts_tab(request, head.run)


def _trail(request: PageRequest, head: web_run.Head) -> dict[str, Any]:
    """What was done to the run, also together with others."""
    named = [("run", head.run.pk.hex), *(("runset", key) for key in run_sets_of(head.run))]
    entries = [
        entry
        for kind, key in named
        for entry in object_trail(
            request.actor, object_type=kind, object_id=key, before_id=None, limit=TRAIL_ENTRIES
        )
    ]
    return {"entries": sorted(entries, key=lambda entry: -entry.id)[:TRAIL_ENTRIES]}


_TAB_CONTENT: dict[str, Callable[[PageRequest, web_run.Head], dict[str, Any]]] = {
    "overview": _overview, "metrics": _metrics, "params": _params, "tags": _tags, "datasets": _datasets,
    "models": _models, "lineage": _lineage, "artifacts": _artifacts, "audit": _trail,
}  # fmt: skip
TABS = tuple((name, name.capitalize()) for name in _TAB_CONTENT)
