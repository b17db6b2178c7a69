"""Monitors, their measurements, and feedback under /api/v1/."""

from typing import Any, ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from compliance.selectors.governance import member_named
from deployments.selectors.endpoints import endpoint_get
from monitoring.api import serializers as shapes
from monitoring.models import Monitor
from monitoring.selectors.monitors import monitor_get, monitors_visible, run_get, runs_of
from monitoring.services.feedback import feedback_write
from monitoring.services.monitors import (
    monitor_create,
    monitor_delete,
    monitor_measure,
    monitor_silence,
    monitor_update,
    monitors_default,
)
from portal.api.base import ApiView, Serializers
from portal.api.paging import PageQuery


class MonitorView(ApiView):
    """A resource below a monitor."""

    def monitor(self, monitor_id: UUID) -> Monitor:
        return monitor_get(self.actor, monitor_id)


def with_owner(workspace_id: int, given: dict[str, Any]) -> dict[str, Any]:
    """The user in the place of a name."""
    if "owner" in given:
        given["owner"] = member_named(workspace_id, given["owner"])
    return given


class MonitorList(MonitorView):
    """Monitors, newest first. What a kind takes as settings is in the handbook; what is not said is as usual."""

    actions: ClassVar[dict[str, str]] = {
        "GET": "monitoring.monitor.list",
        "POST": "monitoring.monitor.create",
    }
    inputs: ClassVar[Serializers] = {"GET": shapes.MonitorQuery, "POST": shapes.MonitorInput}
    outputs: ClassVar[Serializers] = {"GET": shapes.MonitorOutput, "POST": shapes.MonitorOutput}
    is_paged = True

    def get(self, request: Request) -> Response:
        given, found = self.given, monitors_visible(self.actor)
        if "endpoint" in given:
            found = found.filter(endpoint=endpoint_get(self.actor, given["endpoint"]))
        return self.page(found, given)

    def post(self, request: Request) -> Response:
        given = self.given
        endpoint = endpoint_get(self.actor, given.pop("endpoint"))
        made = monitor_create(actor=self.actor, endpoint=endpoint, **with_owner(endpoint.workspace_id, given))
        return self.answer(self.monitor(made.pk), status=201)


class MonitorOne(MonitorView):
    """One monitor."""

    actions: ClassVar[dict[str, str]] = {
        "GET": "monitoring.monitor.read", "PATCH": "monitoring.monitor.update", "DELETE": "monitoring.monitor.delete",
    }  # fmt: skip
    inputs: ClassVar[Serializers] = {"PATCH": shapes.MonitorChange}
    outputs: ClassVar[Serializers] = {"GET": shapes.MonitorOutput, "PATCH": shapes.MonitorOutput}

    def get(self, request: Request, monitor_id: UUID) -> Response:
        return self.answer(self.monitor(monitor_id))

    def patch(self, request: Request, monitor_id: UUID) -> Response:
        given, found = self.given, self.monitor(monitor_id)
        monitor_update(actor=self.actor, monitor=found, **with_owner(found.workspace_id, given))
        return self.answer(self.monitor(monitor_id))

    def delete(self, request: Request, monitor_id: UUID) -> Response:
        monitor_delete(actor=self.actor, monitor=self.monitor(monitor_id))
        return Response(status=204)


class MonitorSilences(MonitorView):
    """Measures on, but tells nobody and does nothing until a date."""

    actions: ClassVar[dict[str, str]] = {"POST": "monitoring.monitor.silence"}
    inputs: ClassVar[Serializers] = {"POST": shapes.SilenceInput}
    outputs: ClassVar[Serializers] = {"POST": shapes.MonitorOutput}

    def post(self, request: Request, monitor_id: UUID) -> Response:
        monitor_silence(actor=self.actor, monitor=self.monitor(monitor_id), **self.given)
        return self.answer(self.monitor(monitor_id))


class MeasurementList(MonitorView):
    """Has it measured now; the answer names the job."""

    actions: ClassVar[dict[str, str]] = {"POST": "monitoring.monitor.measure"}
    inputs: ClassVar[Serializers] = {"POST": shapes.NoInput}
    outputs: ClassVar[Serializers] = {"POST": shapes.MeasureOutput}

    def post(self, request: Request, monitor_id: UUID) -> Response:
        return self.answer(monitor_measure(actor=self.actor, monitor=self.monitor(monitor_id)), status=202)


class RunList(MonitorView):
    """Measurements, newest first."""

    actions: ClassVar[dict[str, str]] = {"GET": "monitoring.run.list"}
    inputs: ClassVar[Serializers] = {"GET": PageQuery}
    outputs: ClassVar[Serializers] = {"GET": shapes.RunOutput}
    is_paged = True

    def get(self, request: Request, monitor_id: UUID) -> Response:
        return self.page(runs_of(self.monitor(monitor_id)).defer("body"), self.given)


class RunOne(MonitorView):
    """One measurement with all that its report is drawn from."""

    actions: ClassVar[dict[str, str]] = {"GET": "monitoring.run.read"}
    outputs: ClassVar[Serializers] = {"GET": shapes.ReportOutput}

    def get(self, request: Request, monitor_id: UUID, run_id: UUID) -> Response:
        return self.answer(run_get(self.monitor(monitor_id), run_id))


class DefaultMonitors(ApiView):
    """Watches drift, errors, latency and volume of an endpoint as is usual; what is there stays."""

    actions: ClassVar[dict[str, str]] = {"POST": "monitoring.monitor.create"}
    operation_ids: ClassVar[dict[str, str]] = {"POST": "monitoring.default_monitors.create"}
    inputs: ClassVar[Serializers] = {"POST": shapes.NoInput}
    outputs: ClassVar[Serializers] = {"POST": shapes.MonitorListOutput}

    def post(self, request: Request, name: str) -> Response:
        made = monitors_default(actor=self.actor, endpoint=endpoint_get(self.actor, name))
        return self.answer({"items": made}, status=201)


class FeedbackList(ApiView):
    """Keeps what became known of predictions, by request id and row, up to 10,000 at once; what comes later counts."""

    actions: ClassVar[dict[str, str]] = {"POST": "monitoring.feedback.write"}
    inputs: ClassVar[Serializers] = {"POST": shapes.FeedbackInput}
    outputs: ClassVar[Serializers] = {"POST": shapes.FeedbackOutput}

    def post(self, request: Request, name: str) -> Response:
        endpoint = endpoint_get(self.actor, name)
        count = feedback_write(actor=self.actor, endpoint=endpoint, given=self.given["items"])
        return self.answer({"written": count})
