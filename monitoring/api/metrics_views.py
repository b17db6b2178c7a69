"""Figures for Prometheus, for who runs the portal."""

from typing import ClassVar

from django.http import HttpResponse
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from monitoring.metrics import exposition
from portal.api.base import ApiView, Serializers
from portal.operations import permit


class TextRenderer(BaseRenderer):
    """Whatever Prometheus asks for; the view answers with text itself."""

    media_type, format = "*/*", "txt"

    def render(self, data: object, *given: object, **named: object) -> bytes:
        return str(data).encode()


class Metrics(ApiView):
    """Jobs, queues, monitors, alerts and endpoints in the text format of Prometheus. Operators read it, by a token."""

    actions: ClassVar[dict[str, str]] = {"GET": "monitoring.metrics.read"}
    inputs: ClassVar[Serializers] = {}
    outputs: ClassVar[Serializers] = {}
    media_types: ClassVar[dict[str, str]] = {"GET": "text/plain"}
    renderer_classes = (JSONRenderer, TextRenderer)

    def get(self, request: Request) -> HttpResponse:
        permit(actor=self.actor, action="monitoring.metrics.read")
        kind, text = exposition()
        return HttpResponse(text, content_type=kind)
