"""Pages of alerts."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from compliance.web.input import moment_of
from monitoring.facts import ALERT_STATES, RESOLVED
from monitoring.selectors.monitors import alert_get, alerts_visible
from monitoring.selectors.web_monitors import SHOWN_ALERTS
from monitoring.services.alerts import (
    ACKNOWLEDGE,
    RESOLVE,
    SILENCE,
    alert_acknowledge,
    alert_resolve,
    alert_silence,
)
from portal.answers import PageRequest, act, whole_or_fragment
from portal.routing import page


@page("monitoring.alert.list")
@require_GET
def alerts(request: PageRequest) -> HttpResponse:
    """Alerts that are not resolved, or those in one state, newest first."""
    state, found = request.GET.get("state", ""), alerts_visible(request.actor)
    found = found.filter(state=state) if state in ALERT_STATES else found.exclude(state=RESOLVED)
    context = {"rows": list(found[:SHOWN_ALERTS]), "state": state, "states": ALERT_STATES}
    return whole_or_fragment(request, "monitoring/alerts.html", "monitoring/_alerts.html", context)


@page("monitoring.alert.read")
@require_GET
def alert(request: PageRequest, alert_id: UUID) -> HttpResponse:
    """One alert: what was seen, and what was done."""
    return render(request, "monitoring/alert.html", {"alert": alert_get(request.actor, alert_id)})


@page(ACKNOWLEDGE)
@require_POST
def acknowledge(request: PageRequest, alert_id: UUID) -> HttpResponse:
    """Say that one looks at it."""
    found, note = alert_get(request.actor, alert_id), request.POST.get("note", "")
    change = lambda: alert_acknowledge(actor=request.actor, alert=found, note=note)  # noqa: E731
    return act(request, change, said="It is acknowledged.", then=reverse("alert", args=[found.pk]))


@page(SILENCE)
@require_POST
def silence(request: PageRequest, alert_id: UUID) -> HttpResponse:
    """Hear nothing of it until a date."""
    found, said = alert_get(request.actor, alert_id), request.POST

    def change() -> None:
        until = moment_of(said.get("until", "").strip())
        alert_silence(actor=request.actor, alert=found, until=until, reason=said.get("reason", ""))

    return act(request, change, said="It is silenced.", then=reverse("alert", args=[found.pk]))


@page(RESOLVE)
@require_POST
def resolve(request: PageRequest, alert_id: UUID) -> HttpResponse:
    """Say that it is over."""
    found, note = alert_get(request.actor, alert_id), request.POST.get("note", "")
    change = lambda: alert_resolve(actor=request.actor, alert=found, note=note)  # noqa: E731
    return act(request, change, said="It is resolved.", then=reverse("alert", args=[found.pk]))
