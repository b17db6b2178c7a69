"""Requests, decisions, approvals and evaluations under /api/v1/."""

from typing import Any, ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from compliance.api import gate_serializers as shapes
from compliance.api.proving import proof_given
from compliance.api.reasons import PossibleReasonInput
from compliance.models.approvals import PENDING_STATES
from compliance.selectors import governance
from compliance.selectors.replay import evaluation_replay
from compliance.selectors.waiting import requests_waiting
from compliance.services.break_glass import break_glass, break_glass_confirm, break_purpose, confirm_purpose
from compliance.services.decisions import approval_decide, purpose_of
from compliance.services.gate import gate_preview
from compliance.services.requests import (
    approval_request_open,
    approval_request_submit,
    approval_request_withdraw,
)
from compliance.services.revocations import approval_revoke
from portal.accounts.models import User
from portal.accounts.selectors import workspace_get
from portal.api.base import ApiView, Serializers
from portal.api.paging import PageQuery
from portal.operations import read_logged


class RequestList(ApiView):
    """Approval requests, newest first; and asking for one."""

    actions: ClassVar[dict[str, str]] = {
        "GET": "compliance.request.list", "POST": "compliance.request.create",
    }  # fmt: skip
    inputs: ClassVar[Serializers] = {"GET": shapes.RequestQuery, "POST": shapes.RequestInput}
    outputs: ClassVar[Serializers] = {"GET": shapes.RequestOutput, "POST": shapes.RequestDetailOutput}
    is_paged = True

    def get(self, request: Request) -> Response:
        given, rows = self.given, governance.requests_seen(self.actor)
        if "workspace" in given:
            rows = rows.filter(workspace=workspace_get(self.actor, given["workspace"]))
        if "state" in given:
            rows = rows.filter(state__in=PENDING_STATES if given["state"] == "pending" else [given["state"]])
        if "subject_id" in given:
            rows = rows.filter(subject_id=given["subject_id"])
        if given["waiting"]:
            rows = rows.filter(pk__in=[each.request_id for each in requests_waiting(self.actor)])
        return self.page(rows, given)

    def post(self, request: Request) -> Response:
        given = self.given
        workspace = workspace_get(self.actor, given.pop("workspace"))
        made = approval_request_open(actor=self.actor, workspace=workspace, **given)
        return self.answer(made, status=201)


class RequestOne(ApiView):
    """One request with the checks of its newest evaluation; its ETag is for If-Match."""

    actions: ClassVar[dict[str, str]] = {"GET": "compliance.request.read"}
    outputs: ClassVar[Serializers] = {"GET": shapes.RequestDetailOutput}

    def get(self, request: Request, request_id: UUID) -> Response:
        found = governance.one_of(governance.requests_seen(self.actor), request_id)
        read_logged(actor=self.actor, action="compliance.request.read", target=found)
        return self.answer(found)


class RequestSubmissions(ApiView):
    """Put a draft, or what was changed as asked, before the approvers."""

    actions: ClassVar[dict[str, str]] = {"POST": "compliance.request.submit"}
    inputs: ClassVar[Serializers] = {"POST": PossibleReasonInput}
    outputs: ClassVar[Serializers] = {"POST": shapes.RequestDetailOutput}

    def post(self, request: Request, request_id: UUID) -> Response:
        found = governance.one_of(governance.requests_seen(self.actor), request_id)
        done = approval_request_submit(
            actor=self.actor, request=found, expected_version=self.expected_version, **self.given
        )
        return self.answer(done, status=201)


class RequestWithdrawals(ApiView):
    """Take a pending request back."""

    actions: ClassVar[dict[str, str]] = {"POST": "compliance.request.withdraw"}
    inputs: ClassVar[Serializers] = {"POST": PossibleReasonInput}
    outputs: ClassVar[Serializers] = {"POST": shapes.RequestDetailOutput}

    def post(self, request: Request, request_id: UUID) -> Response:
        found = governance.one_of(governance.requests_seen(self.actor), request_id)
        done = approval_request_withdraw(
            actor=self.actor, request=found, expected_version=self.expected_version, **self.given
        )
        return self.answer(done, status=201)


class DecisionList(ApiView):
    """Decisions about a request; and deciding, for which a person proves again who they are."""

    actions: ClassVar[dict[str, str]] = {
        "GET": "compliance.decision.list", "POST": "compliance.decision.make",
    }  # fmt: skip
    inputs: ClassVar[Serializers] = {"GET": PageQuery, "POST": shapes.DecisionInput}
    outputs: ClassVar[Serializers] = {"GET": shapes.DecisionOutput, "POST": shapes.DecisionOutput}
    is_paged = True

    def get(self, request: Request, request_id: UUID) -> Response:
        found = governance.one_of(governance.requests_seen(self.actor), request_id)
        return self.page(governance.decisions_seen(self.actor, found), self.given)

    def post(self, request: Request, request_id: UUID) -> Response:
        found, given = governance.one_of(governance.requests_seen(self.actor), request_id), self.given
        made = approval_decide(
            actor=self.actor, request=found, verdict=given["verdict"], reason=given["reason"],
            on_behalf_of=_principal(found.workspace_id, given), seen_digest=given["evidence_digest"],
            proof=proof_given(request, self.actor, given, purpose=purpose_of(found)),
        )  # fmt: skip
        return self.answer(made, status=201)


class ApprovalList(ApiView):
    """Approvals, newest first."""

    actions: ClassVar[dict[str, str]] = {"GET": "compliance.approval.list"}
    inputs: ClassVar[Serializers] = {"GET": shapes.ApprovalQuery}
    outputs: ClassVar[Serializers] = {"GET": shapes.ApprovalOutput}
    is_paged = True

    def get(self, request: Request) -> Response:
        given, rows = self.given, governance.approvals_seen(self.actor)
        if "workspace" in given:
            rows = rows.filter(workspace=workspace_get(self.actor, given["workspace"]))
        names = [name for name in ("state", "subject_id") if name in given]
        return self.page(rows.filter(**{name: given[name] for name in names}), given)


class ApprovalOne(ApiView):
    """One approval."""

    actions: ClassVar[dict[str, str]] = {"GET": "compliance.approval.read"}
    outputs: ClassVar[Serializers] = {"GET": shapes.ApprovalOutput}

    def get(self, request: Request, approval_id: UUID) -> Response:
        return self.answer(governance.one_of(governance.approvals_seen(self.actor), approval_id))


class ApprovalRevocations(ApiView):
    """End an approval; what was done under it is undone in the same commit."""

    actions: ClassVar[dict[str, str]] = {"POST": "compliance.approval.revoke"}
    inputs: ClassVar[Serializers] = {"POST": shapes.ReasonNeeded}
    outputs: ClassVar[Serializers] = {"POST": shapes.ApprovalOutput}

    def post(self, request: Request, approval_id: UUID) -> Response:
        found = governance.one_of(governance.approvals_seen(self.actor), approval_id)
        return self.answer(approval_revoke(actor=self.actor, approval=found, **self.given), status=201)


class ApprovalConfirmations(ApiView):
    """The second approval after break-glass; a rejection revokes and moves back at once."""

    actions: ClassVar[dict[str, str]] = {"POST": "compliance.approval.confirm"}
    inputs: ClassVar[Serializers] = {"POST": shapes.ConfirmInput}
    outputs: ClassVar[Serializers] = {"POST": shapes.ApprovalOutput}

    def post(self, request: Request, approval_id: UUID) -> Response:
        found, given = governance.one_of(governance.approvals_seen(self.actor), approval_id), self.given
        done = break_glass_confirm(
            actor=self.actor, approval=found, verdict=given["verdict"], reason=given["reason"],
            on_behalf_of=_principal(found.workspace_id, given),
            proof=proof_given(request, self.actor, given, purpose=confirm_purpose(found)),
        )  # fmt: skip
        return self.answer(done, status=201)


class BreakGlass(ApiView):
    """Do a gated act alone, for some hours, with a reason; auditors are told at once."""

    actions: ClassVar[dict[str, str]] = {"POST": "compliance.request.break_glass"}
    inputs: ClassVar[Serializers] = {"POST": shapes.BreakGlassInput}
    outputs: ClassVar[Serializers] = {"POST": shapes.RequestDetailOutput}

    def post(self, request: Request) -> Response:
        given = self.given
        workspace = workspace_get(self.actor, given["workspace"])
        made = break_glass(
            actor=self.actor, workspace=workspace, act=given["act"], subject_id=given["subject_id"],
            params=given["params"], reason=given["reason"],
            proof=proof_given(request, self.actor, given, purpose=break_purpose(given["subject_id"])),
        )  # fmt: skip
        return self.answer(made, status=201)


class EvaluationList(ApiView):
    """Evaluations of policies with the facts that they saw, newest first."""

    actions: ClassVar[dict[str, str]] = {"GET": "compliance.evaluation.list"}
    inputs: ClassVar[Serializers] = {"GET": shapes.EvaluationQuery}
    outputs: ClassVar[Serializers] = {"GET": shapes.EvaluationOutput}
    is_paged = True

    def get(self, request: Request) -> Response:
        given, rows = self.given, governance.evaluations_seen(self.actor)
        if "workspace" in given:
            rows = rows.filter(workspace=workspace_get(self.actor, given["workspace"]))
        if "subject_id" in given:
            rows = rows.filter(subject_id=given["subject_id"])
        return self.page(rows, given)


class EvaluationOne(ApiView):
    """One evaluation."""

    actions: ClassVar[dict[str, str]] = {"GET": "compliance.evaluation.read"}
    outputs: ClassVar[Serializers] = {"GET": shapes.EvaluationOutput}

    def get(self, request: Request, evaluation_id: UUID) -> Response:
        return self.answer(governance.one_of(governance.evaluations_seen(self.actor), evaluation_id))


class EvaluationReplay(ApiView):
    """Evaluate the stored facts by the stored versions again, and say whether the answer is the same."""

    actions: ClassVar[dict[str, str]] = {"GET": "compliance.evaluation.replay"}
    outputs: ClassVar[Serializers] = {"GET": shapes.ReplayOutput}

    def get(self, request: Request, evaluation_id: UUID) -> Response:
        found = governance.one_of(governance.evaluations_seen(self.actor), evaluation_id)
        return self.answer(evaluation_replay(found))


class Previews(ApiView):
    """What the gate would say about an act now; nothing is stored."""

    actions: ClassVar[dict[str, str]] = {"POST": "compliance.evaluation.preview"}
    inputs: ClassVar[Serializers] = {"POST": shapes.ActInput}
    outputs: ClassVar[Serializers] = {"POST": shapes.PreviewOutput}

    def post(self, request: Request) -> Response:
        given = self.given
        workspace_get(self.actor, given.pop("workspace"))
        return self.answer(gate_preview(actor=self.actor, **given))


def _principal(workspace_id: int, given: dict[str, Any]) -> User | None:
    name = given.get("on_behalf_of")
    return governance.member_named(workspace_id, name) if name else None
