"""The JSON of policies, requests, decisions, approvals, waivers, delegations and evaluations."""

from typing import Any

from rest_framework import serializers

from compliance.models.approvals import APPROVAL_STATES, APPROVE, REJECT, REQUEST_STATES, VERDICTS
from compliance.models.policies import POLICY_STATES
from compliance.policies.form import DECIDING_ROLES
from compliance.policies.yaml_form import LARGEST_BYTES
from portal.api.paging import PageQuery

Object = serializers.DictField(child=serializers.JSONField(allow_null=True))


def _reason() -> serializers.CharField:
    return serializers.CharField(max_length=2000, allow_blank=True, default="")


class ReasonNeeded(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=2000)


class ProofInput(serializers.Serializer[Any]):
    """Who decides proves again who they are: by `code` where they have a second factor, else by `password`."""

    password = serializers.CharField(
        max_length=1000, required=False, write_only=True, trim_whitespace=False, allow_blank=True
    )
    code = serializers.CharField(max_length=20, required=False, write_only=True, allow_blank=True)


class WorkspaceQuery(PageQuery):
    workspace = serializers.CharField(max_length=63, required=False)


class PolicyInput(serializers.Serializer[Any]):
    workspace = serializers.CharField(
        max_length=63,
        required=False,
        allow_null=True,
        help_text="left out: a portal-wide policy, for operators",
    )
    source = serializers.CharField(  # type: ignore[assignment]  # a field, not the attribute
        max_length=LARGEST_BYTES + 1, trim_whitespace=False, help_text="YAML"
    )
    reason = serializers.CharField(max_length=1000, allow_blank=True, default="")


class PolicyVersionOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    policy_id = serializers.UUIDField()
    policy = serializers.CharField(source="policy.name")
    workspace = serializers.CharField(source="workspace.name", allow_null=True, default=None)
    number = serializers.IntegerField()
    source = serializers.CharField()  # type: ignore[assignment]  # as above
    document = Object
    digest = serializers.CharField()
    state = serializers.ChoiceField(choices=POLICY_STATES)
    reason = serializers.CharField(allow_blank=True)
    proposed_by = serializers.CharField(source="proposed_by.username", allow_null=True, default=None)
    proposed_at = serializers.DateTimeField()
    decided_by = serializers.CharField(source="decided_by.username", allow_null=True, default=None)
    decided_at = serializers.DateTimeField(allow_null=True)


class PolicyOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    workspace = serializers.CharField(source="workspace.name", allow_null=True, default=None)
    current_number = serializers.IntegerField(source="current.number", allow_null=True, default=None)
    current_digest = serializers.CharField(source="current.digest", allow_null=True, default=None)
    created_at = serializers.DateTimeField()


class ActInput(serializers.Serializer[Any]):
    """An act of the catalogue on a subject: which alias or stage is moved is among its `params`."""

    workspace = serializers.CharField(max_length=63)
    act = serializers.CharField(max_length=80, help_text="such as registry.alias.move")
    subject_id = serializers.CharField(max_length=80)
    params = serializers.DictField(child=serializers.JSONField(allow_null=True), default=dict)


class RequestInput(ActInput):
    reason = _reason()
    apply_on_approval = serializers.BooleanField(default=True)


class BreakGlassInput(ActInput, ProofInput):
    reason = serializers.CharField(max_length=2000)


class RequestQuery(WorkspaceQuery):
    state = serializers.ChoiceField(choices=["pending", *REQUEST_STATES], required=False)
    waiting = serializers.BooleanField(default=False, help_text="only what waits for you")
    subject_id = serializers.CharField(max_length=80, required=False)


class CheckOutput(serializers.Serializer[Any]):
    policy = serializers.CharField()
    policy_digest = serializers.CharField()
    rule = serializers.CharField()
    title = serializers.CharField()
    outcome = serializers.ChoiceField(choices=["pass", "fail", "error", "waived"])
    message = serializers.CharField(allow_blank=True)
    severity = serializers.CharField()
    waivable = serializers.BooleanField()
    waiver = serializers.CharField(allow_null=True)


class NeededOutput(serializers.Serializer[Any]):
    role = serializers.CharField()
    quorum = serializers.IntegerField()


class RequestOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    workspace = serializers.CharField(source="workspace.name")
    act = serializers.CharField()
    subject_type = serializers.CharField()
    subject_id = serializers.CharField()
    subject_label = serializers.CharField()
    subject_digest = serializers.CharField(allow_blank=True)
    target_label = serializers.CharField()
    params = Object
    evidence_digest = serializers.CharField()
    evaluation_id = serializers.UUIDField()
    approvals_needed = NeededOutput(many=True)
    excluded = serializers.ListField(
        child=serializers.IntegerField(), help_text="ids of users who may not decide"
    )
    risk_tier = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=REQUEST_STATES)
    round = serializers.IntegerField()
    apply_on_approval = serializers.BooleanField()
    is_break_glass = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True)
    requested_by = serializers.CharField(source="requested_by.username")
    created_at = serializers.DateTimeField()
    opened_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    close_reason = serializers.CharField(allow_blank=True)


class RequestDetailOutput(RequestOutput):
    checks = CheckOutput(many=True, source="evaluation.checks")


class DecisionInput(ProofInput):
    verdict = serializers.ChoiceField(choices=VERDICTS)
    evidence_digest = serializers.CharField(
        max_length=64,
        help_text="that of the request that you decided on; another one now is refused with 409",
    )
    reason = _reason()
    on_behalf_of = serializers.CharField(
        max_length=150, required=False, help_text="username of who delegated to you"
    )


class DecisionOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    request_id = serializers.UUIDField()
    round = serializers.IntegerField()
    person = serializers.CharField(source="person.username")
    on_behalf_of = serializers.CharField(source="on_behalf_of.username", allow_null=True, default=None)
    role = serializers.CharField()
    verdict = serializers.ChoiceField(choices=VERDICTS)
    reason = serializers.CharField(allow_blank=True)
    subject_digest = serializers.CharField(allow_blank=True)
    evidence_digest = serializers.CharField()
    reauthenticated_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField()


class ApprovalQuery(WorkspaceQuery):
    state = serializers.ChoiceField(choices=APPROVAL_STATES, required=False)
    subject_id = serializers.CharField(max_length=80, required=False)


class ApprovalOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    workspace = serializers.CharField(source="workspace.name")
    request_id = serializers.UUIDField()
    act = serializers.CharField()
    target_label = serializers.CharField(source="request.target_label")
    subject_type = serializers.CharField()
    subject_id = serializers.CharField()
    subject_label = serializers.CharField(source="request.subject_label")
    subject_digest = serializers.CharField(allow_blank=True)
    evidence_digest = serializers.CharField()
    state = serializers.ChoiceField(choices=APPROVAL_STATES)
    effective_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    used_at = serializers.DateTimeField(allow_null=True)
    is_break_glass = serializers.BooleanField(source="request.is_break_glass")
    confirm_by = serializers.DateTimeField(allow_null=True)
    confirmed_by = serializers.CharField(source="confirmed_by.username", allow_null=True, default=None)
    confirmed_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    end_reason = serializers.CharField(allow_blank=True)


class ConfirmInput(ProofInput):
    verdict = serializers.ChoiceField(choices=[APPROVE, REJECT])
    reason = _reason()
    on_behalf_of = serializers.CharField(max_length=150, required=False)


class DelegationInput(serializers.Serializer[Any]):
    workspace = serializers.CharField(max_length=63)
    to_user = serializers.CharField(max_length=150, help_text="username of a member of the workspace")
    role = serializers.ChoiceField(choices=DECIDING_ROLES, default="approver")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    reason = serializers.CharField(max_length=1000, allow_blank=True, default="")


class DelegationOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    workspace = serializers.CharField(source="workspace.name")
    from_user = serializers.CharField(source="from_user.username")
    to_user = serializers.CharField(source="to_user.username")
    role = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    revoked_at = serializers.DateTimeField(allow_null=True)


class WaiverInput(ActInput):
    policy = serializers.CharField(max_length=100)
    rule = serializers.CharField(max_length=100)
    reason = serializers.CharField(max_length=2000)
    compensating_control = _reason()
    expires_at = serializers.DateTimeField()


class PublicationInput(ProofInput):
    reason = serializers.CharField(max_length=2000, allow_blank=True, default="")


class WaiverDecisionInput(ProofInput):
    grants = serializers.BooleanField()
    reason = _reason()


class WaiverOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    workspace = serializers.CharField(source="workspace.name")
    policy = serializers.CharField(source="policy_name")
    rule = serializers.CharField()
    subject_type = serializers.CharField()
    subject_id = serializers.CharField()
    subject_label = serializers.CharField()
    subject_digest = serializers.CharField(allow_blank=True)
    reason = serializers.CharField()
    compensating_control = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=["requested", "granted", "refused", "ended"])
    requested_by = serializers.CharField(source="requested_by.username")
    requested_at = serializers.DateTimeField()
    decided_by = serializers.CharField(source="decided_by.username", allow_null=True, default=None)
    decided_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class EvaluationQuery(WorkspaceQuery):
    subject_id = serializers.CharField(max_length=80, required=False)


class EvaluationOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    workspace = serializers.CharField(source="workspace.name")
    act = serializers.CharField()
    subject_type = serializers.CharField()
    subject_id = serializers.CharField()
    subject_label = serializers.CharField()
    facts = Object
    facts_digest = serializers.CharField()
    policy_digests = serializers.SerializerMethodField()
    checks = CheckOutput(many=True)
    approvals_needed = NeededOutput(many=True)
    passed = serializers.BooleanField()
    actor = serializers.CharField()
    evaluated_at = serializers.DateTimeField()

    def get_policy_digests(self, evaluation: Any) -> list[str]:
        """Sorted, so that two answers can be compared."""
        return sorted(version.digest for version in evaluation.policy_versions.all())


class ReplayOutput(serializers.Serializer[Any]):
    is_equal = serializers.BooleanField(
        help_text="the same answer, byte for byte, from the same facts and policies"
    )
    facts_hold = serializers.BooleanField()
    policies_hold = serializers.BooleanField()
    checks = CheckOutput(many=True)
    approvals_needed = NeededOutput(many=True)
    passed = serializers.BooleanField()


class PreviewOutput(serializers.Serializer[Any]):
    """What the gate would say now; nothing is stored."""

    passed = serializers.BooleanField(source="evaluated.passed")
    checks = CheckOutput(many=True, source="evaluated.checks")
    approvals_needed = NeededOutput(many=True, source="evaluated.needed")
    evidence_digest = serializers.CharField()
    facts = Object


class SchemaOutput(serializers.Serializer[Any]):
    json_schema = Object
