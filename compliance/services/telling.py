"""Who is told of what happens to requests, approvals, waivers and policies: a last step of the same transaction."""

from collections.abc import Collection, Iterable
from typing import Any

from compliance.models import Approval, ApprovalRequest, PolicyVersion, Waiver
from compliance.services.notices import notice_write
from portal.accounts.actor import Actor
from portal.accounts.models import Membership, Role, User


def opened_tell(actor: Actor, request: ApprovalRequest) -> None:
    """Those who could decide are asked."""
    roles = [str(each["role"]) for each in request.approvals_needed]
    _request(
        actor,
        request,
        "opened",
        "waits for your decision",
        _holders(request.workspace_id, roles, request.excluded),
    )


def outcome_tell(actor: Actor, request: ApprovalRequest) -> None:
    """Who asked learns how it came out, unless it was their own doing."""
    topic = request.state if request.state in ("approved", "rejected", "changes_requested") else "closed"
    to_users = [] if actor.user_id == request.requested_by_id else [request.requested_by_id]
    _request(actor, request, topic, f"is {request.state.replace('_', ' ')}", to_users)


def ended_tell(actor: Actor, approval: Approval) -> None:
    """Who asked learns that their approval was revoked or lapsed."""
    request = approval.request
    notice_write(
        actor=actor, workspace_id=approval.workspace_id, topic=f"approval.{approval.state}",
        title=f"The approval of {request} is {approval.state}", url=f"/approvals/{request.pk}",
        data={**_facts(request), "approval": str(approval.pk), "reason": approval.end_reason},
        to_users=[request.requested_by_id],
    )  # fmt: skip


def break_glass_tell(actor: Actor, approval: Approval) -> None:
    """Auditors are told at once, and those who may confirm it."""
    request = approval.request
    auditors = User.objects.filter(is_auditor=True, is_active=True).values_list("pk", flat=True)
    roles = [str(each["role"]) for each in request.approvals_needed]
    until = f"{approval.confirm_by:%Y-%m-%d %H:%M} UTC"
    notice_write(
        actor=actor, workspace_id=request.workspace_id, topic="break_glass.used",
        title=f"Break-glass: {request}. It is undone unless a second person confirms it until {until}",
        url=f"/approvals/{request.pk}",
        data={**_facts(request), "approval": str(approval.pk), "reason": request.reason, "confirm_by": until},
        to_users={*auditors, *_holders(request.workspace_id, roles, request.excluded)},
    )  # fmt: skip


def waiver_tell(actor: Actor, waiver: Waiver) -> None:
    """Approvers are asked; who asked learns how it came out."""
    is_new = waiver.state == "requested"
    approvers = _holders(waiver.workspace_id, [Role.APPROVER], waiver.excluded)
    notice_write(
        actor=actor, workspace_id=waiver.workspace_id, topic="waiver.requested" if is_new else "waiver.decided",
        title=f"The {waiver} is {waiver.state}", url=f"/waivers/{waiver.pk}",
        data={"waiver": str(waiver.pk), "policy": waiver.policy_name, "rule": waiver.rule, "state": waiver.state},
        to_users=approvers if is_new else [waiver.requested_by_id],
    )  # fmt: skip


def policy_tell(actor: Actor, version: PolicyVersion) -> None:
    """Those who could publish a proposal are asked; a publication is told to who proposed it."""
    is_new = version.state == "proposed"
    own = [version.proposed_by_id] if version.proposed_by_id else []
    if not is_new:
        to_users: Collection[int] = own
    elif version.workspace_id is None:
        operators = User.objects.filter(is_operator=True, is_active=True).exclude(pk__in=own)
        to_users = list(operators.values_list("pk", flat=True))
    else:
        to_users = _holders(version.workspace_id, [Role.APPROVER], own)
    address = f"/policies/{version.policy_id}/versions/{version.number}"
    notice_write(
        actor=actor, workspace_id=version.workspace_id, topic="policy.proposed" if is_new else "policy.published",
        title=f"The policy {version} is {version.state}", url=address,
        data={"policy": version.policy.name, "number": version.number, "digest": version.digest},
        to_users=to_users,
    )  # fmt: skip


def _request(
    actor: Actor, request: ApprovalRequest, topic: str, what: str, to_users: Collection[int]
) -> None:
    notice_write(
        actor=actor, workspace_id=request.workspace_id, topic=f"approval_request.{topic}",
        title=f"{request} {what}", url=f"/approvals/{request.pk}", data=_facts(request), to_users=to_users,
    )  # fmt: skip


def _facts(request: ApprovalRequest) -> dict[str, Any]:
    return {
        "request": str(request.pk), "state": request.state, "act": request.act, "subject": request.subject_id,
        "subject_label": request.subject_label, "target": request.target_label,
        "subject_digest": request.subject_digest, "evidence_digest": request.evidence_digest,
        "reason": request.close_reason or request.reason,
    }  # fmt: skip


def _holders(workspace_id: int, roles: Iterable[str], excluded: Iterable[int]) -> list[int]:
    """The members who hold one of the roles and are not excluded."""
    members = Membership.objects.filter(workspace=workspace_id, role__in=list(roles), user__is_active=True)
    found = members.exclude(user_id__in=list(excluded)).exclude(user__is_service_account=True)
    return list(found.values_list("user_id", flat=True).distinct())
