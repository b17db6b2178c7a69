"""Reports under /api/v1/reports: lists, versions, writing, restoring."""

from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from experiments.api import report_serializers as shapes
from experiments.models.experiment import ACTIVE, DELETED
from experiments.selectors import reports as reads
from experiments.services.reports import report_create, report_delete, report_restore, report_write
from portal.accounts.selectors import workspace_get
from portal.api.base import ApiView, Serializers
from portal.api.paging import PageQuery

READ, WRITE = "experiments.report.read", "experiments.report.write"


class ReportList(ApiView):
    """The reports that you see, newest first; and beginning one."""

    actions: ClassVar[dict[str, str]] = {
        "GET": "experiments.report.list",
        "POST": "experiments.report.create",
    }
    inputs: ClassVar[Serializers] = {"GET": shapes.RunsReportQuery, "POST": shapes.RunsReportInput}
    outputs: ClassVar[Serializers] = {"GET": shapes.RunsReportOutput, "POST": shapes.RunsReportOutput}
    is_paged = True

    def get(self, request: Request) -> Response:
        given = self.given
        stage = DELETED if given["is_deleted"] else ACTIVE
        found = reads.reports_visible(self.actor).filter(lifecycle_stage=stage)
        if "workspace" in given:
            found = found.filter(workspace=workspace_get(self.actor, given["workspace"]))
        return self.page(found, given)

    def post(self, request: Request) -> Response:
        given = self.given
        place = workspace_get(self.actor, given.pop("workspace"))
        return self.answer(report_create(actor=self.actor, workspace=place, **given), status=201)


class ReportOne(ApiView):
    """One report without its text, which its versions hold; and deleting it, which keeps them."""

    actions: ClassVar[dict[str, str]] = {"GET": READ, "DELETE": "experiments.report.delete"}
    outputs: ClassVar[Serializers] = {"GET": shapes.RunsReportOutput}

    def get(self, request: Request, report_id: UUID) -> Response:
        return self.answer(reads.report_get(self.actor, report_id))

    def delete(self, request: Request, report_id: UUID) -> Response:
        report_delete(actor=self.actor, report=reads.report_get(self.actor, report_id))
        return Response(status=204)


class ReportVersions(ApiView):
    """The versions of a report with their texts, newest first; and writing the next one."""

    actions: ClassVar[dict[str, str]] = {"GET": READ, "POST": WRITE}
    operation_ids: ClassVar[dict[str, str]] = {"GET": "experiments.report_version.list"}
    inputs: ClassVar[Serializers] = {"GET": PageQuery, "POST": shapes.ReportWriteInput}
    outputs: ClassVar[Serializers] = {
        "GET": shapes.RunsReportVersionOutput,
        "POST": shapes.RunsReportVersionOutput,
    }
    is_paged = True

    def get(self, request: Request, report_id: UUID) -> Response:
        return self.page(reads.report_versions(reads.report_get(self.actor, report_id)), self.given)

    def post(self, request: Request, report_id: UUID) -> Response:
        found, given = reads.report_get(self.actor, report_id), self.given
        written = report_write(actor=self.actor, report=found, **given)
        return self.answer(reads.report_version(written), status=201)


class ReportVersionOne(ApiView):
    """One version of a report."""

    actions: ClassVar[dict[str, str]] = {"GET": READ}
    operation_ids: ClassVar[dict[str, str]] = {"GET": "experiments.report_version.read"}
    outputs: ClassVar[Serializers] = {"GET": shapes.RunsReportVersionOutput}

    def get(self, request: Request, report_id: UUID, number: int) -> Response:
        return self.answer(reads.report_version(reads.report_get(self.actor, report_id), number))


class ReportRestorations(ApiView):
    """Bring back what an older version said, as the next version."""

    actions: ClassVar[dict[str, str]] = {"POST": "experiments.report.restore"}
    inputs: ClassVar[Serializers] = {"POST": shapes.ReportRestoreInput}
    outputs: ClassVar[Serializers] = {"POST": shapes.RunsReportVersionOutput}

    def post(self, request: Request, report_id: UUID) -> Response:
        found = reads.report_get(self.actor, report_id)
        restored = report_restore(actor=self.actor, report=found, **self.given)
        return self.answer(reads.report_version(restored), status=201)
