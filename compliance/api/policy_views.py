"""Policies, delegations and waivers under /api/v1/."""

from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from compliance.api import gate_serializers as shapes
from compliance.api.proving import proof_given
from compliance.api.reasons import PossibleReasonInput
from compliance.policies.form import SCHEMA
from compliance.selectors import governance
from compliance.services.delegations import delegation_create, delegation_revoke
from compliance.services.policies import (
    policy_propose,
    policy_publish,
    policy_reject,
    policy_retire,
    publish_purpose,
)
from compliance.services.waivers import waiver_decide, waiver_end, waiver_purpose, waiver_request
from portal.accounts.selectors import workspace_get
from portal.api.base import ApiView, Serializers
from portal.api.paging import PageQuery


class PolicySchema(ApiView):
    """The form of a policy, as JSON schema."""

    actions: ClassVar[dict[str, str]] = {"GET": "compliance.policy.describe"}
    outputs: ClassVar[Serializers] = {"GET": shapes.SchemaOutput}

    def get(self, request: Request) -> Response:
        return self.answer({"json_schema": SCHEMA})


class PolicyList(ApiView):
    """Policies, newest first; and proposing one, or a new version of one, as YAML."""

    actions: ClassVar[dict[str, str]] = {"GET": "compliance.policy.list", "POST": "compliance.policy.propose"}
    inputs: ClassVar[Serializers] = {"GET": shapes.WorkspaceQuery, "POST": shapes.PolicyInput}
    outputs: ClassVar[Serializers] = {"GET": shapes.PolicyOutput, "POST": shapes.PolicyVersionOutput}
    is_paged = True

    def get(self, request: Request) -> Response:
        given, rows = self.given, governance.policies_visible(self.actor)
        if "workspace" in given:
            rows = rows.filter(workspace=workspace_get(self.actor, given["workspace"]))
        return self.page(rows, given)

    def post(self, request: Request) -> Response:
        given = self.given
        name = given.pop("workspace", None)
        workspace = workspace_get(self.actor, name) if name else None
        return self.answer(policy_propose(actor=self.actor, workspace=workspace, **given), status=201)


class PolicyOne(ApiView):
    """One policy."""

    actions: ClassVar[dict[str, str]] = {"GET": "compliance.policy.read"}
    outputs: ClassVar[Serializers] = {"GET": shapes.PolicyOutput}

    def get(self, request: Request, policy_id: UUID) -> Response:
        return self.answer(governance.one_of(governance.policies_visible(self.actor), policy_id))


class PolicyRetirements(ApiView):
    """Propose that a policy ends; a second person publishes that."""

    actions: ClassVar[dict[str, str]] = {"POST": "compliance.policy.retire"}
    inputs: ClassVar[Serializers] = {"POST": shapes.ReasonNeeded}
    outputs: ClassVar[Serializers] = {"POST": shapes.PolicyVersionOutput}

    def post(self, request: Request, policy_id: UUID) -> Response:
        found = governance.one_of(governance.policies_visible(self.actor), policy_id)
        return self.answer(policy_retire(actor=self.actor, policy=found, **self.given), status=201)


class PolicyVersionList(ApiView):
    """The versions of a policy, newest first."""

    actions: ClassVar[dict[str, str]] = {"GET": "compliance.policy_version.list"}
    inputs: ClassVar[Serializers] = {"GET": PageQuery}
    outputs: ClassVar[Serializers] = {"GET": shapes.PolicyVersionOutput}
    is_paged = True

    def get(self, request: Request, policy_id: UUID) -> Response:
        found = governance.one_of(governance.policies_visible(self.actor), policy_id)
        return self.page(governance.policy_versions_visible(self.actor).filter(policy=found), self.given)


class PolicyVersionOne(ApiView):
    """One version with its text."""

    actions: ClassVar[dict[str, str]] = {"GET": "compliance.policy_version.read"}
    outputs: ClassVar[Serializers] = {"GET": shapes.PolicyVersionOutput}

    def get(self, request: Request, version_id: UUID) -> Response:
        return self.answer(governance.one_of(governance.policy_versions_visible(self.actor), version_id))


class PolicyPublications(ApiView):
    """Put a proposed version in force, as a second person who proves again who they are."""

    actions: ClassVar[dict[str, str]] = {"POST": "compliance.policy.publish"}
    inputs: ClassVar[Serializers] = {"POST": shapes.PublicationInput}
    outputs: ClassVar[Serializers] = {"POST": shapes.PolicyVersionOutput}

    def post(self, request: Request, version_id: UUID) -> Response:
        found, given = (
            governance.one_of(governance.policy_versions_visible(self.actor), version_id),
            self.given,
        )
        proof = proof_given(request, self.actor, given, purpose=publish_purpose(found))
        done = policy_publish(actor=self.actor, version=found, proof=proof, reason=given["reason"])
        return self.answer(done, status=201)


class PolicyRejections(ApiView):
    """Turn a proposed version down, as a second person."""

    actions: ClassVar[dict[str, str]] = {"POST": "compliance.policy.reject"}
    inputs: ClassVar[Serializers] = {"POST": shapes.ReasonNeeded}
    outputs: ClassVar[Serializers] = {"POST": shapes.PolicyVersionOutput}

    def post(self, request: Request, version_id: UUID) -> Response:
        found = governance.one_of(governance.policy_versions_visible(self.actor), version_id)
        return self.answer(policy_reject(actor=self.actor, version=found, **self.given), status=201)


class DelegationList(ApiView):
    """Who may decide for whom, newest first; and delegating one's own role for a time."""

    actions: ClassVar[dict[str, str]] = {
        "GET": "compliance.delegation.list", "POST": "compliance.delegation.create",
    }  # fmt: skip
    inputs: ClassVar[Serializers] = {"GET": shapes.WorkspaceQuery, "POST": shapes.DelegationInput}
    outputs: ClassVar[Serializers] = {"GET": shapes.DelegationOutput, "POST": shapes.DelegationOutput}
    is_paged = True

    def get(self, request: Request) -> Response:
        given, rows = self.given, governance.delegations_seen(self.actor)
        if "workspace" in given:
            rows = rows.filter(workspace=workspace_get(self.actor, given["workspace"]))
        return self.page(rows, given)

    def post(self, request: Request) -> Response:
        given = self.given
        workspace = workspace_get(self.actor, given.pop("workspace"))
        to_user = governance.member_named(workspace.pk, given.pop("to_user"))
        made = delegation_create(actor=self.actor, workspace=workspace, to_user=to_user, **given)
        return self.answer(made, status=201)


class DelegationRevocations(ApiView):
    """End a delegation at once."""

    actions: ClassVar[dict[str, str]] = {"POST": "compliance.delegation.revoke"}
    inputs: ClassVar[Serializers] = {"POST": PossibleReasonInput}
    outputs: ClassVar[Serializers] = {"POST": shapes.DelegationOutput}

    def post(self, request: Request, delegation_id: UUID) -> Response:
        found = governance.one_of(governance.delegations_seen(self.actor), delegation_id)
        return self.answer(delegation_revoke(actor=self.actor, delegation=found, **self.given), status=201)


class WaiverList(ApiView):
    """Waivers, newest first; and asking for one."""

    actions: ClassVar[dict[str, str]] = {"GET": "compliance.waiver.list", "POST": "compliance.waiver.request"}
    inputs: ClassVar[Serializers] = {"GET": shapes.WorkspaceQuery, "POST": shapes.WaiverInput}
    outputs: ClassVar[Serializers] = {"GET": shapes.WaiverOutput, "POST": shapes.WaiverOutput}
    is_paged = True

    def get(self, request: Request) -> Response:
        given, rows = self.given, governance.waivers_seen(self.actor)
        if "workspace" in given:
            rows = rows.filter(workspace=workspace_get(self.actor, given["workspace"]))
        return self.page(rows, given)

    def post(self, request: Request) -> Response:
        given = self.given
        workspace = workspace_get(self.actor, given.pop("workspace"))
        made = waiver_request(actor=self.actor, workspace=workspace, policy_name=given.pop("policy"), **given)
        return self.answer(made, status=201)


class WaiverDecisions(ApiView):
    """Grant or refuse a waiver, as a second person who proves again who they are."""

    actions: ClassVar[dict[str, str]] = {"POST": "compliance.waiver.decide"}
    inputs: ClassVar[Serializers] = {"POST": shapes.WaiverDecisionInput}
    outputs: ClassVar[Serializers] = {"POST": shapes.WaiverOutput}

    def post(self, request: Request, waiver_id: UUID) -> Response:
        found, given = governance.one_of(governance.waivers_seen(self.actor), waiver_id), self.given
        done = waiver_decide(
            actor=self.actor, waiver=found, grants=given["grants"], reason=given["reason"],
            proof=proof_given(request, self.actor, given, purpose=waiver_purpose(found)),
        )  # fmt: skip
        return self.answer(done, status=201)


class WaiverEndings(ApiView):
    """End a waiver before its time."""

    actions: ClassVar[dict[str, str]] = {"POST": "compliance.waiver.end"}
    inputs: ClassVar[Serializers] = {"POST": shapes.ReasonNeeded}
    outputs: ClassVar[Serializers] = {"POST": shapes.WaiverOutput}

    def post(self, request: Request, waiver_id: UUID) -> Response:
        found = governance.one_of(governance.waivers_seen(self.actor), waiver_id)
        return self.answer(waiver_end(actor=self.actor, waiver=found, **self.given), status=201)
