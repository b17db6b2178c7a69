"""Findings and re-certifications under /api/v1/."""

from typing import Any, ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from compliance.api.follow_up_serializers import (
    AssignInput,
    ClosureInput,
    CompletionInput,
    FindingInput,
    FindingOutput,
    FindingQuery,
    RecertificationOutput,
    RecertificationQuery,
    RescheduleInput,
)
from compliance.api.proving import proof_given
from compliance.selectors.findings import finding_get, finding_list, member_get
from compliance.selectors.recertifications import recertification_get, recertification_list
from compliance.services.findings import (
    Defect,
    finding_assign,
    finding_close,
    finding_report,
    finding_reschedule,
)
from compliance.services.recertifications import recertification_complete, recertify_purpose
from portal.accounts.selectors import workspace_get
from portal.api.base import ApiView, Serializers
from portal.api.paging import words_of
from portal.operations import read_logged


class FindingList(ApiView):
    """The findings that you see, newest first; and reporting one."""

    actions: ClassVar[dict[str, str]] = {"GET": "compliance.finding.list", "POST": "compliance.finding.open"}
    inputs: ClassVar[Serializers] = {"GET": FindingQuery, "POST": FindingInput}
    outputs: ClassVar[Serializers] = {"GET": FindingOutput, "POST": FindingOutput}
    is_paged = True

    def get(self, request: Request) -> Response:
        given = self.given
        names = ("severity", "subject_type", "subject_id")
        wanted: dict[str, Any] = {name: given[name] for name in names if name in given}
        if "workspace" in given:
            wanted["workspace"] = workspace_get(self.actor, given["workspace"])
        read_logged(actor=self.actor, action="compliance.finding.list", detail=words_of(given))
        return self.page(finding_list(self.actor, view=given.get("view", "")).filter(**wanted), given)

    def post(self, request: Request) -> Response:
        given = self.given
        workspace = workspace_get(self.actor, given.pop("workspace"))
        name = given.pop("owner", None)
        owner = member_get(self.actor, workspace, name) if name else None
        source = f"reported by {self.actor.name}"
        defect = Defect(workspace_id=workspace.pk, source=source, **given)
        return self.answer(finding_report(actor=self.actor, defect=defect, owner=owner), status=201)


class FindingOne(ApiView):
    """One finding."""

    actions: ClassVar[dict[str, str]] = {"GET": "compliance.finding.read"}
    outputs: ClassVar[Serializers] = {"GET": FindingOutput}

    def get(self, request: Request, finding: UUID) -> Response:
        found = finding_get(self.actor, finding)
        read_logged(actor=self.actor, action="compliance.finding.read", target=found)
        return self.answer(found)


class FindingAssignments(ApiView):
    """Make a member of the workspace its owner."""

    actions: ClassVar[dict[str, str]] = {"POST": "compliance.finding.assign"}
    inputs: ClassVar[Serializers] = {"POST": AssignInput}
    outputs: ClassVar[Serializers] = {"POST": FindingOutput}

    def post(self, request: Request, finding: UUID) -> Response:
        given, found = self.given, finding_get(self.actor, finding)
        owner = member_get(self.actor, found.workspace, given["owner"])
        done = finding_assign(actor=self.actor, finding=found, owner=owner, reason=given["reason"])
        return self.answer(done, status=201)


class FindingReschedules(ApiView):
    """Give it another due date, for a reason."""

    actions: ClassVar[dict[str, str]] = {"POST": "compliance.finding.reschedule"}
    inputs: ClassVar[Serializers] = {"POST": RescheduleInput}
    outputs: ClassVar[Serializers] = {"POST": FindingOutput}

    def post(self, request: Request, finding: UUID) -> Response:
        found = finding_get(self.actor, finding)
        return self.answer(finding_reschedule(actor=self.actor, finding=found, **self.given), status=201)


class FindingClosures(ApiView):
    """Close it with what shows that the defect is gone."""

    actions: ClassVar[dict[str, str]] = {"POST": "compliance.finding.close"}
    inputs: ClassVar[Serializers] = {"POST": ClosureInput}
    outputs: ClassVar[Serializers] = {"POST": FindingOutput}

    def post(self, request: Request, finding: UUID) -> Response:
        found = finding_get(self.actor, finding)
        return self.answer(finding_close(actor=self.actor, finding=found, **self.given), status=201)


class RecertificationList(ApiView):
    """The re-certifications that you see, newest first."""

    actions: ClassVar[dict[str, str]] = {"GET": "compliance.recertification.list"}
    inputs: ClassVar[Serializers] = {"GET": RecertificationQuery}
    outputs: ClassVar[Serializers] = {"GET": RecertificationOutput}
    is_paged = True

    def get(self, request: Request) -> Response:
        given = self.given
        wanted: dict[str, Any] = {"trigger": given["trigger"]} if "trigger" in given else {}
        if "workspace" in given:
            wanted["workspace"] = workspace_get(self.actor, given["workspace"])
        read_logged(actor=self.actor, action="compliance.recertification.list", detail=words_of(given))
        return self.page(recertification_list(self.actor, view=given.get("view", "")).filter(**wanted), given)


class RecertificationOne(ApiView):
    """One re-certification."""

    actions: ClassVar[dict[str, str]] = {"GET": "compliance.recertification.read"}
    outputs: ClassVar[Serializers] = {"GET": RecertificationOutput}

    def get(self, request: Request, recertification: UUID) -> Response:
        found = recertification_get(self.actor, recertification)
        read_logged(actor=self.actor, action="compliance.recertification.read", target=found)
        return self.answer(found)


class RecertificationCompletions(ApiView):
    """Renew the approval, or revoke it: then what was done under it moves back. Who does proves who they are."""

    actions: ClassVar[dict[str, str]] = {"POST": "compliance.recertification.complete"}
    inputs: ClassVar[Serializers] = {"POST": CompletionInput}
    outputs: ClassVar[Serializers] = {"POST": RecertificationOutput}

    def post(self, request: Request, recertification: UUID) -> Response:
        found, given = recertification_get(self.actor, recertification), self.given
        done = recertification_complete(
            actor=self.actor, recertification=found, outcome=given["outcome"], statement=given["statement"],
            proof=proof_given(request, self.actor, given, purpose=recertify_purpose(found)),
        )  # fmt: skip
        return self.answer(done, status=201)
