"""Alerts under /api/v1/alerts."""

from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from deployments.selectors.endpoints import endpoint_get
from monitoring.api import serializers as shapes
from monitoring.models import Alert
from monitoring.selectors.monitors import alert_get, alerts_visible
from monitoring.services.alerts import alert_acknowledge, alert_resolve, alert_silence
from portal.api.base import ApiView, Serializers


class AlertView(ApiView):
    """A resource below an alert."""

    outputs: ClassVar[Serializers] = {"GET": shapes.AlertOutput, "POST": shapes.AlertOutput}

    def alert(self, alert_id: UUID) -> Alert:
        return alert_get(self.actor, alert_id)


class AlertList(AlertView):
    """Alerts, newest first."""

    actions: ClassVar[dict[str, str]] = {"GET": "monitoring.alert.list"}
    inputs: ClassVar[Serializers] = {"GET": shapes.AlertQuery}
    is_paged = True

    def get(self, request: Request) -> Response:
        given, found = self.given, alerts_visible(self.actor)
        if "endpoint" in given:
            found = found.filter(monitor__endpoint=endpoint_get(self.actor, given["endpoint"]))
        if "state" in given:
            found = found.filter(state=given["state"])
        return self.page(found, given)


class AlertOne(AlertView):
    """One alert, with what was done for it."""

    actions: ClassVar[dict[str, str]] = {"GET": "monitoring.alert.read"}

    def get(self, request: Request, alert_id: UUID) -> Response:
        return self.answer(self.alert(alert_id))


class Acknowledgements(AlertView):
    """Says that somebody looks at it."""

    actions: ClassVar[dict[str, str]] = {"POST": "monitoring.alert.acknowledge"}
    inputs: ClassVar[Serializers] = {"POST": shapes.NoteInput}

    def post(self, request: Request, alert_id: UUID) -> Response:
        alert_acknowledge(actor=self.actor, alert=self.alert(alert_id), **self.given)
        return self.answer(self.alert(alert_id))


class Silences(AlertView):
    """Silences one alert until a date, for a reason."""

    actions: ClassVar[dict[str, str]] = {"POST": "monitoring.alert.silence"}
    inputs: ClassVar[Serializers] = {"POST": shapes.AlertSilenceInput}

    def post(self, request: Request, alert_id: UUID) -> Response:
        alert_silence(actor=self.actor, alert=self.alert(alert_id), **self.given)
        return self.answer(self.alert(alert_id))


class Resolutions(AlertView):
    """Says that it is over, and what showed it."""

    actions: ClassVar[dict[str, str]] = {"POST": "monitoring.alert.resolve"}
    inputs: ClassVar[Serializers] = {"POST": shapes.ResolveInput}

    def post(self, request: Request, alert_id: UUID) -> Response:
        alert_resolve(actor=self.actor, alert=self.alert(alert_id), **self.given)
        return self.answer(self.alert(alert_id))
