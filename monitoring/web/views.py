"""Pages of monitors: the list, one with its report, and what people do with it."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from compliance.selectors.web_people import member_named, people_of
from compliance.web.input import moment_of
from deployments.selectors.endpoints import endpoint_get
from monitoring.models import Monitor, MonitorRun
from monitoring.selectors.monitors import monitor_get, monitors_visible, run_get, runs_of
from monitoring.selectors.web_monitors import history_of, rows_of
from monitoring.services.monitors import (
    CREATE,
    DELETE,
    MEASURE,
    SILENCE,
    UPDATE,
    monitor_create,
    monitor_delete,
    monitor_measure,
    monitor_silence,
    monitor_update,
    monitors_default,
)
from monitoring.services.results import subject_of
from monitoring.web.forms import MonitorForm, initial_of
from monitoring.web.plots import pairs, trend
from portal.answers import PageRequest, act, whole_or_fragment
from portal.kernel.errors import DomainError, InvalidInput, NotFound
from portal.routing import page

SHOWN_COLUMNS = 60
# A statistic that a kind of column has not is shown as a dash.
_UNKNOWN = dict.fromkeys(
    (
        "psi",
        "js",
        "ks",
        "wasserstein",
        "cramers_v",
        "p_value",
        "missing",
        "mistyped",
        "out_of_range",
        "unknown",
    )
)


@page("monitoring.monitor.list")
@require_GET
def monitors(request: PageRequest) -> HttpResponse:
    """The monitors that the reader sees, or those of one endpoint."""
    name, found = request.GET.get("endpoint", "").strip(), monitors_visible(request.actor)
    endpoint = endpoint_get(request.actor, name) if name else None
    found = found.filter(endpoint=endpoint) if endpoint else found
    context = {"rows": rows_of(found.order_by("endpoint__name", "name")), "endpoint": endpoint}
    return whole_or_fragment(request, "monitoring/list.html", "monitoring/_list.html", context)


@page("monitoring.monitor.read")
@require_GET
def monitor(request: PageRequest, monitor_id: UUID) -> HttpResponse:
    """One monitor: its newest report, or the one that is asked for, and its values over time."""
    found = monitor_get(request.actor, monitor_id)
    shown, history = _shown(request, found), history_of(found)
    context = {
        "monitor": found, "run": shown, "row": rows_of(monitors_visible(request.actor).filter(pk=found.pk))[0],
        "trend": trend(history, found.settings, found.kind), "history": history[::-1][:20],
        "subject": subject_of(found),
        "columns": _columns(shown), "plot": pairs(shown.body["bins"]) if shown and "bins" in shown.body else None,
        "thresholds": found.settings["thresholds"],
    }  # fmt: skip
    return whole_or_fragment(request, "monitoring/monitor.html", "monitoring/_monitor.html", context)


def _shown(request: HttpRequest, found: Monitor) -> MonitorRun | None:
    said = request.GET.get("run", "")
    if not said:
        return runs_of(found).first()
    try:
        return run_get(found, UUID(said))
    except ValueError:
        raise InvalidInput(f"{said[:80]!r} names no measurement.") from None


def _columns(run: MonitorRun | None) -> list[dict[str, Any]]:
    lines = run.body.get("columns", []) if run else []
    return [
        {**_UNKNOWN, **line, "pairs": pairs(line["bins"]) if "bins" in line else []}
        for line in lines[:SHOWN_COLUMNS]
    ]


@page(CREATE)
@require_http_methods(["GET", "POST"])
def monitor_new(request: PageRequest, name: str) -> HttpResponse:
    """The form of a new monitor."""
    endpoint = endpoint_get(request.actor, name)
    people = people_of(endpoint.workspace_id)
    form = MonitorForm(request.POST or None, people=people, initial={"owner": request.actor.name})
    if form.is_valid():
        given = form.cleaned_data
        try:
            owner = member_named(endpoint.workspace_id, given["owner"]) if given["owner"] else None
            made = monitor_create(
                actor=request.actor, endpoint=endpoint, kind=given["kind"], name=given["name"], settings=form.wanted,
                every_seconds=given["every_seconds"], owner=owner,
            )  # fmt: skip
            return redirect("monitor", made.pk)
        except NotFound:
            raise
        except DomainError as no:
            form.add_error(None, no.detail)
    return render(request, "monitoring/edit.html", {"form": form, "endpoint": endpoint})


@page(UPDATE)
@require_http_methods(["GET", "POST"])
def monitor_edit(request: PageRequest, monitor_id: UUID) -> HttpResponse:
    """The form of a monitor that is there."""
    found = monitor_get(request.actor, monitor_id)
    data = request.POST.copy() if request.method == "POST" else None
    if data is not None:
        data["kind"] = found.kind
    form = MonitorForm(data, people=people_of(found.workspace_id), initial=initial_of(found))
    if form.is_valid():
        given = form.cleaned_data
        try:
            owner = member_named(found.workspace_id, given["owner"]) if given["owner"] else None
            monitor_update(
                actor=request.actor, monitor=found, name=given["name"], settings=form.wanted,
                every_seconds=given["every_seconds"], owner=owner,
            )  # fmt: skip
            return redirect("monitor", found.pk)
        except NotFound:
            raise
        except DomainError as no:
            form.add_error(None, no.detail)
    return render(
        request, "monitoring/edit.html", {"form": form, "endpoint": found.endpoint, "monitor": found}
    )


@page(CREATE)
@require_POST
def monitors_usual(request: PageRequest, name: str) -> HttpResponse:
    """Watch what is usually watched."""
    endpoint = endpoint_get(request.actor, name)
    return act(
        request, lambda: monitors_default(actor=request.actor, endpoint=endpoint),
        said="Drift, errors, latency and volume are watched from now on.",
        then=f"{reverse('monitors')}?endpoint={endpoint.name}",
    )  # fmt: skip


@page(MEASURE)
@require_POST
def monitor_now(request: PageRequest, monitor_id: UUID) -> HttpResponse:
    """Measure at once."""
    found = monitor_get(request.actor, monitor_id)
    change = lambda: monitor_measure(actor=request.actor, monitor=found)  # noqa: E731
    return act(request, change, said="It is being measured.", then=reverse("monitor", args=[found.pk]))


@page(UPDATE)
@require_POST
def monitor_pause(request: PageRequest, monitor_id: UUID) -> HttpResponse:
    """Measure no more, or go on."""
    found, is_paused = monitor_get(request.actor, monitor_id), request.POST.get("paused") == "yes"
    change = lambda: monitor_update(actor=request.actor, monitor=found, is_paused=is_paused)  # noqa: E731
    said = "It is paused." if is_paused else "It goes on."
    return act(request, change, said=said, then=reverse("monitor", args=[found.pk]))


@page(SILENCE)
@require_POST
def monitor_quiet(request: PageRequest, monitor_id: UUID) -> HttpResponse:
    """Tell nobody until a date; without a date, tell again."""
    found, until = monitor_get(request.actor, monitor_id), request.POST.get("until", "").strip()

    def change() -> None:
        at = moment_of(until) if until else None
        monitor_silence(actor=request.actor, monitor=found, until=at, reason=request.POST.get("reason", ""))

    said = "It is silenced: it measures, and tells nobody." if until else "It tells again."
    return act(request, change, said=said, then=reverse("monitor", args=[found.pk]))


@page(DELETE)
@require_POST
def monitor_remove(request: PageRequest, monitor_id: UUID) -> HttpResponse:
    """Watch no more."""
    found = monitor_get(request.actor, monitor_id)
    return act(
        request, lambda: monitor_delete(actor=request.actor, monitor=found), said=f"{found.name} was deleted.",
        then=f"{reverse('monitors')}?endpoint={found.endpoint.name}",
    )  # fmt: skip
