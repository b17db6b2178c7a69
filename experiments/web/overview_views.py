"""What an experiment came to, on one page, and its notes."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from experiments.models import Experiment, ExperimentTag
from experiments.search.terms import METRIC
from experiments.selectors.compared import less_is_better
from experiments.selectors.experiment_overview import activity, bests, leaders
from experiments.selectors.experiments import experiment_get
from experiments.selectors.table_keys import table_keys
from experiments.selectors.table_rows import usual_columns
from experiments.selectors.table_state import TableState, table_query
from experiments.selectors.web_experiments import summary_of
from experiments.selectors.web_run import NOTE_TAG
from experiments.services.experiments import experiment_tag_set
from experiments.web.filters import column_field
from experiments.web.forms import NoteForm
from experiments.web.markdown import note_html
from experiments.web.overview_plots import activity_bars, progress_plot
from portal import access
from portal.answers import PageRequest, act
from portal.kernel.errors import InvalidInput
from portal.routing import page

SAMPLE = 20


@page("experiments.run.read")
@require_GET
def experiment_overview(request: PageRequest, experiment_id: int) -> HttpResponse:
    """The best runs by a metric and how they became better, activity, storage, people, notes."""
    found = experiment_get(request.actor, str(experiment_id))
    keys = table_keys((found.pk,), METRIC)
    key = _metric(request, found, keys)
    is_less = {"less": True, "more": False}.get(request.GET.get("best", ""), less_is_better(key))
    points = bests(found, key, is_less=is_less) if key else []
    active = activity(found)
    bars, most = activity_bars(active)
    note = (
        ExperimentTag.objects.filter(experiment=found, key=NOTE_TAG).values_list("value", flat=True).first()
        or ""
    )
    context = {
        "experiment": found, "summary": summary_of(found), "keys": keys, "key": key, "is_less": is_less,
        "leaders": leaders(found, key, is_less=is_less) if key else [], "progress": progress_plot(points, key),
        "order": f"{column_field('metrics', key)} {'ASC' if is_less else 'DESC'}",
        "activity": active, "bars": bars, "most": most, "note_text": note, "note": note_html(note),
        "may_edit": found.is_active and access.allows(request.actor, "experiments.experiment.tag", found),
    }  # fmt: skip
    return render(request, "experiments/overview.html", context)


@page("experiments.experiment.tag")
@require_POST
def experiment_note(request: PageRequest, experiment_id: int) -> HttpResponse:
    """Write an experiment's notes."""
    found, form = experiment_get(request.actor, str(experiment_id)), NoteForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("Notes have at most 20,000 characters.")
    text = form.cleaned_data["note"].replace("\r\n", "\n")
    change = lambda: experiment_tag_set(actor=request.actor, experiment=found, key=NOTE_TAG, value=text)  # noqa: E731
    return act(
        request, change, said="The notes are saved.", then=reverse("experiment-overview", args=[found.pk])
    )


def _metric(request: PageRequest, found: Experiment, keys: list[str]) -> str:
    """What the address asks for, else a metric that most of the newest runs have."""
    asked = request.GET.get("metric", "")
    if asked in keys:
        return asked
    query = table_query(request.actor, TableState(experiments=(found.pk,)))
    usual = [
        name.removeprefix("metrics.") for name in usual_columns(query, SAMPLE) if name.startswith("metrics.")
    ]
    return next(iter([*usual, *keys]), "")
