"""The operations of /api/v1/, made from its OpenAPI document by `make client`. Do not edit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from portal_client import models as m
from portal_client.calls import UNSET, Calls, Files, Unset


class Accounts(Calls):
    """What begins with `accounts.`"""

    def auditor_grant_give(
        self,
        *,
        username: str,
        ends_at: datetime,
        reason: str,
        workspace: str | Unset = UNSET,
        starts_at: datetime | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.AuditorGrantOutput:
        """Who audits until when; operators and auditors see all, others their own and those in their workspaces."""
        return self.call(
            "POST",
            self.path("/api/v1/auditor-grants", {}),
            body={
                "username": username,
                "workspace": workspace,
                "starts_at": starts_at,
                "ends_at": ends_at,
                "reason": reason,
            },
            headers={"Idempotency-Key": idempotency_key},
            answer=m.AuditorGrantOutput,
        )

    def auditor_grant_list(self, *, limit: int | Unset = UNSET) -> Iterator[m.AuditorGrantOutput]:
        """Who audits until when; operators and auditors see all, others their own and those in their workspaces."""
        return self.pages(
            "GET",
            self.path("/api/v1/auditor-grants", {}),
            query={"limit": limit},
            answer=m.AuditorGrantOutput,
        )

    def auditor_grant_revoke(
        self, grant_id: UUID, *, reason: str | Unset = UNSET, idempotency_key: str | None = None
    ) -> m.AuditorGrantOutput:
        """End a grant with the person's next request."""
        return self.call(
            "POST",
            self.path("/api/v1/auditor-grants/{grant_id!s}/revocations", {"grant_id": grant_id}),
            body={"reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.AuditorGrantOutput,
        )

    def membership_add(
        self,
        workspace: str,
        *,
        username: str,
        role: Literal["viewer", "contributor", "maintainer", "approver"],
        reason: str | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.MemberOutput:
        """The roles held in a workspace."""
        return self.call(
            "POST",
            self.path("/api/v1/workspaces/{workspace!s}/members", {"workspace": workspace}),
            body={"username": username, "role": role, "reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.MemberOutput,
        )

    def membership_list(self, workspace: str, *, limit: int | Unset = UNSET) -> Iterator[m.MemberOutput]:
        """The roles held in a workspace."""
        return self.pages(
            "GET",
            self.path("/api/v1/workspaces/{workspace!s}/members", {"workspace": workspace}),
            query={"limit": limit},
            answer=m.MemberOutput,
        )

    def membership_remove(self, role: str, username: str, workspace: str) -> None:
        """One role of one member."""
        self.call(
            "DELETE",
            self.path(
                "/api/v1/workspaces/{workspace!s}/members/{username!s}/roles/{role!s}",
                {"role": role, "username": username, "workspace": workspace},
            ),
            answer=type(None),
        )

    def self_read(self) -> m.SelfOutput:
        """Who you are to the portal, and what you may do where."""
        return self.call("GET", self.path("/api/v1/me", {}), answer=m.SelfOutput)

    def session_revoke(self) -> None:
        """Your sessions: deleting them signs you out everywhere."""
        self.call("DELETE", self.path("/api/v1/me/sessions", {}), answer=type(None))

    def token_issue(
        self,
        *,
        name: str,
        scope: Literal["read", "write"],
        workspaces: list[str] | Unset = UNSET,
        ttl_days: int | Unset = UNSET,
        username: str | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.IssuedTokenOutput:
        """Your tokens, and those of service accounts that are yours to look after."""
        return self.call(
            "POST",
            self.path("/api/v1/tokens", {}),
            body={
                "name": name,
                "scope": scope,
                "workspaces": workspaces,
                "ttl_days": ttl_days,
                "username": username,
            },
            headers={"Idempotency-Key": idempotency_key},
            answer=m.IssuedTokenOutput,
        )

    def token_list(self, *, limit: int | Unset = UNSET) -> Iterator[m.TokenOutput]:
        """Your tokens, and those of service accounts that are yours to look after."""
        return self.pages(
            "GET", self.path("/api/v1/tokens", {}), query={"limit": limit}, answer=m.TokenOutput
        )

    def token_revoke(self, token_id: UUID) -> None:
        """One token: deleting revokes it at once; the row stays for the record."""
        self.call(
            "DELETE", self.path("/api/v1/tokens/{token_id!s}", {"token_id": token_id}), answer=type(None)
        )

    def user_create(
        self,
        *,
        username: str,
        email: str | Unset = UNSET,
        name: str | Unset = UNSET,
        password: str | Unset = UNSET,
        is_service_account: bool | Unset = UNSET,
        is_operator: bool | Unset = UNSET,
        is_auditor: bool | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.UserOutput:
        """All users; for operators and auditors."""
        return self.call(
            "POST",
            self.path("/api/v1/users", {}),
            body={
                "username": username,
                "email": email,
                "name": name,
                "password": password,
                "is_service_account": is_service_account,
                "is_operator": is_operator,
                "is_auditor": is_auditor,
            },
            headers={"Idempotency-Key": idempotency_key},
            answer=m.UserOutput,
        )

    def user_list(self, *, limit: int | Unset = UNSET) -> Iterator[m.UserOutput]:
        """All users; for operators and auditors."""
        return self.pages("GET", self.path("/api/v1/users", {}), query={"limit": limit}, answer=m.UserOutput)

    def user_read(self, username: str) -> m.UserOutput:
        """One user, by name."""
        return self.call(
            "GET", self.path("/api/v1/users/{username!s}", {"username": username}), answer=m.UserOutput
        )

    def user_update(
        self,
        username: str,
        *,
        name: str | Unset = UNSET,
        email: str | Unset = UNSET,
        is_active: bool | Unset = UNSET,
        is_operator: bool | Unset = UNSET,
        is_auditor: bool | Unset = UNSET,
        if_match: str | None = None,
    ) -> m.UserOutput:
        """One user, by name."""
        return self.call(
            "PATCH",
            self.path("/api/v1/users/{username!s}", {"username": username}),
            body={
                "name": name,
                "email": email,
                "is_active": is_active,
                "is_operator": is_operator,
                "is_auditor": is_auditor,
            },
            headers={"If-Match": if_match},
            answer=m.UserOutput,
        )

    def workspace_create(
        self, *, name: str, description: str | Unset = UNSET, idempotency_key: str | None = None
    ) -> m.WorkspaceOutput:
        """The workspaces that you see."""
        return self.call(
            "POST",
            self.path("/api/v1/workspaces", {}),
            body={"name": name, "description": description},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.WorkspaceOutput,
        )

    def workspace_list(self, *, limit: int | Unset = UNSET) -> Iterator[m.WorkspaceOutput]:
        """The workspaces that you see."""
        return self.pages(
            "GET", self.path("/api/v1/workspaces", {}), query={"limit": limit}, answer=m.WorkspaceOutput
        )

    def workspace_read(self, workspace: str) -> m.WorkspaceOutput:
        """One workspace, by name."""
        return self.call(
            "GET",
            self.path("/api/v1/workspaces/{workspace!s}", {"workspace": workspace}),
            answer=m.WorkspaceOutput,
        )

    def workspace_update(
        self, workspace: str, *, description: str | Unset = UNSET, if_match: str | None = None
    ) -> m.WorkspaceOutput:
        """One workspace, by name."""
        return self.call(
            "PATCH",
            self.path("/api/v1/workspaces/{workspace!s}", {"workspace": workspace}),
            body={"description": description},
            headers={"If-Match": if_match},
            answer=m.WorkspaceOutput,
        )


class Audit(Calls):
    """What begins with `audit.`"""

    def checkpoint_list(self, *, limit: int | Unset = UNSET) -> Iterator[m.CheckpointOutput]:
        """Signed checkpoints, the largest first."""
        return self.pages(
            "GET",
            self.path("/api/v1/audit/log/checkpoints", {}),
            query={"limit": limit},
            answer=m.CheckpointOutput,
        )

    def checkpoint_read(self, size: int) -> m.CheckpointOutput:
        """The signed checkpoint of one size."""
        return self.call(
            "GET",
            self.path("/api/v1/audit/log/checkpoints/{size!s}", {"size": size}),
            answer=m.CheckpointOutput,
        )

    def consistency_read(self, *, new: int, old: int) -> m.ConsistencyOutput:
        """The proof that the log of `new` entries begins with the one of `old` entries (RFC 9162 section 2.1.4)."""
        return self.call(
            "GET",
            self.path("/api/v1/audit/log/consistency", {}),
            query={"new": new, "old": old},
            answer=m.ConsistencyOutput,
        )

    def detail_erase(self, event: UUID, *, reason: str, idempotency_key: str | None = None) -> None:
        """Erase what an event says in words: names, reason, values. The event and its proofs stay."""
        self.call(
            "POST",
            self.path("/api/v1/audit/events/{event!s}/erasures", {"event": event}),
            body={"reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=type(None),
        )

    def event_list(
        self,
        *,
        action: str | Unset = UNSET,
        actor: str | Unset = UNSET,
        limit: int | Unset = UNSET,
        object_id: str | Unset = UNSET,
        object_type: str | Unset = UNSET,
        outcome: Literal["done", "denied", "refused"] | Unset = UNSET,
        workspace: str | Unset = UNSET,
    ) -> Iterator[m.EventOutput]:
        """Events, newest first; filter by workspace, object, actor, action or outcome."""
        return self.pages(
            "GET",
            self.path("/api/v1/audit/events", {}),
            query={
                "action": action,
                "actor": actor,
                "limit": limit,
                "object_id": object_id,
                "object_type": object_type,
                "outcome": outcome,
                "workspace": workspace,
            },
            answer=m.EventOutput,
        )

    def inclusion_read(self, event: UUID, *, size: int | Unset = UNSET) -> m.InclusionOutput:
        """The proof that an event stands in the log (RFC 9162 section 2.1.3)."""
        return self.call(
            "GET",
            self.path("/api/v1/audit/events/{event!s}/inclusion", {"event": event}),
            query={"size": size},
            answer=m.InclusionOutput,
        )

    def log_export(self, *, details: bool | Unset = UNSET) -> None:
        """The whole log up to its newest checkpoint, as a zip for `python -m compliance.verify`."""
        self.call(
            "GET", self.path("/api/v1/audit/log/bundle", {}), query={"details": details}, answer=type(None)
        )

    def log_read(self) -> m.LogOutput:
        """The log: its origin, the keys that signed it, its newest checkpoint, and how far behind it is."""
        return self.call("GET", self.path("/api/v1/audit/log", {}), answer=m.LogOutput)

    def receipt_read(self, event: UUID) -> m.ReceiptOutput:
        """An event with its proof and checkpoint: a file that `python -m compliance.verify` checks offline."""
        return self.call(
            "GET",
            self.path("/api/v1/audit/events/{event!s}/receipt", {"event": event}),
            answer=m.ReceiptOutput,
        )


class Compliance(Calls):
    """What begins with `compliance.`"""

    def access_review_complete(
        self, review: UUID, *, statement: str, idempotency_key: str | None = None
    ) -> m.ReviewOutput:
        """State what the review found; every grant has to be decided by then."""
        return self.call(
            "POST",
            self.path("/api/v1/access-reviews/{review!s}/completions", {"review": review}),
            body={"statement": statement},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.ReviewOutput,
        )

    def access_review_decide(
        self,
        review: UUID,
        *,
        username: str,
        role: str,
        decision: Literal["keep", "remove"],
        reason: str | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.ReviewOutput:
        """Keep a grant, or take it away at once."""
        return self.call(
            "POST",
            self.path("/api/v1/access-reviews/{review!s}/decisions", {"review": review}),
            body={"username": username, "role": role, "decision": decision, "reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.ReviewOutput,
        )

    def access_review_list(
        self, *, limit: int | Unset = UNSET, workspace: str | Unset = UNSET
    ) -> Iterator[m.ReviewOutput]:
        """The access reviews that you see, newest first; and starting one."""
        return self.pages(
            "GET",
            self.path("/api/v1/access-reviews", {}),
            query={"limit": limit, "workspace": workspace},
            answer=m.ReviewOutput,
        )

    def access_review_read(self, review: UUID) -> m.ReviewOutput:
        """One access review with every grant as it was seen."""
        return self.call(
            "GET", self.path("/api/v1/access-reviews/{review!s}", {"review": review}), answer=m.ReviewOutput
        )

    def access_review_start(self, *, workspace: str, idempotency_key: str | None = None) -> m.ReviewOutput:
        """The access reviews that you see, newest first; and starting one."""
        return self.call(
            "POST",
            self.path("/api/v1/access-reviews", {}),
            body={"workspace": workspace},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.ReviewOutput,
        )

    def approval_confirm(
        self,
        approval_id: UUID,
        *,
        verdict: Literal["approve", "reject"],
        password: str | Unset = UNSET,
        code: str | Unset = UNSET,
        reason: str | Unset = UNSET,
        on_behalf_of: str | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.ApprovalOutput:
        """The second approval after break-glass; a rejection revokes and moves back at once."""
        return self.call(
            "POST",
            self.path("/api/v1/approvals/{approval_id!s}/confirmations", {"approval_id": approval_id}),
            body={
                "password": password,
                "code": code,
                "verdict": verdict,
                "reason": reason,
                "on_behalf_of": on_behalf_of,
            },
            headers={"Idempotency-Key": idempotency_key},
            answer=m.ApprovalOutput,
        )

    def approval_list(
        self,
        *,
        limit: int | Unset = UNSET,
        state: Literal["effective", "revoked", "lapsed", "superseded"] | Unset = UNSET,
        subject_id: str | Unset = UNSET,
        workspace: str | Unset = UNSET,
    ) -> Iterator[m.ApprovalOutput]:
        """Approvals, newest first."""
        return self.pages(
            "GET",
            self.path("/api/v1/approvals", {}),
            query={"limit": limit, "state": state, "subject_id": subject_id, "workspace": workspace},
            answer=m.ApprovalOutput,
        )

    def approval_read(self, approval_id: UUID) -> m.ApprovalOutput:
        """One approval."""
        return self.call(
            "GET",
            self.path("/api/v1/approvals/{approval_id!s}", {"approval_id": approval_id}),
            answer=m.ApprovalOutput,
        )

    def approval_revoke(
        self, approval_id: UUID, *, reason: str, idempotency_key: str | None = None
    ) -> m.ApprovalOutput:
        """End an approval; what was done under it is undone in the same commit."""
        return self.call(
            "POST",
            self.path("/api/v1/approvals/{approval_id!s}/revocations", {"approval_id": approval_id}),
            body={"reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.ApprovalOutput,
        )

    def control_attest(
        self,
        control_id: str,
        system_id: UUID,
        *,
        summary: str,
        outcome: Literal["pass", "fail", "info"] | Unset = UNSET,
        reference: str | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.StatementOutput:
        """State something for one control, where facts alone do not answer it."""
        return self.call(
            "POST",
            self.path(
                "/api/v1/ai-systems/{system_id!s}/controls/{control_id!s}/statements",
                {"control_id": control_id, "system_id": system_id},
            ),
            body={"summary": summary, "outcome": outcome, "reference": reference},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.StatementOutput,
        )

    def control_list(self, *, framework: str | Unset = UNSET) -> m.CatalogueOutput:
        """The catalogue: what each framework asks, and how its entry was checked."""
        return self.call(
            "GET", self.path("/api/v1/controls", {}), query={"framework": framework}, answer=m.CatalogueOutput
        )

    def coverage_read(self, system_id: UUID, *, framework: str | Unset = UNSET) -> m.SystemCoverageOutput:
        """For each control: the fresh evidence that answers it, what is missing, and who must act."""
        return self.call(
            "GET",
            self.path("/api/v1/ai-systems/{system_id!s}/controls", {"system_id": system_id}),
            query={"framework": framework},
            answer=m.SystemCoverageOutput,
        )

    def decision_list(self, request_id: UUID, *, limit: int | Unset = UNSET) -> Iterator[m.DecisionOutput]:
        """Decisions about a request; and deciding, for which a person proves again who they are."""
        return self.pages(
            "GET",
            self.path("/api/v1/approval-requests/{request_id!s}/decisions", {"request_id": request_id}),
            query={"limit": limit},
            answer=m.DecisionOutput,
        )

    def decision_make(
        self,
        request_id: UUID,
        *,
        verdict: Literal["approve", "reject", "ask_changes"],
        evidence_digest: str,
        password: str | Unset = UNSET,
        code: str | Unset = UNSET,
        reason: str | Unset = UNSET,
        on_behalf_of: str | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.DecisionOutput:
        """Decisions about a request; and deciding, for which a person proves again who they are."""
        return self.call(
            "POST",
            self.path("/api/v1/approval-requests/{request_id!s}/decisions", {"request_id": request_id}),
            body={
                "password": password,
                "code": code,
                "verdict": verdict,
                "evidence_digest": evidence_digest,
                "reason": reason,
                "on_behalf_of": on_behalf_of,
            },
            headers={"Idempotency-Key": idempotency_key},
            answer=m.DecisionOutput,
        )

    def delegation_create(
        self,
        *,
        workspace: str,
        to_user: str,
        starts_at: datetime,
        ends_at: datetime,
        role: Literal["approver", "maintainer"] | Unset = UNSET,
        reason: str | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.DelegationOutput:
        """Who may decide for whom, newest first; and delegating one's own role for a time."""
        return self.call(
            "POST",
            self.path("/api/v1/delegations", {}),
            body={
                "workspace": workspace,
                "to_user": to_user,
                "role": role,
                "starts_at": starts_at,
                "ends_at": ends_at,
                "reason": reason,
            },
            headers={"Idempotency-Key": idempotency_key},
            answer=m.DelegationOutput,
        )

    def delegation_list(
        self, *, limit: int | Unset = UNSET, workspace: str | Unset = UNSET
    ) -> Iterator[m.DelegationOutput]:
        """Who may decide for whom, newest first; and delegating one's own role for a time."""
        return self.pages(
            "GET",
            self.path("/api/v1/delegations", {}),
            query={"limit": limit, "workspace": workspace},
            answer=m.DelegationOutput,
        )

    def delegation_revoke(
        self, delegation_id: UUID, *, reason: str | Unset = UNSET, idempotency_key: str | None = None
    ) -> m.DelegationOutput:
        """End a delegation at once."""
        return self.call(
            "POST",
            self.path("/api/v1/delegations/{delegation_id!s}/revocations", {"delegation_id": delegation_id}),
            body={"reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.DelegationOutput,
        )

    def delivery_list(
        self,
        *,
        limit: int | Unset = UNSET,
        notice: UUID | Unset = UNSET,
        state: Literal["waiting", "sent", "failed"] | Unset = UNSET,
        webhook: UUID | Unset = UNSET,
    ) -> Iterator[m.DeliveryOutput]:
        """The deliveries of the workspaces that you maintain, newest first."""
        return self.pages(
            "GET",
            self.path("/api/v1/deliveries", {}),
            query={"limit": limit, "notice": notice, "state": state, "webhook": webhook},
            answer=m.DeliveryOutput,
        )

    def delivery_replay(
        self, delivery: UUID, *, reason: str | Unset = UNSET, idempotency_key: str | None = None
    ) -> m.DeliveryOutput:
        """Send a notice to one receiver once more, under the same event id."""
        return self.call(
            "POST",
            self.path("/api/v1/deliveries/{delivery!s}/replays", {"delivery": delivery}),
            body={"reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.DeliveryOutput,
        )

    def evaluation_list(
        self, *, limit: int | Unset = UNSET, subject_id: str | Unset = UNSET, workspace: str | Unset = UNSET
    ) -> Iterator[m.EvaluationOutput]:
        """Evaluations of policies with the facts that they saw, newest first."""
        return self.pages(
            "GET",
            self.path("/api/v1/evaluations", {}),
            query={"limit": limit, "subject_id": subject_id, "workspace": workspace},
            answer=m.EvaluationOutput,
        )

    def evaluation_preview(
        self,
        *,
        workspace: str,
        act: str,
        subject_id: str,
        params: dict[str, Any] | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.PreviewOutput:
        """What the gate would say about an act now; nothing is stored."""
        return self.call(
            "POST",
            self.path("/api/v1/gate-previews", {}),
            body={"workspace": workspace, "act": act, "subject_id": subject_id, "params": params},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.PreviewOutput,
        )

    def evaluation_read(self, evaluation_id: UUID) -> m.EvaluationOutput:
        """One evaluation."""
        return self.call(
            "GET",
            self.path("/api/v1/evaluations/{evaluation_id!s}", {"evaluation_id": evaluation_id}),
            answer=m.EvaluationOutput,
        )

    def evaluation_replay(self, evaluation_id: UUID) -> m.ReplayOutput:
        """Evaluate the stored facts by the stored versions again, and say whether the answer is the same."""
        return self.call(
            "GET",
            self.path("/api/v1/evaluations/{evaluation_id!s}/replay", {"evaluation_id": evaluation_id}),
            answer=m.ReplayOutput,
        )

    def evidence_attest(
        self,
        model: str,
        number: int,
        workspace: str,
        *,
        kind: str,
        outcome: Literal["pass", "fail", "info"],
        summary: str,
        body: dict[str, Any] | Unset = UNSET,
        expires_at: datetime | None | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.EvidenceOutput:
        """What was found about a version, newest first; people state what they found themselves."""
        return self.call(
            "POST",
            self.path(
                "/api/v1/workspaces/{workspace!s}/registered-models/{model!s}/versions/{number!s}/evidence",
                {"model": model, "number": number, "workspace": workspace},
            ),
            body={
                "kind": kind,
                "outcome": outcome,
                "summary": summary,
                "body": body,
                "expires_at": expires_at,
            },
            headers={"Idempotency-Key": idempotency_key},
            answer=m.EvidenceOutput,
        )

    def evidence_list(
        self,
        model: str,
        number: int,
        workspace: str,
        *,
        kind: str | Unset = UNSET,
        limit: int | Unset = UNSET,
    ) -> Iterator[m.EvidenceOutput]:
        """What was found about a version, newest first; people state what they found themselves."""
        return self.pages(
            "GET",
            self.path(
                "/api/v1/workspaces/{workspace!s}/registered-models/{model!s}/versions/{number!s}/evidence",
                {"model": model, "number": number, "workspace": workspace},
            ),
            query={"kind": kind, "limit": limit},
            answer=m.EvidenceOutput,
        )

    def evidence_read(self, evidence_id: UUID) -> m.EvidenceOutput:
        """One piece of evidence."""
        return self.call(
            "GET",
            self.path("/api/v1/evidence/{evidence_id!s}", {"evidence_id": evidence_id}),
            answer=m.EvidenceOutput,
        )

    def finding_assign(
        self, finding: UUID, *, owner: str, reason: str | Unset = UNSET, idempotency_key: str | None = None
    ) -> m.FindingOutput:
        """Make a member of the workspace its owner."""
        return self.call(
            "POST",
            self.path("/api/v1/findings/{finding!s}/assignments", {"finding": finding}),
            body={"owner": owner, "reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.FindingOutput,
        )

    def finding_close(
        self, finding: UUID, *, closure: str, idempotency_key: str | None = None
    ) -> m.FindingOutput:
        """Close it with what shows that the defect is gone."""
        return self.call(
            "POST",
            self.path("/api/v1/findings/{finding!s}/closures", {"finding": finding}),
            body={"closure": closure},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.FindingOutput,
        )

    def finding_list(
        self,
        *,
        limit: int | Unset = UNSET,
        severity: Literal["low", "medium", "high", "critical"] | Unset = UNSET,
        subject_id: str | Unset = UNSET,
        subject_type: str | Unset = UNSET,
        view: Literal["open", "overdue", "mine", "closed"] | Unset = UNSET,
        workspace: str | Unset = UNSET,
    ) -> Iterator[m.FindingOutput]:
        """The findings that you see, newest first; and reporting one."""
        return self.pages(
            "GET",
            self.path("/api/v1/findings", {}),
            query={
                "limit": limit,
                "severity": severity,
                "subject_id": subject_id,
                "subject_type": subject_type,
                "view": view,
                "workspace": workspace,
            },
            answer=m.FindingOutput,
        )

    def finding_open(
        self,
        *,
        workspace: str,
        key: str,
        subject_type: str,
        subject_id: str,
        subject_label: str,
        title: str,
        severity: Literal["low", "medium", "high", "critical"],
        due_days: int,
        description: str | Unset = UNSET,
        owner: str | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.FindingOutput:
        """The findings that you see, newest first; and reporting one."""
        return self.call(
            "POST",
            self.path("/api/v1/findings", {}),
            body={
                "workspace": workspace,
                "key": key,
                "subject_type": subject_type,
                "subject_id": subject_id,
                "subject_label": subject_label,
                "title": title,
                "description": description,
                "severity": severity,
                "due_days": due_days,
                "owner": owner,
            },
            headers={"Idempotency-Key": idempotency_key},
            answer=m.FindingOutput,
        )

    def finding_read(self, finding: UUID) -> m.FindingOutput:
        """One finding."""
        return self.call(
            "GET", self.path("/api/v1/findings/{finding!s}", {"finding": finding}), answer=m.FindingOutput
        )

    def finding_reschedule(
        self, finding: UUID, *, due_at: datetime, reason: str, idempotency_key: str | None = None
    ) -> m.FindingOutput:
        """Give it another due date, for a reason."""
        return self.call(
            "POST",
            self.path("/api/v1/findings/{finding!s}/reschedules", {"finding": finding}),
            body={"due_at": due_at, "reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.FindingOutput,
        )

    def hold_list(
        self, *, is_released: bool | Unset = UNSET, limit: int | Unset = UNSET, workspace: str | Unset = UNSET
    ) -> Iterator[m.HoldOutput]:
        """The legal holds that you see, newest first; and placing one."""
        return self.pages(
            "GET",
            self.path("/api/v1/legal-holds", {}),
            query={"is_released": is_released, "limit": limit, "workspace": workspace},
            answer=m.HoldOutput,
        )

    def hold_place(
        self,
        *,
        workspace: str,
        subject_type: Literal[
            "workspace",
            "registeredmodel",
            "modelversion",
            "experiment",
            "run",
            "loggedmodel",
            "datasetversion",
            "aisystem",
            "auditevent",
        ],
        subject_id: str,
        subject_label: str,
        reason: str,
        idempotency_key: str | None = None,
    ) -> m.HoldOutput:
        """The legal holds that you see, newest first; and placing one."""
        return self.call(
            "POST",
            self.path("/api/v1/legal-holds", {}),
            body={
                "workspace": workspace,
                "subject_type": subject_type,
                "subject_id": subject_id,
                "subject_label": subject_label,
                "reason": reason,
            },
            headers={"Idempotency-Key": idempotency_key},
            answer=m.HoldOutput,
        )

    def hold_release(self, hold: UUID, *, reason: str, idempotency_key: str | None = None) -> m.HoldOutput:
        """Let go of what is held, for a reason."""
        return self.call(
            "POST",
            self.path("/api/v1/legal-holds/{hold!s}/releases", {"hold": hold}),
            body={"reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.HoldOutput,
        )

    def inbox_read(self) -> m.InboxOutput:
        """What waits for you, what is due first on top."""
        return self.call("GET", self.path("/api/v1/inbox", {}), answer=m.InboxOutput)

    def notice_list(
        self, *, limit: int | Unset = UNSET, topic: str | Unset = UNSET, workspace: str | Unset = UNSET
    ) -> Iterator[m.NoticeOutput]:
        """What was told in the workspaces that you see, newest first."""
        return self.pages(
            "GET",
            self.path("/api/v1/notices", {}),
            query={"limit": limit, "topic": topic, "workspace": workspace},
            answer=m.NoticeOutput,
        )

    def notice_read(self, notice: UUID) -> m.NoticeOutput:
        """One notice."""
        return self.call(
            "GET", self.path("/api/v1/notices/{notice!s}", {"notice": notice}), answer=m.NoticeOutput
        )

    def policy_describe(self) -> m.SchemaOutput:
        """The form of a policy, as JSON schema."""
        return self.call("GET", self.path("/api/v1/policy-schema", {}), answer=m.SchemaOutput)

    def policy_list(
        self, *, limit: int | Unset = UNSET, workspace: str | Unset = UNSET
    ) -> Iterator[m.PolicyOutput]:
        """Policies, newest first; and proposing one, or a new version of one, as YAML."""
        return self.pages(
            "GET",
            self.path("/api/v1/policies", {}),
            query={"limit": limit, "workspace": workspace},
            answer=m.PolicyOutput,
        )

    def policy_propose(
        self,
        *,
        source: str,
        workspace: str | None | Unset = UNSET,
        reason: str | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.PolicyVersionOutput:
        """Policies, newest first; and proposing one, or a new version of one, as YAML."""
        return self.call(
            "POST",
            self.path("/api/v1/policies", {}),
            body={"workspace": workspace, "source": source, "reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.PolicyVersionOutput,
        )

    def policy_publish(
        self,
        version_id: UUID,
        *,
        password: str | Unset = UNSET,
        code: str | Unset = UNSET,
        reason: str | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.PolicyVersionOutput:
        """Put a proposed version in force, as a second person who proves again who they are."""
        return self.call(
            "POST",
            self.path("/api/v1/policy-versions/{version_id!s}/publications", {"version_id": version_id}),
            body={"password": password, "code": code, "reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.PolicyVersionOutput,
        )

    def policy_read(self, policy_id: UUID) -> m.PolicyOutput:
        """One policy."""
        return self.call(
            "GET",
            self.path("/api/v1/policies/{policy_id!s}", {"policy_id": policy_id}),
            answer=m.PolicyOutput,
        )

    def policy_reject(
        self, version_id: UUID, *, reason: str, idempotency_key: str | None = None
    ) -> m.PolicyVersionOutput:
        """Turn a proposed version down, as a second person."""
        return self.call(
            "POST",
            self.path("/api/v1/policy-versions/{version_id!s}/rejections", {"version_id": version_id}),
            body={"reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.PolicyVersionOutput,
        )

    def policy_retire(
        self, policy_id: UUID, *, reason: str, idempotency_key: str | None = None
    ) -> m.PolicyVersionOutput:
        """Propose that a policy ends; a second person publishes that."""
        return self.call(
            "POST",
            self.path("/api/v1/policies/{policy_id!s}/retirements", {"policy_id": policy_id}),
            body={"reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.PolicyVersionOutput,
        )

    def policy_version_list(
        self, policy_id: UUID, *, limit: int | Unset = UNSET
    ) -> Iterator[m.PolicyVersionOutput]:
        """The versions of a policy, newest first."""
        return self.pages(
            "GET",
            self.path("/api/v1/policies/{policy_id!s}/versions", {"policy_id": policy_id}),
            query={"limit": limit},
            answer=m.PolicyVersionOutput,
        )

    def policy_version_read(self, version_id: UUID) -> m.PolicyVersionOutput:
        """One version with its text."""
        return self.call(
            "GET",
            self.path("/api/v1/policy-versions/{version_id!s}", {"version_id": version_id}),
            answer=m.PolicyVersionOutput,
        )

    def recertification_complete(
        self,
        recertification: UUID,
        *,
        outcome: Literal["renewed", "revoked"],
        statement: str,
        password: str | Unset = UNSET,
        code: str | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.RecertificationOutput:
        """Renew the approval, or revoke it: then what was done under it moves back. Who does proves who they are."""
        return self.call(
            "POST",
            self.path(
                "/api/v1/recertifications/{recertification!s}/completions",
                {"recertification": recertification},
            ),
            body={"password": password, "code": code, "outcome": outcome, "statement": statement},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.RecertificationOutput,
        )

    def recertification_list(
        self,
        *,
        limit: int | Unset = UNSET,
        trigger: Literal["planned", "evidence", "finding", "policy"] | Unset = UNSET,
        view: Literal["open", "due", "overdue", "completed"] | Unset = UNSET,
        workspace: str | Unset = UNSET,
    ) -> Iterator[m.RecertificationOutput]:
        """The re-certifications that you see, newest first."""
        return self.pages(
            "GET",
            self.path("/api/v1/recertifications", {}),
            query={"limit": limit, "trigger": trigger, "view": view, "workspace": workspace},
            answer=m.RecertificationOutput,
        )

    def recertification_read(self, recertification: UUID) -> m.RecertificationOutput:
        """One re-certification."""
        return self.call(
            "GET",
            self.path("/api/v1/recertifications/{recertification!s}", {"recertification": recertification}),
            answer=m.RecertificationOutput,
        )

    def request_break_glass(
        self,
        *,
        workspace: str,
        act: str,
        subject_id: str,
        reason: str,
        params: dict[str, Any] | Unset = UNSET,
        password: str | Unset = UNSET,
        code: str | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.RequestDetailOutput:
        """Do a gated act alone, for some hours, with a reason; auditors are told at once."""
        return self.call(
            "POST",
            self.path("/api/v1/break-glass", {}),
            body={
                "workspace": workspace,
                "act": act,
                "subject_id": subject_id,
                "params": params,
                "password": password,
                "code": code,
                "reason": reason,
            },
            headers={"Idempotency-Key": idempotency_key},
            answer=m.RequestDetailOutput,
        )

    def request_create(
        self,
        *,
        workspace: str,
        act: str,
        subject_id: str,
        params: dict[str, Any] | Unset = UNSET,
        reason: str | Unset = UNSET,
        apply_on_approval: bool | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.RequestDetailOutput:
        """Approval requests, newest first; and asking for one."""
        return self.call(
            "POST",
            self.path("/api/v1/approval-requests", {}),
            body={
                "workspace": workspace,
                "act": act,
                "subject_id": subject_id,
                "params": params,
                "reason": reason,
                "apply_on_approval": apply_on_approval,
            },
            headers={"Idempotency-Key": idempotency_key},
            answer=m.RequestDetailOutput,
        )

    def request_list(
        self,
        *,
        limit: int | Unset = UNSET,
        state: Literal[
            "pending",
            "draft",
            "open",
            "changes_requested",
            "approved",
            "rejected",
            "withdrawn",
            "expired",
            "invalidated",
        ]
        | Unset = UNSET,
        subject_id: str | Unset = UNSET,
        waiting: bool | Unset = UNSET,
        workspace: str | Unset = UNSET,
    ) -> Iterator[m.RequestOutput]:
        """Approval requests, newest first; and asking for one."""
        return self.pages(
            "GET",
            self.path("/api/v1/approval-requests", {}),
            query={
                "limit": limit,
                "state": state,
                "subject_id": subject_id,
                "waiting": waiting,
                "workspace": workspace,
            },
            answer=m.RequestOutput,
        )

    def request_read(self, request_id: UUID) -> m.RequestDetailOutput:
        """One request with the checks of its newest evaluation; its ETag is for If-Match."""
        return self.call(
            "GET",
            self.path("/api/v1/approval-requests/{request_id!s}", {"request_id": request_id}),
            answer=m.RequestDetailOutput,
        )

    def request_submit(
        self, request_id: UUID, *, reason: str | Unset = UNSET, idempotency_key: str | None = None
    ) -> m.RequestDetailOutput:
        """Put a draft, or what was changed as asked, before the approvers."""
        return self.call(
            "POST",
            self.path("/api/v1/approval-requests/{request_id!s}/submissions", {"request_id": request_id}),
            body={"reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.RequestDetailOutput,
        )

    def request_withdraw(
        self, request_id: UUID, *, reason: str | Unset = UNSET, idempotency_key: str | None = None
    ) -> m.RequestDetailOutput:
        """Take a pending request back."""
        return self.call(
            "POST",
            self.path("/api/v1/approval-requests/{request_id!s}/withdrawals", {"request_id": request_id}),
            body={"reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.RequestDetailOutput,
        )

    def retention_list(self) -> m.RetentionListOutput:
        """What the portal keeps, for how long, and what ends it."""
        return self.call("GET", self.path("/api/v1/retention-classes", {}), answer=m.RetentionListOutput)

    def system_create(
        self,
        *,
        workspace: str,
        name: str,
        intended_purpose: str,
        owner: str,
        role: Literal["provider", "deployer"],
        description: str | Unset = UNSET,
        risk_tier: Literal["unclassified", "minimal", "limited", "high", "prohibited"] | Unset = UNSET,
        risk_rationale: str | Unset = UNSET,
        details: dict[str, Any] | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.SystemOutput:
        """The AI systems that you see, newest first; and recording one."""
        return self.call(
            "POST",
            self.path("/api/v1/ai-systems", {}),
            body={
                "workspace": workspace,
                "name": name,
                "intended_purpose": intended_purpose,
                "owner": owner,
                "role": role,
                "description": description,
                "risk_tier": risk_tier,
                "risk_rationale": risk_rationale,
                "details": details,
            },
            headers={"Idempotency-Key": idempotency_key},
            answer=m.SystemOutput,
        )

    def system_list(
        self,
        *,
        is_retired: bool | Unset = UNSET,
        limit: int | Unset = UNSET,
        risk_tier: Literal["unclassified", "minimal", "limited", "high", "prohibited"] | Unset = UNSET,
        workspace: str | Unset = UNSET,
    ) -> Iterator[m.SystemOutput]:
        """The AI systems that you see, newest first; and recording one."""
        return self.pages(
            "GET",
            self.path("/api/v1/ai-systems", {}),
            query={"is_retired": is_retired, "limit": limit, "risk_tier": risk_tier, "workspace": workspace},
            answer=m.SystemOutput,
        )

    def system_read(self, system_id: UUID) -> m.SystemOutput:
        """One AI system."""
        return self.call(
            "GET",
            self.path("/api/v1/ai-systems/{system_id!s}", {"system_id": system_id}),
            answer=m.SystemOutput,
        )

    def system_reclassify(
        self,
        system_id: UUID,
        *,
        risk_tier: Literal["unclassified", "minimal", "limited", "high", "prohibited"],
        risk_rationale: str,
        idempotency_key: str | None = None,
    ) -> m.SystemOutput:
        """Give a system another risk tier, also a lower one: for an approver who does not own it."""
        return self.call(
            "POST",
            self.path("/api/v1/ai-systems/{system_id!s}/reclassifications", {"system_id": system_id}),
            body={"risk_tier": risk_tier, "risk_rationale": risk_rationale},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.SystemOutput,
        )

    def system_retire(
        self, system_id: UUID, *, reason: str | Unset = UNSET, idempotency_key: str | None = None
    ) -> m.SystemOutput:
        """End the use of a system."""
        return self.call(
            "POST",
            self.path("/api/v1/ai-systems/{system_id!s}/retirements", {"system_id": system_id}),
            body={"reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.SystemOutput,
        )

    def system_update(
        self,
        system_id: UUID,
        *,
        name: str | Unset = UNSET,
        intended_purpose: str | Unset = UNSET,
        owner: str | Unset = UNSET,
        role: Literal["provider", "deployer"] | Unset = UNSET,
        description: str | Unset = UNSET,
        risk_tier: Literal["unclassified", "minimal", "limited", "high", "prohibited"] | Unset = UNSET,
        risk_rationale: str | Unset = UNSET,
        details: dict[str, Any] | Unset = UNSET,
        reason: str | Unset = UNSET,
        if_match: str | None = None,
    ) -> m.SystemOutput:
        """One AI system."""
        return self.call(
            "PATCH",
            self.path("/api/v1/ai-systems/{system_id!s}", {"system_id": system_id}),
            body={
                "name": name,
                "intended_purpose": intended_purpose,
                "owner": owner,
                "role": role,
                "description": description,
                "risk_tier": risk_tier,
                "risk_rationale": risk_rationale,
                "details": details,
                "reason": reason,
            },
            headers={"If-Match": if_match},
            answer=m.SystemOutput,
        )

    def waiver_decide(
        self,
        waiver_id: UUID,
        *,
        grants: bool,
        password: str | Unset = UNSET,
        code: str | Unset = UNSET,
        reason: str | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.WaiverOutput:
        """Grant or refuse a waiver, as a second person who proves again who they are."""
        return self.call(
            "POST",
            self.path("/api/v1/waivers/{waiver_id!s}/decisions", {"waiver_id": waiver_id}),
            body={"password": password, "code": code, "grants": grants, "reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.WaiverOutput,
        )

    def waiver_end(
        self, waiver_id: UUID, *, reason: str, idempotency_key: str | None = None
    ) -> m.WaiverOutput:
        """End a waiver before its time."""
        return self.call(
            "POST",
            self.path("/api/v1/waivers/{waiver_id!s}/endings", {"waiver_id": waiver_id}),
            body={"reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.WaiverOutput,
        )

    def waiver_list(
        self, *, limit: int | Unset = UNSET, workspace: str | Unset = UNSET
    ) -> Iterator[m.WaiverOutput]:
        """Waivers, newest first; and asking for one."""
        return self.pages(
            "GET",
            self.path("/api/v1/waivers", {}),
            query={"limit": limit, "workspace": workspace},
            answer=m.WaiverOutput,
        )

    def waiver_request(
        self,
        *,
        workspace: str,
        act: str,
        subject_id: str,
        policy: str,
        rule: str,
        reason: str,
        expires_at: datetime,
        params: dict[str, Any] | Unset = UNSET,
        compensating_control: str | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.WaiverOutput:
        """Waivers, newest first; and asking for one."""
        return self.call(
            "POST",
            self.path("/api/v1/waivers", {}),
            body={
                "workspace": workspace,
                "act": act,
                "subject_id": subject_id,
                "params": params,
                "policy": policy,
                "rule": rule,
                "reason": reason,
                "compensating_control": compensating_control,
                "expires_at": expires_at,
            },
            headers={"Idempotency-Key": idempotency_key},
            answer=m.WaiverOutput,
        )

    def webhook_create(
        self,
        *,
        name: str,
        url: str,
        workspace: str,
        events: list[m.EventFieldRequest | dict[str, Any]] | Unset = UNSET,
        topics: list[str] | Unset = UNSET,
        description: str | Unset = UNSET,
        style: Literal["mlflow", "cloudevents", "slack"] | Unset = UNSET,
        status: Literal["ACTIVE", "DISABLED"] | Unset = UNSET,
        secret: str | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.WebhookOutput:
        """The webhooks of a workspace, for its maintainers."""
        return self.call(
            "POST",
            self.path("/api/v1/webhooks", {}),
            body={
                "name": name,
                "url": url,
                "events": events,
                "topics": topics,
                "description": description,
                "style": style,
                "status": status,
                "secret": secret,
                "workspace": workspace,
            },
            headers={"Idempotency-Key": idempotency_key},
            answer=m.WebhookOutput,
        )

    def webhook_delete(self, webhook: UUID) -> None:
        """One webhook. What a change leaves out stays as it is."""
        self.call(
            "DELETE", self.path("/api/v1/webhooks/{webhook!s}", {"webhook": webhook}), answer=type(None)
        )

    def webhook_list(self, *, workspace: str, limit: int | Unset = UNSET) -> Iterator[m.WebhookOutput]:
        """The webhooks of a workspace, for its maintainers."""
        return self.pages(
            "GET",
            self.path("/api/v1/webhooks", {}),
            query={"limit": limit, "workspace": workspace},
            answer=m.WebhookOutput,
        )

    def webhook_read(self, webhook: UUID) -> m.WebhookOutput:
        """One webhook. What a change leaves out stays as it is."""
        return self.call(
            "GET", self.path("/api/v1/webhooks/{webhook!s}", {"webhook": webhook}), answer=m.WebhookOutput
        )

    def webhook_test(
        self, webhook: UUID, *, topic: str | Unset = UNSET, idempotency_key: str | None = None
    ) -> m.TrialOutput:
        """Post an example, signed like the real ones, and say what became of it."""
        return self.call(
            "POST",
            self.path("/api/v1/webhooks/{webhook!s}/tests", {"webhook": webhook}),
            body={"topic": topic},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.TrialOutput,
        )

    def webhook_update(
        self,
        webhook: UUID,
        *,
        name: str | Unset = UNSET,
        url: str | Unset = UNSET,
        events: list[m.EventFieldRequest | dict[str, Any]] | Unset = UNSET,
        topics: list[str] | Unset = UNSET,
        description: str | Unset = UNSET,
        style: Literal["mlflow", "cloudevents", "slack"] | Unset = UNSET,
        status: Literal["ACTIVE", "DISABLED"] | Unset = UNSET,
        secret: str | Unset = UNSET,
        if_match: str | None = None,
    ) -> m.WebhookOutput:
        """One webhook. What a change leaves out stays as it is."""
        return self.call(
            "PATCH",
            self.path("/api/v1/webhooks/{webhook!s}", {"webhook": webhook}),
            body={
                "name": name,
                "url": url,
                "events": events,
                "topics": topics,
                "description": description,
                "style": style,
                "status": status,
                "secret": secret,
            },
            headers={"If-Match": if_match},
            answer=m.WebhookOutput,
        )


class Deployments(Calls):
    """What begins with `deployments.`"""

    def drill_list(self, name: str, *, limit: int | Unset = UNSET) -> Iterator[m.DrillOutput]:
        """Drills of the kill switch."""
        return self.pages(
            "GET",
            self.path("/api/v1/endpoints/{name!s}/drills", {"name": name}),
            query={"limit": limit},
            answer=m.DrillOutput,
        )

    def endpoint_create(
        self,
        *,
        workspace: str,
        name: str,
        environment: Literal["dev", "staging", "prod"],
        target: str | Unset = UNSET,
        description: str | Unset = UNSET,
        settings: Any | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.EndpointOutput:
        """Endpoints, newest first."""
        return self.call(
            "POST",
            self.path("/api/v1/endpoints", {}),
            body={
                "workspace": workspace,
                "name": name,
                "environment": environment,
                "target": target,
                "description": description,
                "settings": settings,
            },
            headers={"Idempotency-Key": idempotency_key},
            answer=m.EndpointOutput,
        )

    def endpoint_delete(self, name: str) -> None:
        """One endpoint with the traffic that its revisions get now."""
        self.call("DELETE", self.path("/api/v1/endpoints/{name!s}", {"name": name}), answer=type(None))

    def endpoint_drill(
        self, name: str, *, reason: str | Unset = UNSET, idempotency_key: str | None = None
    ) -> m.DrillOutput:
        """Drills of the kill switch."""
        return self.call(
            "POST",
            self.path("/api/v1/endpoints/{name!s}/drills", {"name": name}),
            body={"reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.DrillOutput,
        )

    def endpoint_list(
        self,
        *,
        environment: Literal["dev", "staging", "prod"] | Unset = UNSET,
        limit: int | Unset = UNSET,
        workspace: str | Unset = UNSET,
    ) -> Iterator[m.EndpointOutput]:
        """Endpoints, newest first."""
        return self.pages(
            "GET",
            self.path("/api/v1/endpoints", {}),
            query={"environment": environment, "limit": limit, "workspace": workspace},
            answer=m.EndpointOutput,
        )

    def endpoint_read(self, name: str) -> m.EndpointOutput:
        """One endpoint with the traffic that its revisions get now."""
        return self.call(
            "GET", self.path("/api/v1/endpoints/{name!s}", {"name": name}), answer=m.EndpointOutput
        )

    def endpoint_start(
        self, name: str, *, reason: str | Unset = UNSET, idempotency_key: str | None = None
    ) -> m.EndpointOutput:
        """Lets an endpoint that was stopped answer again."""
        return self.call(
            "POST",
            self.path("/api/v1/endpoints/{name!s}/starts", {"name": name}),
            body={"reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.EndpointOutput,
        )

    def endpoint_stop(
        self, name: str, *, reason: str, idempotency_key: str | None = None
    ) -> m.EndpointOutput:
        """The kill switch: no request is answered from now on."""
        return self.call(
            "POST",
            self.path("/api/v1/endpoints/{name!s}/stops", {"name": name}),
            body={"reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.EndpointOutput,
        )

    def endpoint_update(
        self,
        name: str,
        *,
        description: str | Unset = UNSET,
        settings: Any | Unset = UNSET,
        if_match: str | None = None,
    ) -> m.EndpointOutput:
        """One endpoint with the traffic that its revisions get now."""
        return self.call(
            "PATCH",
            self.path("/api/v1/endpoints/{name!s}", {"name": name}),
            body={"description": description, "settings": settings},
            headers={"If-Match": if_match},
            answer=m.EndpointOutput,
        )

    def gate_read(self, name: str, *, model: str, version: int) -> m.GateOutput:
        """What the gate would say if this version were deployed here now. Nothing is asked for."""
        return self.call(
            "GET",
            self.path("/api/v1/endpoints/{name!s}/gate", {"name": name}),
            query={"model": model, "version": version},
            answer=m.GateOutput,
        )

    def revision_create(
        self,
        name: str,
        *,
        model: str,
        version: int,
        rollout: m.RolloutInputRequest | dict[str, Any] | Unset = UNSET,
        reason: str | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.RevisionOutput:
        """Revisions, newest first; and deploying a version. Where a policy asks for an approval that is not there, the refusal names the request for it (`url`)."""
        return self.call(
            "POST",
            self.path("/api/v1/endpoints/{name!s}/revisions", {"name": name}),
            body={"model": model, "version": version, "rollout": rollout, "reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.RevisionOutput,
        )

    def revision_list(self, name: str, *, limit: int | Unset = UNSET) -> Iterator[m.RevisionOutput]:
        """Revisions, newest first; and deploying a version. Where a policy asks for an approval that is not there, the refusal names the request for it (`url`)."""
        return self.pages(
            "GET",
            self.path("/api/v1/endpoints/{name!s}/revisions", {"name": name}),
            query={"limit": limit},
            answer=m.RevisionOutput,
        )

    def revision_read(self, name: str, number: int) -> m.RevisionOutput:
        """One revision: what is wanted of it, and what its target last told."""
        return self.call(
            "GET",
            self.path("/api/v1/endpoints/{name!s}/revisions/{number!s}", {"name": name, "number": number}),
            answer=m.RevisionOutput,
        )

    def revision_rollback(
        self, name: str, *, reason: str, revision: int | Unset = UNSET, idempotency_key: str | None = None
    ) -> m.RevisionOutput:
        """Gives all traffic to an earlier revision whose approval stands."""
        return self.call(
            "POST",
            self.path("/api/v1/endpoints/{name!s}/rollbacks", {"name": name}),
            body={"revision": revision, "reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.RevisionOutput,
        )

    def rollout_abort(self, name: str, *, reason: str, idempotency_key: str | None = None) -> m.RolloutOutput:
        """Give the traffic back to what had it before."""
        return self.call(
            "POST",
            self.path("/api/v1/endpoints/{name!s}/rollouts/current/aborts", {"name": name}),
            body={"reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.RolloutOutput,
        )

    def rollout_list(self, name: str, *, limit: int | Unset = UNSET) -> Iterator[m.RolloutOutput]:
        """Roll-outs, newest first."""
        return self.pages(
            "GET",
            self.path("/api/v1/endpoints/{name!s}/rollouts", {"name": name}),
            query={"limit": limit},
            answer=m.RolloutOutput,
        )

    def rollout_pause(
        self, name: str, *, reason: str | Unset = UNSET, idempotency_key: str | None = None
    ) -> m.RolloutOutput:
        """Keep the split that there is."""
        return self.call(
            "POST",
            self.path("/api/v1/endpoints/{name!s}/rollouts/current/pauses", {"name": name}),
            body={"reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.RolloutOutput,
        )

    def rollout_promote(
        self, name: str, *, reason: str | Unset = UNSET, idempotency_key: str | None = None
    ) -> m.RolloutOutput:
        """Give the revision all traffic now."""
        return self.call(
            "POST",
            self.path("/api/v1/endpoints/{name!s}/rollouts/current/promotions", {"name": name}),
            body={"reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.RolloutOutput,
        )

    def rollout_resume(
        self, name: str, *, reason: str | Unset = UNSET, idempotency_key: str | None = None
    ) -> m.RolloutOutput:
        """Go on with the step that it was at."""
        return self.call(
            "POST",
            self.path("/api/v1/endpoints/{name!s}/rollouts/current/resumes", {"name": name}),
            body={"reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.RolloutOutput,
        )

    def scoring_begin(
        self,
        *,
        workspace: str,
        dataset: str,
        model: str | Unset = UNSET,
        version: int | Unset = UNSET,
        environment: Literal["dev", "staging", "prod"] | Unset = UNSET,
        endpoint: str | Unset = UNSET,
        dataset_version: int | Unset = UNSET,
        output: str | Unset = UNSET,
        prediction: str | Unset = UNSET,
        keep: list[str] | Unset = UNSET,
        rows_per_part: int | Unset = UNSET,
        memory_mb: int | Unset = UNSET,
        reason: str | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.ScoringOutput:
        """Scorings of datasets, newest first; and asking for one. Where a policy asks for an approval that is not there, the refusal names the request for it (`url`)."""
        return self.call(
            "POST",
            self.path("/api/v1/batch-scorings", {}),
            body={
                "workspace": workspace,
                "model": model,
                "version": version,
                "environment": environment,
                "endpoint": endpoint,
                "dataset": dataset,
                "dataset_version": dataset_version,
                "output": output,
                "prediction": prediction,
                "keep": keep,
                "rows_per_part": rows_per_part,
                "memory_mb": memory_mb,
                "reason": reason,
            },
            headers={"Idempotency-Key": idempotency_key},
            answer=m.ScoringOutput,
        )

    def scoring_list(
        self,
        *,
        dataset: str | Unset = UNSET,
        limit: int | Unset = UNSET,
        model: str | Unset = UNSET,
        workspace: str | Unset = UNSET,
    ) -> Iterator[m.ScoringOutput]:
        """Scorings of datasets, newest first; and asking for one. Where a policy asks for an approval that is not there, the refusal names the request for it (`url`)."""
        return self.pages(
            "GET",
            self.path("/api/v1/batch-scorings", {}),
            query={"dataset": dataset, "limit": limit, "model": model, "workspace": workspace},
            answer=m.ScoringOutput,
        )

    def scoring_read(self, scoring_id: UUID) -> m.ScoringOutput:
        """One scoring with what it made, or why it made nothing."""
        return self.call(
            "GET",
            self.path("/api/v1/batch-scorings/{scoring_id!s}", {"scoring_id": scoring_id}),
            answer=m.ScoringOutput,
        )

    def scoring_retry(
        self, scoring_id: UUID, *, reason: str | Unset = UNSET, idempotency_key: str | None = None
    ) -> m.ScoringOutput:
        """Asks for the same again, as a scoring of its own."""
        return self.call(
            "POST",
            self.path("/api/v1/batch-scorings/{scoring_id!s}/retries", {"scoring_id": scoring_id}),
            body={"reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.ScoringOutput,
        )

    def traffic_list(self, name: str, *, limit: int | Unset = UNSET) -> Iterator[m.TrafficOutput]:
        """What served, from when until when, newest first."""
        return self.pages(
            "GET",
            self.path("/api/v1/endpoints/{name!s}/traffic", {"name": name}),
            query={"limit": limit},
            answer=m.TrafficOutput,
        )


class Experiments(Calls):
    """What begins with `experiments.`"""

    def collection_download(
        self, collection_id: UUID, *, limit: int | Unset = UNSET
    ) -> Iterator[m.CollectedOutput]:
        """What a collection came by, the last first."""
        return self.pages(
            "GET",
            self.path("/api/v1/collections/{collection_id!s}/things", {"collection_id": collection_id}),
            query={"limit": limit},
            answer=m.CollectedOutput,
        )

    def collection_list(
        self, *, limit: int | Unset = UNSET, workspace: str | Unset = UNSET
    ) -> Iterator[m.CollectionOutput]:
        """The collections of garbage that you see, newest first; and asking for one."""
        return self.pages(
            "GET",
            self.path("/api/v1/collections", {}),
            query={"limit": limit, "workspace": workspace},
            answer=m.CollectionOutput,
        )

    def collection_read(self, collection_id: UUID) -> m.CollectionOutput:
        """One collection with its sums."""
        return self.call(
            "GET",
            self.path("/api/v1/collections/{collection_id!s}", {"collection_id": collection_id}),
            answer=m.CollectionOutput,
        )

    def collection_start(
        self, *, workspace: str, is_dry_run: bool | Unset = UNSET, idempotency_key: str | None = None
    ) -> m.CollectionOutput:
        """The collections of garbage that you see, newest first; and asking for one."""
        return self.call(
            "POST",
            self.path("/api/v1/collections", {}),
            body={"workspace": workspace, "is_dry_run": is_dry_run},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.CollectionOutput,
        )

    def dataset_compare(
        self, name: str, number: int, workspace: str, *, with_version: int
    ) -> m.ComparisonOutput:
        """The columns of a version beside those of another one."""
        return self.call(
            "GET",
            self.path(
                "/api/v1/datasets/{workspace!s}/{name!s}/versions/{number!s}/comparison",
                {"name": name, "number": number, "workspace": workspace},
            ),
            query={"with_version": with_version},
            answer=m.ComparisonOutput,
        )

    def dataset_download(self, name: str, number: int, path: str, workspace: str) -> None:
        """One file of a version. Its end is only sent when all of it is what it was at the making."""
        self.call(
            "GET",
            self.path(
                "/api/v1/datasets/{workspace!s}/{name!s}/versions/{number!s}/files/{path!s}",
                {"name": name, "number": number, "path": path, "workspace": workspace},
            ),
            answer=type(None),
        )

    def dataset_list(
        self, *, limit: int | Unset = UNSET, workspace: str | Unset = UNSET
    ) -> Iterator[m.DatasetOutput]:
        """The datasets of your workspaces."""
        return self.pages(
            "GET",
            self.path("/api/v1/datasets", {}),
            query={"limit": limit, "workspace": workspace},
            answer=m.DatasetOutput,
        )

    def dataset_register(
        self,
        name: str,
        workspace: str,
        *,
        source_uri: str | Unset = UNSET,
        digest: str | Unset = UNSET,
        mlflow_digest: str | Unset = UNSET,
        size_bytes: int | Unset = UNSET,
        row_count: int | Unset = UNSET,
        schema: Any | Unset = UNSET,
        role: Literal["train", "validation", "test", "reference", "complete", ""] | Unset = UNSET,
        classification: Literal["public", "internal", "confidential", "restricted", ""] | Unset = UNSET,
        licence: str | Unset = UNSET,
        description: str | Unset = UNSET,
        datasheet: str | Unset = UNSET,
        idempotency_key: str | None = None,
        files: Files = (),
    ) -> m.DatasetVersionDetailOutput:
        """The versions of a dataset, newest first; and making one, with the dataset if there is none of that name."""
        return self.call(
            "POST",
            self.path(
                "/api/v1/datasets/{workspace!s}/{name!s}/versions", {"name": name, "workspace": workspace}
            ),
            body={
                "source_uri": source_uri,
                "digest": digest,
                "mlflow_digest": mlflow_digest,
                "size_bytes": size_bytes,
                "row_count": row_count,
                "schema": schema,
                "role": role,
                "classification": classification,
                "licence": licence,
                "description": description,
                "datasheet": datasheet,
            },
            headers={"Idempotency-Key": idempotency_key},
            files=files,
            answer=m.DatasetVersionDetailOutput,
        )

    def dataset_version_list(
        self, name: str, workspace: str, *, limit: int | Unset = UNSET
    ) -> Iterator[m.DatasetVersionOutput]:
        """The versions of a dataset, newest first; and making one, with the dataset if there is none of that name."""
        return self.pages(
            "GET",
            self.path(
                "/api/v1/datasets/{workspace!s}/{name!s}/versions", {"name": name, "workspace": workspace}
            ),
            query={"limit": limit},
            answer=m.DatasetVersionOutput,
        )

    def dataset_version_read(self, name: str, number: int, workspace: str) -> m.DatasetVersionDetailOutput:
        """One version with its files, columns and datasheet."""
        return self.call(
            "GET",
            self.path(
                "/api/v1/datasets/{workspace!s}/{name!s}/versions/{number!s}",
                {"name": name, "number": number, "workspace": workspace},
            ),
            answer=m.DatasetVersionDetailOutput,
        )

    def report_create(
        self, *, workspace: str, title: str, body: str | Unset = UNSET, idempotency_key: str | None = None
    ) -> m.RunsReportOutput:
        """The reports that you see, newest first; and beginning one."""
        return self.call(
            "POST",
            self.path("/api/v1/reports", {}),
            body={"workspace": workspace, "title": title, "body": body},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.RunsReportOutput,
        )

    def report_delete(self, report_id: UUID) -> None:
        """One report without its text, which its versions hold; and deleting it, which keeps them."""
        self.call(
            "DELETE", self.path("/api/v1/reports/{report_id!s}", {"report_id": report_id}), answer=type(None)
        )

    def report_list(
        self, *, is_deleted: bool | Unset = UNSET, limit: int | Unset = UNSET, workspace: str | Unset = UNSET
    ) -> Iterator[m.RunsReportOutput]:
        """The reports that you see, newest first; and beginning one."""
        return self.pages(
            "GET",
            self.path("/api/v1/reports", {}),
            query={"is_deleted": is_deleted, "limit": limit, "workspace": workspace},
            answer=m.RunsReportOutput,
        )

    def report_read(self, report_id: UUID) -> m.RunsReportOutput:
        """One report without its text, which its versions hold; and deleting it, which keeps them."""
        return self.call(
            "GET",
            self.path("/api/v1/reports/{report_id!s}", {"report_id": report_id}),
            answer=m.RunsReportOutput,
        )

    def report_restore(
        self,
        report_id: UUID,
        *,
        number: int,
        expected_number: int | None | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.RunsReportVersionOutput:
        """Bring back what an older version said, as the next version."""
        return self.call(
            "POST",
            self.path("/api/v1/reports/{report_id!s}/restorations", {"report_id": report_id}),
            body={"number": number, "expected_number": expected_number},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.RunsReportVersionOutput,
        )

    def report_version_list(
        self, report_id: UUID, *, limit: int | Unset = UNSET
    ) -> Iterator[m.RunsReportVersionOutput]:
        """The versions of a report with their texts, newest first; and writing the next one."""
        return self.pages(
            "GET",
            self.path("/api/v1/reports/{report_id!s}/versions", {"report_id": report_id}),
            query={"limit": limit},
            answer=m.RunsReportVersionOutput,
        )

    def report_version_read(self, number: int, report_id: UUID) -> m.RunsReportVersionOutput:
        """One version of a report."""
        return self.call(
            "GET",
            self.path(
                "/api/v1/reports/{report_id!s}/versions/{number!s}",
                {"number": number, "report_id": report_id},
            ),
            answer=m.RunsReportVersionOutput,
        )

    def report_write(
        self,
        report_id: UUID,
        *,
        title: str,
        body: str | Unset = UNSET,
        expected_number: int | None | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.RunsReportVersionOutput:
        """The versions of a report with their texts, newest first; and writing the next one."""
        return self.call(
            "POST",
            self.path("/api/v1/reports/{report_id!s}/versions", {"report_id": report_id}),
            body={"title": title, "body": body, "expected_number": expected_number},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.RunsReportVersionOutput,
        )

    def retention_clear(self, workspace: str) -> None:
        """The retention rules of a workspace: read, set and taken away."""
        self.call(
            "DELETE",
            self.path("/api/v1/workspaces/{workspace!s}/retention", {"workspace": workspace}),
            answer=type(None),
        )

    def retention_read(
        self, workspace: str, *, limit: int | Unset = UNSET
    ) -> Iterator[m.RetentionRuleOutput]:
        """The retention rules of a workspace: read, set and taken away."""
        return self.pages(
            "GET",
            self.path("/api/v1/workspaces/{workspace!s}/retention", {"workspace": workspace}),
            query={"limit": limit},
            answer=m.RetentionRuleOutput,
        )

    def retention_update(
        self,
        workspace: str,
        *,
        purge_after_days: int,
        experiment_id: int | None | Unset = UNSET,
        delete_after_days: int | None | Unset = UNSET,
        if_match: str | None = None,
    ) -> m.RetentionRuleOutput:
        """The retention rules of a workspace: read, set and taken away."""
        return self.call(
            "PUT",
            self.path("/api/v1/workspaces/{workspace!s}/retention", {"workspace": workspace}),
            body={
                "experiment_id": experiment_id,
                "purge_after_days": purge_after_days,
                "delete_after_days": delete_after_days,
            },
            headers={"If-Match": if_match},
            answer=m.RetentionRuleOutput,
        )

    def storage_list(
        self, workspace: str, *, limit: int | Unset = UNSET
    ) -> Iterator[m.ExperimentStorageOutput]:
        """What each experiment of a workspace takes, as it was counted last."""
        return self.pages(
            "GET",
            self.path("/api/v1/workspaces/{workspace!s}/storage/experiments", {"workspace": workspace}),
            query={"limit": limit},
            answer=m.ExperimentStorageOutput,
        )

    def storage_read(self, workspace: str) -> m.StorageOutput:
        """What a workspace takes, as it was counted last."""
        return self.call(
            "GET",
            self.path("/api/v1/workspaces/{workspace!s}/storage", {"workspace": workspace}),
            answer=m.StorageOutput,
        )


class Jobs(Calls):
    """What begins with `jobs.`"""

    def attempt_list(self, job_id: UUID) -> m.AttemptsOutput:
        """How each attempt that started processes ended, with its last lines."""
        return self.call(
            "GET", self.path("/api/v1/jobs/{job_id!s}/attempts", {"job_id": job_id}), answer=m.AttemptsOutput
        )

    def job_cancel(
        self, job_id: UUID, *, reason: str | Unset = UNSET, idempotency_key: str | None = None
    ) -> m.JobOutput:
        """Cancel a job: at once while it is queued, at its next checkpoint or heartbeat while it runs."""
        return self.call(
            "POST",
            self.path("/api/v1/jobs/{job_id!s}/cancellations", {"job_id": job_id}),
            body={"reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.JobOutput,
        )

    def job_list(
        self,
        *,
        created_by: str | Unset = UNSET,
        kind: str | Unset = UNSET,
        limit: int | Unset = UNSET,
        queue: str | Unset = UNSET,
        state: Literal["active", "queued", "running", "done", "failed", "cancelled"] | Unset = UNSET,
        workspace: str | Unset = UNSET,
    ) -> Iterator[m.JobOutput]:
        """Jobs, newest first; filter by state, kind, workspace, queue, or who asked."""
        return self.pages(
            "GET",
            self.path("/api/v1/jobs", {}),
            query={
                "created_by": created_by,
                "kind": kind,
                "limit": limit,
                "queue": queue,
                "state": state,
                "workspace": workspace,
            },
            answer=m.JobOutput,
        )

    def job_prioritise(
        self, job_id: UUID, *, priority: int, reason: str | Unset = UNSET, if_match: str | None = None
    ) -> m.JobOutput:
        """Let a queued job go before or behind others of its queue."""
        return self.call(
            "PUT",
            self.path("/api/v1/jobs/{job_id!s}/priority", {"job_id": job_id}),
            body={"priority": priority, "reason": reason},
            headers={"If-Match": if_match},
            answer=m.JobOutput,
        )

    def job_read(self, job_id: UUID) -> m.JobDetailOutput:
        """One job with what happened to it."""
        return self.call(
            "GET", self.path("/api/v1/jobs/{job_id!s}", {"job_id": job_id}), answer=m.JobDetailOutput
        )

    def job_retry(
        self, job_id: UUID, *, reason: str | Unset = UNSET, idempotency_key: str | None = None
    ) -> m.JobOutput:
        """Run a job that failed or was cancelled again, as a new job with the same arguments."""
        return self.call(
            "POST",
            self.path("/api/v1/jobs/{job_id!s}/retries", {"job_id": job_id}),
            body={"reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.JobOutput,
        )

    def log_read(
        self,
        job_id: UUID,
        *,
        attempt: int | Unset = UNSET,
        download: bool | Unset = UNSET,
        follow: bool | Unset = UNSET,
        limit: int | Unset = UNSET,
        offset: int | Unset = UNSET,
    ) -> str:
        """The log of an attempt, by default of the newest, as text."""
        return self.call(
            "GET",
            self.path("/api/v1/jobs/{job_id!s}/logs", {"job_id": job_id}),
            query={
                "attempt": attempt,
                "download": download,
                "follow": follow,
                "limit": limit,
                "offset": offset,
            },
            answer=str,
        )

    def progress_read(self, job_id: UUID) -> m.ProgressListOutput:
        """How far a running job is: bars that it prints are found in its log, others are reported here."""
        return self.call(
            "GET",
            self.path("/api/v1/jobs/{job_id!s}/progress", {"job_id": job_id}),
            answer=m.ProgressListOutput,
        )

    def progress_report(
        self,
        job_id: UUID,
        *,
        done: float,
        name: str | Unset = UNSET,
        total: float | None | Unset = UNSET,
        unit: str | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.ProgressListOutput:
        """How far a running job is: bars that it prints are found in its log, others are reported here."""
        return self.call(
            "POST",
            self.path("/api/v1/jobs/{job_id!s}/progress", {"job_id": job_id}),
            body={"name": name, "done": done, "total": total, "unit": unit},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.ProgressListOutput,
        )

    def queue_create(
        self,
        *,
        name: str,
        description: str | Unset = UNSET,
        priority: int | Unset = UNSET,
        max_running: int | None | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.QueueOutput:
        """All queues with what waits and runs in them; and making one."""
        return self.call(
            "POST",
            self.path("/api/v1/job-queues", {}),
            body={"name": name, "description": description, "priority": priority, "max_running": max_running},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.QueueOutput,
        )

    def queue_list(self) -> m.StandingPage:
        """All queues with what waits and runs in them; and making one."""
        return self.call("GET", self.path("/api/v1/job-queues", {}), answer=m.StandingPage)

    def queue_pause(
        self, name: str, *, reason: str | Unset = UNSET, idempotency_key: str | None = None
    ) -> m.QueueOutput:
        """Let nothing of a queue start."""
        return self.call(
            "POST",
            self.path("/api/v1/job-queues/{name!s}/pauses", {"name": name}),
            body={"reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.QueueOutput,
        )

    def queue_read(self, name: str) -> m.QueueOutput:
        """One queue: its priority and how many of its jobs run at once."""
        return self.call(
            "GET", self.path("/api/v1/job-queues/{name!s}", {"name": name}), answer=m.QueueOutput
        )

    def queue_resume(
        self, name: str, *, reason: str | Unset = UNSET, idempotency_key: str | None = None
    ) -> m.QueueOutput:
        """Let a paused queue go on."""
        return self.call(
            "POST",
            self.path("/api/v1/job-queues/{name!s}/resumptions", {"name": name}),
            body={"reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.QueueOutput,
        )

    def queue_update(
        self,
        name: str,
        *,
        description: str | Unset = UNSET,
        priority: int | Unset = UNSET,
        max_running: int | None | Unset = UNSET,
        reason: str | Unset = UNSET,
        if_match: str | None = None,
    ) -> m.QueueOutput:
        """One queue: its priority and how many of its jobs run at once."""
        return self.call(
            "PATCH",
            self.path("/api/v1/job-queues/{name!s}", {"name": name}),
            body={
                "description": description,
                "priority": priority,
                "max_running": max_running,
                "reason": reason,
            },
            headers={"If-Match": if_match},
            answer=m.QueueOutput,
        )

    def quota_list(self, *, limit: int | Unset = UNSET) -> Iterator[m.QuotaOutput]:
        """The quotas of the workspaces that the caller sees."""
        return self.pages(
            "GET", self.path("/api/v1/job-quotas", {}), query={"limit": limit}, answer=m.QuotaOutput
        )

    def quota_remove(self, queue: str, workspace: str) -> None:
        """The quota of a workspace in one queue, or in `all` but the system's."""
        self.call(
            "DELETE",
            self.path("/api/v1/job-quotas/{workspace!s}/{queue!s}", {"queue": queue, "workspace": workspace}),
            answer=type(None),
        )

    def quota_set(
        self,
        queue: str,
        workspace: str,
        *,
        max_running: int | None | Unset = UNSET,
        max_queued: int | None | Unset = UNSET,
        reason: str | Unset = UNSET,
        if_match: str | None = None,
    ) -> m.QuotaOutput:
        """The quota of a workspace in one queue, or in `all` but the system's."""
        return self.call(
            "PUT",
            self.path("/api/v1/job-quotas/{workspace!s}/{queue!s}", {"queue": queue, "workspace": workspace}),
            body={"max_running": max_running, "max_queued": max_queued, "reason": reason},
            headers={"If-Match": if_match},
            answer=m.QuotaOutput,
        )

    def secret_delete(self, secret: str, workspace: str) -> None:
        """One secret: it can be set and deleted, never read."""
        self.call(
            "DELETE",
            self.path(
                "/api/v1/workspaces/{workspace!s}/secrets/{secret!s}",
                {"secret": secret, "workspace": workspace},
            ),
            answer=type(None),
        )

    def secret_list(self, workspace: str, *, limit: int | Unset = UNSET) -> Iterator[m.SecretOutput]:
        """The names of the secrets that jobs of a workspace may use."""
        return self.pages(
            "GET",
            self.path("/api/v1/workspaces/{workspace!s}/secrets", {"workspace": workspace}),
            query={"limit": limit},
            answer=m.SecretOutput,
        )

    def secret_set(
        self, secret: str, workspace: str, *, value: str, if_match: str | None = None
    ) -> m.SecretOutput:
        """One secret: it can be set and deleted, never read."""
        return self.call(
            "PUT",
            self.path(
                "/api/v1/workspaces/{workspace!s}/secrets/{secret!s}",
                {"secret": secret, "workspace": workspace},
            ),
            body={"value": value},
            headers={"If-Match": if_match},
            answer=m.SecretOutput,
        )

    def worker_list(self) -> m.WorkerPage:
        """Workers that live or were heard of in the last hour, with the jobs in their hands."""
        return self.call("GET", self.path("/api/v1/job-workers", {}), answer=m.WorkerPage)


class Monitoring(Calls):
    """What begins with `monitoring.`"""

    def alert_acknowledge(
        self, alert_id: UUID, *, note: str | Unset = UNSET, idempotency_key: str | None = None
    ) -> m.AlertOutput:
        """Says that somebody looks at it."""
        return self.call(
            "POST",
            self.path("/api/v1/alerts/{alert_id!s}/acknowledgements", {"alert_id": alert_id}),
            body={"note": note},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.AlertOutput,
        )

    def alert_list(
        self,
        *,
        endpoint: str | Unset = UNSET,
        limit: int | Unset = UNSET,
        state: Literal["open", "acknowledged", "silenced", "resolved"] | Unset = UNSET,
    ) -> Iterator[m.AlertOutput]:
        """Alerts, newest first."""
        return self.pages(
            "GET",
            self.path("/api/v1/alerts", {}),
            query={"endpoint": endpoint, "limit": limit, "state": state},
            answer=m.AlertOutput,
        )

    def alert_read(self, alert_id: UUID) -> m.AlertOutput:
        """One alert, with what was done for it."""
        return self.call(
            "GET", self.path("/api/v1/alerts/{alert_id!s}", {"alert_id": alert_id}), answer=m.AlertOutput
        )

    def alert_resolve(
        self, alert_id: UUID, *, note: str, idempotency_key: str | None = None
    ) -> m.AlertOutput:
        """Says that it is over, and what showed it."""
        return self.call(
            "POST",
            self.path("/api/v1/alerts/{alert_id!s}/resolutions", {"alert_id": alert_id}),
            body={"note": note},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.AlertOutput,
        )

    def alert_silence(
        self, alert_id: UUID, *, until: datetime, reason: str, idempotency_key: str | None = None
    ) -> m.AlertOutput:
        """Silences one alert until a date, for a reason."""
        return self.call(
            "POST",
            self.path("/api/v1/alerts/{alert_id!s}/silences", {"alert_id": alert_id}),
            body={"until": until, "reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.AlertOutput,
        )

    def default_monitors_create(
        self, name: str, *, idempotency_key: str | None = None
    ) -> m.MonitorListOutput:
        """Watches drift, errors, latency and volume of an endpoint as is usual; what is there stays."""
        return self.call(
            "POST",
            self.path("/api/v1/endpoints/{name!s}/default-monitors", {"name": name}),
            headers={"Idempotency-Key": idempotency_key},
            answer=m.MonitorListOutput,
        )

    def feedback_write(
        self,
        name: str,
        *,
        items: list[m.TruthInputRequest | dict[str, Any]],
        idempotency_key: str | None = None,
    ) -> m.FeedbackOutput:
        """Keeps what became known of predictions, by request id and row, up to 10,000 at once; what comes later counts."""
        return self.call(
            "POST",
            self.path("/api/v1/endpoints/{name!s}/feedback", {"name": name}),
            body={"items": items},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.FeedbackOutput,
        )

    def metrics_read(self) -> str:
        """Jobs, queues, monitors, alerts and endpoints in the text format of Prometheus. Operators read it, by a token."""
        return self.call("GET", self.path("/api/v1/metrics", {}), answer=str)

    def monitor_create(
        self,
        *,
        endpoint: str,
        kind: Literal[
            "data_quality",
            "data_drift",
            "prediction_drift",
            "performance",
            "fairness",
            "latency",
            "errors",
            "volume",
            "cost",
        ],
        name: str,
        settings: Any | Unset = UNSET,
        every_seconds: int | Unset = UNSET,
        owner: str | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.MonitorOutput:
        """Monitors, newest first. What a kind takes as settings is in the handbook; what is not said is as usual."""
        return self.call(
            "POST",
            self.path("/api/v1/monitors", {}),
            body={
                "endpoint": endpoint,
                "kind": kind,
                "name": name,
                "settings": settings,
                "every_seconds": every_seconds,
                "owner": owner,
            },
            headers={"Idempotency-Key": idempotency_key},
            answer=m.MonitorOutput,
        )

    def monitor_delete(self, monitor_id: UUID) -> None:
        """One monitor."""
        self.call(
            "DELETE",
            self.path("/api/v1/monitors/{monitor_id!s}", {"monitor_id": monitor_id}),
            answer=type(None),
        )

    def monitor_list(
        self, *, endpoint: str | Unset = UNSET, limit: int | Unset = UNSET
    ) -> Iterator[m.MonitorOutput]:
        """Monitors, newest first. What a kind takes as settings is in the handbook; what is not said is as usual."""
        return self.pages(
            "GET",
            self.path("/api/v1/monitors", {}),
            query={"endpoint": endpoint, "limit": limit},
            answer=m.MonitorOutput,
        )

    def monitor_measure(self, monitor_id: UUID, *, idempotency_key: str | None = None) -> m.MeasureOutput:
        """Has it measured now; the answer names the job."""
        return self.call(
            "POST",
            self.path("/api/v1/monitors/{monitor_id!s}/measurements", {"monitor_id": monitor_id}),
            headers={"Idempotency-Key": idempotency_key},
            answer=m.MeasureOutput,
        )

    def monitor_read(self, monitor_id: UUID) -> m.MonitorOutput:
        """One monitor."""
        return self.call(
            "GET",
            self.path("/api/v1/monitors/{monitor_id!s}", {"monitor_id": monitor_id}),
            answer=m.MonitorOutput,
        )

    def monitor_silence(
        self,
        monitor_id: UUID,
        *,
        until: datetime | None,
        reason: str | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.MonitorOutput:
        """Measures on, but tells nobody and does nothing until a date."""
        return self.call(
            "POST",
            self.path("/api/v1/monitors/{monitor_id!s}/silences", {"monitor_id": monitor_id}),
            body={"until": until, "reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.MonitorOutput,
        )

    def monitor_update(
        self,
        monitor_id: UUID,
        *,
        name: str | Unset = UNSET,
        settings: Any | Unset = UNSET,
        every_seconds: int | Unset = UNSET,
        owner: str | Unset = UNSET,
        is_paused: bool | Unset = UNSET,
        if_match: str | None = None,
    ) -> m.MonitorOutput:
        """One monitor."""
        return self.call(
            "PATCH",
            self.path("/api/v1/monitors/{monitor_id!s}", {"monitor_id": monitor_id}),
            body={
                "name": name,
                "settings": settings,
                "every_seconds": every_seconds,
                "owner": owner,
                "is_paused": is_paused,
            },
            headers={"If-Match": if_match},
            answer=m.MonitorOutput,
        )

    def plan_put(
        self,
        system_id: UUID,
        *,
        watched: str,
        review_every_days: int,
        reviewer: str,
        if_match: str | None = None,
    ) -> m.PlanOutput:
        """What is watched of a system, how often it is reviewed, and by whom."""
        return self.call(
            "PUT",
            self.path("/api/v1/ai-systems/{system_id!s}/post-market-plan", {"system_id": system_id}),
            body={"watched": watched, "review_every_days": review_every_days, "reviewer": reviewer},
            headers={"If-Match": if_match},
            answer=m.PlanOutput,
        )

    def plan_read(self, system_id: UUID) -> m.PlanOutput:
        """What is watched of a system, how often it is reviewed, and by whom."""
        return self.call(
            "GET",
            self.path("/api/v1/ai-systems/{system_id!s}/post-market-plan", {"system_id": system_id}),
            answer=m.PlanOutput,
        )

    def plan_review(
        self, system_id: UUID, *, statement: str, idempotency_key: str | None = None
    ) -> m.PlanReviewOutput:
        """Reviews, newest first; the reviewer of the plan adds one."""
        return self.call(
            "POST",
            self.path("/api/v1/ai-systems/{system_id!s}/post-market-plan/reviews", {"system_id": system_id}),
            body={"statement": statement},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.PlanReviewOutput,
        )

    def review_list(self, system_id: UUID, *, limit: int | Unset = UNSET) -> Iterator[m.PlanReviewOutput]:
        """Reviews, newest first; the reviewer of the plan adds one."""
        return self.pages(
            "GET",
            self.path("/api/v1/ai-systems/{system_id!s}/post-market-plan/reviews", {"system_id": system_id}),
            query={"limit": limit},
            answer=m.PlanReviewOutput,
        )

    def run_list(self, monitor_id: UUID, *, limit: int | Unset = UNSET) -> Iterator[m.RunOutput]:
        """Measurements, newest first."""
        return self.pages(
            "GET",
            self.path("/api/v1/monitors/{monitor_id!s}/runs", {"monitor_id": monitor_id}),
            query={"limit": limit},
            answer=m.RunOutput,
        )

    def run_read(self, monitor_id: UUID, run_id: UUID) -> m.ReportOutput:
        """One measurement with all that its report is drawn from."""
        return self.call(
            "GET",
            self.path(
                "/api/v1/monitors/{monitor_id!s}/runs/{run_id!s}",
                {"monitor_id": monitor_id, "run_id": run_id},
            ),
            answer=m.ReportOutput,
        )


class Registry(Calls):
    """What begins with `registry.`"""

    def alias_history_list(
        self, alias: str, name: str, *, limit: int | Unset = UNSET, workspace: str | Unset = UNSET
    ) -> Iterator[m.AliasIntervalOutput]:
        """Every interval of one alias, the newest first."""
        return self.pages(
            "GET",
            self.path(
                "/api/v1/registered-models/{name!s}/aliases/{alias!s}/history", {"alias": alias, "name": name}
            ),
            query={"limit": limit, "workspace": workspace},
            answer=m.AliasIntervalOutput,
        )

    def alias_list(
        self, name: str, *, limit: int | Unset = UNSET, workspace: str | Unset = UNSET
    ) -> Iterator[m.AliasOutput]:
        """What the aliases of a model mean now."""
        return self.pages(
            "GET",
            self.path("/api/v1/registered-models/{name!s}/aliases", {"name": name}),
            query={"limit": limit, "workspace": workspace},
            answer=m.AliasOutput,
        )

    def alias_move(
        self, alias: str, name: str, *, version: int, reason: str | Unset = UNSET, if_match: str | None = None
    ) -> m.AliasOutput:
        """One alias. A protected one moves only with an approval: without it the refusal names the request (`url`)."""
        return self.call(
            "PUT",
            self.path("/api/v1/registered-models/{name!s}/aliases/{alias!s}", {"alias": alias, "name": name}),
            body={"version": version, "reason": reason},
            headers={"If-Match": if_match},
            answer=m.AliasOutput,
        )

    def alias_read(self, alias: str, name: str, *, workspace: str | Unset = UNSET) -> m.AliasOutput:
        """One alias. A protected one moves only with an approval: without it the refusal names the request (`url`)."""
        return self.call(
            "GET",
            self.path("/api/v1/registered-models/{name!s}/aliases/{alias!s}", {"alias": alias, "name": name}),
            query={"workspace": workspace},
            answer=m.AliasOutput,
        )

    def alias_remove(self, alias: str, name: str) -> None:
        """One alias. A protected one moves only with an approval: without it the refusal names the request (`url`)."""
        self.call(
            "DELETE",
            self.path("/api/v1/registered-models/{name!s}/aliases/{alias!s}", {"alias": alias, "name": name}),
            answer=type(None),
        )

    def blast_radius_read(self, dataset_id: UUID) -> m.BlastRadiusOutput:
        """Everything live that depends on a dataset version, as runs logged it (the same name and digest in any experiment that you see) or as it was registered."""
        return self.call(
            "GET",
            self.path("/api/v1/datasets/{dataset_id!s}/blast-radius", {"dataset_id": dataset_id}),
            answer=m.BlastRadiusOutput,
        )

    def bom_read(self, model: str, number: int, workspace: str) -> bytes:
        """The bill of materials of a version (CycloneDX 1.6, JSON); POST has it written anew."""
        return self.call(
            "GET",
            self.path(
                "/api/v1/workspaces/{workspace!s}/registered-models/{model!s}/versions/{number!s}/bom",
                {"model": model, "number": number, "workspace": workspace},
            ),
            answer=bytes,
        )

    def card_compare(
        self, model: str, number: int, workspace: str, *, after: int, before: int
    ) -> m.DifferencesOutput:
        """What differs between two states of a card."""
        return self.call(
            "GET",
            self.path(
                "/api/v1/workspaces/{workspace!s}/registered-models/{model!s}/versions/{number!s}/card/differences",
                {"model": model, "number": number, "workspace": workspace},
            ),
            query={"after": after, "before": before},
            answer=m.DifferencesOutput,
        )

    def card_edit(
        self,
        model: str,
        number: int,
        workspace: str,
        *,
        content: Any,
        shape: Literal["card", "sagemaker"] | Unset = UNSET,
        reason: str | Unset = UNSET,
        if_match: str | None = None,
    ) -> m.CardOutput:
        """The card of a version. An edit is the next number; If-Match names the one that it builds on."""
        return self.call(
            "PUT",
            self.path(
                "/api/v1/workspaces/{workspace!s}/registered-models/{model!s}/versions/{number!s}/card",
                {"model": model, "number": number, "workspace": workspace},
            ),
            body={"content": content, "shape": shape, "reason": reason},
            headers={"If-Match": if_match},
            answer=m.CardOutput,
        )

    def card_export(self, model: str, number: int, workspace: str) -> bytes:
        """The card as the content of a SageMaker model card, without the sections that it has no place for."""
        return self.call(
            "GET",
            self.path(
                "/api/v1/workspaces/{workspace!s}/registered-models/{model!s}/versions/{number!s}/card/sagemaker",
                {"model": model, "number": number, "workspace": workspace},
            ),
            answer=bytes,
        )

    def card_list(
        self, model: str, number: int, workspace: str, *, limit: int | Unset = UNSET
    ) -> Iterator[m.CardStateOutput]:
        """All states of a card, the newest first."""
        return self.pages(
            "GET",
            self.path(
                "/api/v1/workspaces/{workspace!s}/registered-models/{model!s}/versions/{number!s}/card/states",
                {"model": model, "number": number, "workspace": workspace},
            ),
            query={"limit": limit},
            answer=m.CardStateOutput,
        )

    def card_read(self, model: str, number: int, workspace: str) -> m.CardOutput:
        """The card of a version. An edit is the next number; If-Match names the one that it builds on."""
        return self.call(
            "GET",
            self.path(
                "/api/v1/workspaces/{workspace!s}/registered-models/{model!s}/versions/{number!s}/card",
                {"model": model, "number": number, "workspace": workspace},
            ),
            answer=m.CardOutput,
        )

    def card_schema_read(self) -> bytes:
        """The JSON schema of a model card."""
        return self.call("GET", self.path("/api/v1/model-card-schema", {}), answer=bytes)

    def card_state_read(self, card: int, model: str, number: int, workspace: str) -> m.CardStateDetail:
        """One state of a card."""
        return self.call(
            "GET",
            self.path(
                "/api/v1/workspaces/{workspace!s}/registered-models/{model!s}/versions/{number!s}/card/states/{card!s}",
                {"card": card, "model": model, "number": number, "workspace": workspace},
            ),
            answer=m.CardStateDetail,
        )

    def document_key_list(self) -> m.DocumentKeysOutput:
        """The keys that technical files and certificates are checked with."""
        return self.call("GET", self.path("/api/v1/document-signing-keys", {}), answer=m.DocumentKeysOutput)

    def history_read(
        self,
        name: str,
        *,
        alias: str | Unset = UNSET,
        at: datetime | Unset = UNSET,
        stage: str | Unset = UNSET,
        workspace: str | Unset = UNSET,
    ) -> m.HistoryOutput:
        """What an alias or stage of a model meant at a moment: version, approval, data, evidence, deployments."""
        return self.call(
            "GET",
            self.path("/api/v1/registered-models/{name!s}/history", {"name": name}),
            query={"alias": alias, "at": at, "stage": stage, "workspace": workspace},
            answer=m.HistoryOutput,
        )

    def lineage_read(
        self,
        *,
        node: str,
        depth: int | Unset = UNSET,
        direction: Literal["both", "down", "up"] | Unset = UNSET,
    ) -> m.GraphOutput:
        """What a node was made from and what was made from it, with how complete the answer is."""
        return self.call(
            "GET",
            self.path("/api/v1/lineage", {}),
            query={"depth": depth, "direction": direction, "node": node},
            answer=m.GraphOutput,
        )

    def model_create(
        self,
        *,
        workspace: str,
        name: str,
        description: str | Unset = UNSET,
        tags: dict[str, str] | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.ModelOutput:
        """Registered models, newest first."""
        return self.call(
            "POST",
            self.path("/api/v1/registered-models", {}),
            body={"workspace": workspace, "name": name, "description": description, "tags": tags},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.ModelOutput,
        )

    def model_delete(self, name: str) -> None:
        """One registered model."""
        self.call(
            "DELETE", self.path("/api/v1/registered-models/{name!s}", {"name": name}), answer=type(None)
        )

    def model_list(
        self, *, limit: int | Unset = UNSET, prompts: bool | Unset = UNSET, workspace: str | Unset = UNSET
    ) -> Iterator[m.ModelOutput]:
        """Registered models, newest first."""
        return self.pages(
            "GET",
            self.path("/api/v1/registered-models", {}),
            query={"limit": limit, "prompts": prompts, "workspace": workspace},
            answer=m.ModelOutput,
        )

    def model_read(self, name: str, *, workspace: str | Unset = UNSET) -> m.ModelOutput:
        """One registered model."""
        return self.call(
            "GET",
            self.path("/api/v1/registered-models/{name!s}", {"name": name}),
            query={"workspace": workspace},
            answer=m.ModelOutput,
        )

    def model_update(
        self, name: str, *, description: str | Unset = UNSET, if_match: str | None = None
    ) -> m.ModelOutput:
        """One registered model."""
        return self.call(
            "PATCH",
            self.path("/api/v1/registered-models/{name!s}", {"name": name}),
            body={"description": description},
            headers={"If-Match": if_match},
            answer=m.ModelOutput,
        )

    def signature_read(self, model: str, number: int, workspace: str) -> bytes:
        """The signature of a version, for the stock `model_signing verify key`; ask for one with POST."""
        return self.call(
            "GET",
            self.path(
                "/api/v1/workspaces/{workspace!s}/registered-models/{model!s}/versions/{number!s}/signature",
                {"model": model, "number": number, "workspace": workspace},
            ),
            answer=bytes,
        )

    def signing_key_list(self) -> m.KeysOutput:
        """The public keys that signatures of models are checked with, the one of new signatures first."""
        return self.call("GET", self.path("/api/v1/model-signing-keys", {}), answer=m.KeysOutput)

    def system_model_link(
        self,
        system_id: UUID,
        *,
        model: str,
        alias: str | Unset = UNSET,
        version: int | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.LinkOutput:
        """What the system uses, newest first; and linking a model by alias or by version."""
        return self.call(
            "POST",
            self.path("/api/v1/ai-systems/{system_id!s}/models", {"system_id": system_id}),
            body={"model": model, "alias": alias, "version": version},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.LinkOutput,
        )

    def system_model_list(
        self, system_id: UUID, *, is_current: bool | Unset = UNSET, limit: int | Unset = UNSET
    ) -> Iterator[m.LinkOutput]:
        """What the system uses, newest first; and linking a model by alias or by version."""
        return self.pages(
            "GET",
            self.path("/api/v1/ai-systems/{system_id!s}/models", {"system_id": system_id}),
            query={"is_current": is_current, "limit": limit},
            answer=m.LinkOutput,
        )

    def system_model_unlink(self, link_id: UUID, system_id: UUID) -> None:
        """One link: deleting ends it, and it stays known."""
        self.call(
            "DELETE",
            self.path(
                "/api/v1/ai-systems/{system_id!s}/models/{link_id!s}",
                {"link_id": link_id, "system_id": system_id},
            ),
            answer=type(None),
        )

    def technical_file_create(
        self, system_id: UUID, *, idempotency_key: str | None = None
    ) -> m.TechnicalFileJob:
        """The technical files of a system, newest first; and asking for one of it as it is now."""
        return self.call(
            "POST",
            self.path("/api/v1/ai-systems/{system_id!s}/technical-files", {"system_id": system_id}),
            headers={"Idempotency-Key": idempotency_key},
            answer=m.TechnicalFileJob,
        )

    def technical_file_list(
        self, system_id: UUID, *, limit: int | Unset = UNSET
    ) -> Iterator[m.TechnicalFileOutput]:
        """The technical files of a system, newest first; and asking for one of it as it is now."""
        return self.pages(
            "GET",
            self.path("/api/v1/ai-systems/{system_id!s}/technical-files", {"system_id": system_id}),
            query={"limit": limit},
            answer=m.TechnicalFileOutput,
        )

    def technical_file_read(
        self, file_id: UUID, system_id: UUID, *, part: Literal["pdf", "zip"] | Unset = UNSET
    ) -> None:
        """The signed bundle for `python -m compliance.verify_file`, or the PDF in it."""
        self.call(
            "GET",
            self.path(
                "/api/v1/ai-systems/{system_id!s}/technical-files/{file_id!s}",
                {"file_id": file_id, "system_id": system_id},
            ),
            query={"part": part},
            answer=type(None),
        )

    def version_bill(
        self, model: str, number: int, workspace: str, *, idempotency_key: str | None = None
    ) -> m.LookOutput:
        """The bill of materials of a version (CycloneDX 1.6, JSON); POST has it written anew."""
        return self.call(
            "POST",
            self.path(
                "/api/v1/workspaces/{workspace!s}/registered-models/{model!s}/versions/{number!s}/bom",
                {"model": model, "number": number, "workspace": workspace},
            ),
            headers={"Idempotency-Key": idempotency_key},
            answer=m.LookOutput,
        )

    def version_check_signature(
        self, model: str, number: int, workspace: str, *, idempotency_key: str | None = None
    ) -> m.LookOutput:
        """Check the signature of a version against its files as they are now."""
        return self.call(
            "POST",
            self.path(
                "/api/v1/workspaces/{workspace!s}/registered-models/{model!s}/versions/{number!s}/signature-checks",
                {"model": model, "number": number, "workspace": workspace},
            ),
            headers={"Idempotency-Key": idempotency_key},
            answer=m.LookOutput,
        )

    def version_create(
        self,
        name: str,
        *,
        source: str,
        run_id: str | Unset = UNSET,
        model_id: str | Unset = UNSET,
        description: str | Unset = UNSET,
        tags: dict[str, str] | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.VersionOutput:
        """The versions of a model, newest first. A new one is READY when a job has read its files."""
        return self.call(
            "POST",
            self.path("/api/v1/registered-models/{name!s}/versions", {"name": name}),
            body={
                "source": source,
                "run_id": run_id,
                "model_id": model_id,
                "description": description,
                "tags": tags,
            },
            headers={"Idempotency-Key": idempotency_key},
            answer=m.VersionOutput,
        )

    def version_delete(self, name: str, number: int) -> None:
        """One version, with the manifest of its files."""
        self.call(
            "DELETE",
            self.path(
                "/api/v1/registered-models/{name!s}/versions/{number!s}", {"name": name, "number": number}
            ),
            answer=type(None),
        )

    def version_list(
        self, name: str, *, limit: int | Unset = UNSET, workspace: str | Unset = UNSET
    ) -> Iterator[m.VersionOutput]:
        """The versions of a model, newest first. A new one is READY when a job has read its files."""
        return self.pages(
            "GET",
            self.path("/api/v1/registered-models/{name!s}/versions", {"name": name}),
            query={"limit": limit, "workspace": workspace},
            answer=m.VersionOutput,
        )

    def version_read(
        self, name: str, number: int, *, workspace: str | Unset = UNSET
    ) -> m.VersionDetailOutput:
        """One version, with the manifest of its files."""
        return self.call(
            "GET",
            self.path(
                "/api/v1/registered-models/{name!s}/versions/{number!s}", {"name": name, "number": number}
            ),
            query={"workspace": workspace},
            answer=m.VersionDetailOutput,
        )

    def version_scan(
        self, model: str, number: int, workspace: str, *, idempotency_key: str | None = None
    ) -> m.LookOutput:
        """Scan the files of a version again."""
        return self.call(
            "POST",
            self.path(
                "/api/v1/workspaces/{workspace!s}/registered-models/{model!s}/versions/{number!s}/scans",
                {"model": model, "number": number, "workspace": workspace},
            ),
            headers={"Idempotency-Key": idempotency_key},
            answer=m.LookOutput,
        )

    def version_sign(
        self, model: str, number: int, workspace: str, *, idempotency_key: str | None = None
    ) -> m.LookOutput:
        """The signature of a version, for the stock `model_signing verify key`; ask for one with POST."""
        return self.call(
            "POST",
            self.path(
                "/api/v1/workspaces/{workspace!s}/registered-models/{model!s}/versions/{number!s}/signature",
                {"model": model, "number": number, "workspace": workspace},
            ),
            headers={"Idempotency-Key": idempotency_key},
            answer=m.LookOutput,
        )

    def version_update(
        self, name: str, number: int, *, description: str | Unset = UNSET, if_match: str | None = None
    ) -> m.VersionDetailOutput:
        """One version, with the manifest of its files."""
        return self.call(
            "PATCH",
            self.path(
                "/api/v1/registered-models/{name!s}/versions/{number!s}", {"name": name, "number": number}
            ),
            body={"description": description},
            headers={"If-Match": if_match},
            answer=m.VersionDetailOutput,
        )

    def version_verify(
        self, name: str, number: int, *, idempotency_key: str | None = None
    ) -> m.JobAskedOutput:
        """Let a job hash the files of a version again; a changed byte opens a finding and ends its approvals."""
        return self.call(
            "POST",
            self.path(
                "/api/v1/registered-models/{name!s}/versions/{number!s}/verifications",
                {"name": name, "number": number},
            ),
            headers={"Idempotency-Key": idempotency_key},
            answer=m.JobAskedOutput,
        )


class Training(Calls):
    """What begins with `training.`"""

    def claim_fetch(self, claim_id: UUID) -> None:
        """Code and inputs as one archive."""
        self.call(
            "GET",
            self.path("/api/v1/training-claims/{claim_id!s}/work", {"claim_id": claim_id}),
            answer=type(None),
        )

    def claim_read(self, claim_id: UUID) -> None:
        """Whether an attempt is still wanted: 204, or 401 when it is not."""
        self.call(
            "GET",
            self.path("/api/v1/training-claims/{claim_id!s}", {"claim_id": claim_id}),
            answer=type(None),
        )

    def claim_redeem(self, *, claim: str, idempotency_key: str | None = None) -> m.OrderOutput:
        """Exchange a claim for its order, once; the code of the claim is the credential, so no other is asked for."""
        return self.call(
            "POST",
            self.path("/api/v1/training-claims", {}),
            body={"claim": claim},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.OrderOutput,
        )

    def claim_report(self, claim_id: UUID, *, if_match: str | None = None) -> None:
        """Outputs, and how the command ended, as one archive."""
        self.call(
            "PUT",
            self.path("/api/v1/training-claims/{claim_id!s}/result", {"claim_id": claim_id}),
            headers={"If-Match": if_match},
            answer=type(None),
        )

    def code_download(self, code_id: UUID) -> None:
        """The files of a snapshot as a tar.gz."""
        self.call(
            "GET",
            self.path("/api/v1/code-snapshots/{code_id!s}/archive", {"code_id": code_id}),
            answer=type(None),
        )

    def code_list(
        self, *, limit: int | Unset = UNSET, workspace: str | Unset = UNSET
    ) -> Iterator[m.CodeOutput]:
        """Snapshots of code, newest first; and uploading one as a form with an archive."""
        return self.pages(
            "GET",
            self.path("/api/v1/code-snapshots", {}),
            query={"limit": limit, "workspace": workspace},
            answer=m.CodeOutput,
        )

    def code_read(self, code_id: UUID) -> m.CodeDetailOutput:
        """One snapshot with what it differs in from the commit that it names."""
        return self.call(
            "GET",
            self.path("/api/v1/code-snapshots/{code_id!s}", {"code_id": code_id}),
            answer=m.CodeDetailOutput,
        )

    def code_upload(
        self,
        *,
        workspace: str,
        archive: bytes,
        git_url: str | Unset = UNSET,
        git_commit: str | Unset = UNSET,
        diff: str | Unset = UNSET,
        idempotency_key: str | None = None,
        files: Files = (),
    ) -> m.CodeDetailOutput:
        """Snapshots of code, newest first; and uploading one as a form with an archive."""
        return self.call(
            "POST",
            self.path("/api/v1/code-snapshots", {}),
            body={
                "workspace": workspace,
                "archive": archive,
                "git_url": git_url,
                "git_commit": git_commit,
                "diff": diff,
            },
            headers={"Idempotency-Key": idempotency_key},
            files=files,
            answer=m.CodeDetailOutput,
        )

    def data_check_begin(
        self,
        name: str,
        number: int,
        workspace: str,
        *,
        rules: dict[str, Any],
        reference_version: int | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.DataCheckOutput:
        """The checks of a version, newest first; and asking for one."""
        return self.call(
            "POST",
            self.path(
                "/api/v1/datasets/{workspace!s}/{name!s}/versions/{number!s}/checks",
                {"name": name, "number": number, "workspace": workspace},
            ),
            body={"rules": rules, "reference_version": reference_version},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.DataCheckOutput,
        )

    def data_check_list(
        self, name: str, number: int, workspace: str, *, limit: int | Unset = UNSET
    ) -> Iterator[m.DataCheckOutput]:
        """The checks of a version, newest first; and asking for one."""
        return self.pages(
            "GET",
            self.path(
                "/api/v1/datasets/{workspace!s}/{name!s}/versions/{number!s}/checks",
                {"name": name, "number": number, "workspace": workspace},
            ),
            query={"limit": limit},
            answer=m.DataCheckOutput,
        )

    def data_check_read(self, check_id: UUID) -> m.DataCheckOutput:
        """One check with what was found."""
        return self.call(
            "GET",
            self.path("/api/v1/data-checks/{check_id!s}", {"check_id": check_id}),
            answer=m.DataCheckOutput,
        )

    def evaluation_begin(
        self,
        *,
        workspace: str,
        model: str,
        version: int,
        dataset: str,
        target: str,
        dataset_version: int | Unset = UNSET,
        task: Literal["auto", "classification", "regression"] | Unset = UNSET,
        slices: list[str] | Unset = UNSET,
        sensitive: list[str] | Unset = UNSET,
        explain: bool | Unset = UNSET,
        against_champion: bool | Unset = UNSET,
        thresholds: list[dict[str, Any]] | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.ModelEvaluationDetailOutput:
        """Evaluations of models, newest first; and asking for one."""
        return self.call(
            "POST",
            self.path("/api/v1/model-evaluations", {}),
            body={
                "workspace": workspace,
                "model": model,
                "version": version,
                "dataset": dataset,
                "dataset_version": dataset_version,
                "target": target,
                "task": task,
                "slices": slices,
                "sensitive": sensitive,
                "explain": explain,
                "against_champion": against_champion,
                "thresholds": thresholds,
            },
            headers={"Idempotency-Key": idempotency_key},
            answer=m.ModelEvaluationDetailOutput,
        )

    def evaluation_list(
        self,
        *,
        dataset: str | Unset = UNSET,
        limit: int | Unset = UNSET,
        model: str | Unset = UNSET,
        workspace: str | Unset = UNSET,
    ) -> Iterator[m.ModelEvaluationOutput]:
        """Evaluations of models, newest first; and asking for one."""
        return self.pages(
            "GET",
            self.path("/api/v1/model-evaluations", {}),
            query={"dataset": dataset, "limit": limit, "model": model, "workspace": workspace},
            answer=m.ModelEvaluationOutput,
        )

    def evaluation_read(self, evaluation_id: UUID) -> m.ModelEvaluationDetailOutput:
        """One evaluation with its report."""
        return self.call(
            "GET",
            self.path("/api/v1/model-evaluations/{evaluation_id!s}", {"evaluation_id": evaluation_id}),
            answer=m.ModelEvaluationDetailOutput,
        )

    def job_clone(
        self, training_id: UUID, *, changes: Any | Unset = UNSET, idempotency_key: str | None = None
    ) -> m.TrainingDetailOutput:
        """The same again, with the same code and packages, and what is changed."""
        return self.call(
            "POST",
            self.path("/api/v1/training-jobs/{training_id!s}/clones", {"training_id": training_id}),
            body={"changes": changes},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.TrainingDetailOutput,
        )

    def job_list(
        self,
        *,
        experiment: str | Unset = UNSET,
        limit: int | Unset = UNSET,
        state: Literal["queued", "running", "done", "failed", "cancelled"] | Unset = UNSET,
        workspace: str | Unset = UNSET,
    ) -> Iterator[m.TrainingOutput]:
        """Trainings, newest first; and asking for one."""
        return self.pages(
            "GET",
            self.path("/api/v1/training-jobs", {}),
            query={"experiment": experiment, "limit": limit, "state": state, "workspace": workspace},
            answer=m.TrainingOutput,
        )

    def job_read(self, training_id: UUID) -> m.TrainingDetailOutput:
        """One training with its specification and what was seen while it ran."""
        return self.call(
            "GET",
            self.path("/api/v1/training-jobs/{training_id!s}", {"training_id": training_id}),
            answer=m.TrainingDetailOutput,
        )

    def job_submit(
        self, *, workspace: str, spec: Any, idempotency_key: str | None = None
    ) -> m.TrainingDetailOutput:
        """Trainings, newest first; and asking for one."""
        return self.call(
            "POST",
            self.path("/api/v1/training-jobs", {}),
            body={"workspace": workspace, "spec": spec},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.TrainingDetailOutput,
        )

    def pipeline_cancel(
        self, run_id: UUID, *, reason: str | Unset = UNSET, idempotency_key: str | None = None
    ) -> m.PipelineRunDetailOutput:
        """Begin no more steps and cancel those that run."""
        return self.call(
            "POST",
            self.path("/api/v1/pipeline-runs/{run_id!s}/cancel", {"run_id": run_id}),
            body={"reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.PipelineRunDetailOutput,
        )

    def pipeline_list(
        self, *, limit: int | Unset = UNSET, workspace: str | Unset = UNSET
    ) -> Iterator[m.PipelineOutput]:
        """Pipelines, newest first; and saving a version of one."""
        return self.pages(
            "GET",
            self.path("/api/v1/pipelines", {}),
            query={"limit": limit, "workspace": workspace},
            answer=m.PipelineOutput,
        )

    def pipeline_read(self, pipeline_id: UUID) -> m.PipelineVersionOutput:
        """The newest version of a pipeline."""
        return self.call(
            "GET",
            self.path("/api/v1/pipelines/{pipeline_id!s}", {"pipeline_id": pipeline_id}),
            answer=m.PipelineVersionOutput,
        )

    def pipeline_resume(
        self, run_id: UUID, *, reason: str | Unset = UNSET, idempotency_key: str | None = None
    ) -> m.PipelineRunDetailOutput:
        """Go on where a run failed or was cancelled."""
        return self.call(
            "POST",
            self.path("/api/v1/pipeline-runs/{run_id!s}/resume", {"run_id": run_id}),
            body={"reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.PipelineRunDetailOutput,
        )

    def pipeline_run(
        self,
        pipeline_id: UUID,
        *,
        parameters: Any | Unset = UNSET,
        version: int | Unset = UNSET,
        is_cached: bool | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.PipelineRunDetailOutput:
        """The runs of a pipeline, newest first; and starting one."""
        return self.call(
            "POST",
            self.path("/api/v1/pipelines/{pipeline_id!s}/runs", {"pipeline_id": pipeline_id}),
            body={"parameters": parameters, "version": version, "is_cached": is_cached},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.PipelineRunDetailOutput,
        )

    def pipeline_run_list(
        self,
        pipeline_id: UUID,
        *,
        limit: int | Unset = UNSET,
        state: Literal["running", "done", "failed", "cancelled"] | Unset = UNSET,
        workspace: str | Unset = UNSET,
    ) -> Iterator[m.PipelineRunOutput]:
        """The runs of a pipeline, newest first; and starting one."""
        return self.pages(
            "GET",
            self.path("/api/v1/pipelines/{pipeline_id!s}/runs", {"pipeline_id": pipeline_id}),
            query={"limit": limit, "state": state, "workspace": workspace},
            answer=m.PipelineRunOutput,
        )

    def pipeline_run_list_all(
        self,
        *,
        limit: int | Unset = UNSET,
        state: Literal["running", "done", "failed", "cancelled"] | Unset = UNSET,
        workspace: str | Unset = UNSET,
    ) -> Iterator[m.AnyPipelineRunOutput]:
        """The runs of all pipelines, newest first."""
        return self.pages(
            "GET",
            self.path("/api/v1/pipeline-runs", {}),
            query={"limit": limit, "state": state, "workspace": workspace},
            answer=m.AnyPipelineRunOutput,
        )

    def pipeline_run_read(self, run_id: UUID) -> m.PipelineRunDetailOutput:
        """One run with its steps."""
        return self.call(
            "GET",
            self.path("/api/v1/pipeline-runs/{run_id!s}", {"run_id": run_id}),
            answer=m.PipelineRunDetailOutput,
        )

    def pipeline_save(
        self, *, workspace: str, name: str, document: Any, idempotency_key: str | None = None
    ) -> m.PipelineVersionOutput:
        """Pipelines, newest first; and saving a version of one."""
        return self.call(
            "POST",
            self.path("/api/v1/pipelines", {}),
            body={"workspace": workspace, "name": name, "document": document},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.PipelineVersionOutput,
        )

    def pipeline_schema_read(self) -> bytes:
        """The JSON schema of a pipeline."""
        return self.call("GET", self.path("/api/v1/pipeline-schema", {}), answer=bytes)

    def reproduction_begin(
        self,
        model: str,
        number: int,
        workspace: str,
        *,
        tolerance: dict[str, float] | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.ReproductionOutput:
        """The reproductions of a version, newest first; and asking for one."""
        return self.call(
            "POST",
            self.path(
                "/api/v1/workspaces/{workspace!s}/registered-models/{model!s}/versions/{number!s}/reproductions",
                {"model": model, "number": number, "workspace": workspace},
            ),
            body={"tolerance": tolerance},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.ReproductionOutput,
        )

    def reproduction_download(self, reproduction_id: UUID) -> m.EnvelopeOutput:
        """The signed certificate, a DSSE envelope that `compliance/verify_certificate.py` checks offline."""
        return self.call(
            "GET",
            self.path(
                "/api/v1/reproductions/{reproduction_id!s}/certificate", {"reproduction_id": reproduction_id}
            ),
            answer=m.EnvelopeOutput,
        )

    def reproduction_list(
        self, model: str, number: int, workspace: str, *, limit: int | Unset = UNSET
    ) -> Iterator[m.ReproductionOutput]:
        """The reproductions of a version, newest first; and asking for one."""
        return self.pages(
            "GET",
            self.path(
                "/api/v1/workspaces/{workspace!s}/registered-models/{model!s}/versions/{number!s}/reproductions",
                {"model": model, "number": number, "workspace": workspace},
            ),
            query={"limit": limit},
            answer=m.ReproductionOutput,
        )

    def reproduction_read(self, reproduction_id: UUID) -> m.ReproductionOutput:
        """One reproduction with what was measured."""
        return self.call(
            "GET",
            self.path("/api/v1/reproductions/{reproduction_id!s}", {"reproduction_id": reproduction_id}),
            answer=m.ReproductionOutput,
        )

    def schedule_create(
        self,
        pipeline_id: UUID,
        *,
        cron: str,
        version: int | Unset = UNSET,
        time_zone: str | Unset = UNSET,
        parameters: Any | Unset = UNSET,
        missed: Literal["skip", "once"] | Unset = UNSET,
        overlaps: bool | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.ScheduleOutput:
        """The schedules of a pipeline; and making one."""
        return self.call(
            "POST",
            self.path("/api/v1/pipelines/{pipeline_id!s}/schedules", {"pipeline_id": pipeline_id}),
            body={
                "version": version,
                "cron": cron,
                "time_zone": time_zone,
                "parameters": parameters,
                "missed": missed,
                "overlaps": overlaps,
            },
            headers={"Idempotency-Key": idempotency_key},
            answer=m.ScheduleOutput,
        )

    def schedule_delete(self, schedule_id: UUID) -> None:
        """One schedule: look, pause or let it go on, delete."""
        self.call(
            "DELETE",
            self.path("/api/v1/pipeline-schedules/{schedule_id!s}", {"schedule_id": schedule_id}),
            answer=type(None),
        )

    def schedule_list(self, pipeline_id: UUID, *, limit: int | Unset = UNSET) -> Iterator[m.ScheduleOutput]:
        """The schedules of a pipeline; and making one."""
        return self.pages(
            "GET",
            self.path("/api/v1/pipelines/{pipeline_id!s}/schedules", {"pipeline_id": pipeline_id}),
            query={"limit": limit},
            answer=m.ScheduleOutput,
        )

    def schedule_pause(
        self, schedule_id: UUID, *, is_paused: bool | Unset = UNSET, if_match: str | None = None
    ) -> m.ScheduleOutput:
        """One schedule: look, pause or let it go on, delete."""
        return self.call(
            "PATCH",
            self.path("/api/v1/pipeline-schedules/{schedule_id!s}", {"schedule_id": schedule_id}),
            body={"is_paused": is_paused},
            headers={"If-Match": if_match},
            answer=m.ScheduleOutput,
        )

    def schedule_read(self, schedule_id: UUID) -> m.ScheduleOutput:
        """One schedule: look, pause or let it go on, delete."""
        return self.call(
            "GET",
            self.path("/api/v1/pipeline-schedules/{schedule_id!s}", {"schedule_id": schedule_id}),
            answer=m.ScheduleOutput,
        )

    def schema_read(self) -> bytes:
        """The JSON schema of a specification."""
        return self.call("GET", self.path("/api/v1/training-schema", {}), answer=bytes)

    def sweep_describe(self) -> bytes:
        """The JSON schema of the specification of a sweep."""
        return self.call("GET", self.path("/api/v1/sweep-schema", {}), answer=bytes)

    def sweep_list(
        self,
        *,
        limit: int | Unset = UNSET,
        state: Literal["running", "ending", "done", "stopped", "failed"] | Unset = UNSET,
        workspace: str | Unset = UNSET,
    ) -> Iterator[m.SweepOutput]:
        """Sweeps, newest first; and beginning one."""
        return self.pages(
            "GET",
            self.path("/api/v1/sweeps", {}),
            query={"limit": limit, "state": state, "workspace": workspace},
            answer=m.SweepOutput,
        )

    def sweep_read(self, sweep_id: UUID) -> m.SweepDetailOutput:
        """One sweep with its specification, its best trial, and what it cost until now."""
        return self.call(
            "GET",
            self.path("/api/v1/sweeps/{sweep_id!s}", {"sweep_id": sweep_id}),
            answer=m.SweepDetailOutput,
        )

    def sweep_register(
        self, sweep_id: UUID, *, model: str, trial: int | Unset = UNSET, idempotency_key: str | None = None
    ) -> m.VersionOutput:
        """Makes a version of a model from what the best trial logged, or another one."""
        return self.call(
            "POST",
            self.path("/api/v1/sweeps/{sweep_id!s}/registrations", {"sweep_id": sweep_id}),
            body={"model": model, "trial": trial},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.VersionOutput,
        )

    def sweep_start(
        self, *, workspace: str, spec: Any, idempotency_key: str | None = None
    ) -> m.SweepDetailOutput:
        """Sweeps, newest first; and beginning one."""
        return self.call(
            "POST",
            self.path("/api/v1/sweeps", {}),
            body={"workspace": workspace, "spec": spec},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.SweepDetailOutput,
        )

    def sweep_stop(
        self, sweep_id: UUID, *, reason: str | Unset = UNSET, idempotency_key: str | None = None
    ) -> m.SweepDetailOutput:
        """Asks for no more trials and cancels those that run."""
        return self.call(
            "POST",
            self.path("/api/v1/sweeps/{sweep_id!s}/stops", {"sweep_id": sweep_id}),
            body={"reason": reason},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.SweepDetailOutput,
        )

    def trial_list(self, sweep_id: UUID, *, limit: int | Unset = UNSET) -> Iterator[m.SweepTrialOutput]:
        """The trials of a sweep, newest first."""
        return self.pages(
            "GET",
            self.path("/api/v1/sweeps/{sweep_id!s}/trials", {"sweep_id": sweep_id}),
            query={"limit": limit},
            answer=m.SweepTrialOutput,
        )

    def trigger_create(
        self,
        pipeline_id: UUID,
        *,
        kind: Literal["dataset", "alias", "alert"],
        subject: str,
        version: int | Unset = UNSET,
        parameters: Any | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.TriggerOutput:
        """The triggers of a pipeline; and making one."""
        return self.call(
            "POST",
            self.path("/api/v1/pipelines/{pipeline_id!s}/triggers", {"pipeline_id": pipeline_id}),
            body={"version": version, "kind": kind, "subject": subject, "parameters": parameters},
            headers={"Idempotency-Key": idempotency_key},
            answer=m.TriggerOutput,
        )

    def trigger_delete(self, trigger_id: UUID) -> None:
        """One trigger: look, pause or let it listen again, delete."""
        self.call(
            "DELETE",
            self.path("/api/v1/pipeline-triggers/{trigger_id!s}", {"trigger_id": trigger_id}),
            answer=type(None),
        )

    def trigger_list(self, pipeline_id: UUID, *, limit: int | Unset = UNSET) -> Iterator[m.TriggerOutput]:
        """The triggers of a pipeline; and making one."""
        return self.pages(
            "GET",
            self.path("/api/v1/pipelines/{pipeline_id!s}/triggers", {"pipeline_id": pipeline_id}),
            query={"limit": limit},
            answer=m.TriggerOutput,
        )

    def trigger_pause(
        self, trigger_id: UUID, *, is_paused: bool | Unset = UNSET, if_match: str | None = None
    ) -> m.TriggerOutput:
        """One trigger: look, pause or let it listen again, delete."""
        return self.call(
            "PATCH",
            self.path("/api/v1/pipeline-triggers/{trigger_id!s}", {"trigger_id": trigger_id}),
            body={"is_paused": is_paused},
            headers={"If-Match": if_match},
            answer=m.TriggerOutput,
        )

    def trigger_read(self, trigger_id: UUID) -> m.TriggerOutput:
        """One trigger: look, pause or let it listen again, delete."""
        return self.call(
            "GET",
            self.path("/api/v1/pipeline-triggers/{trigger_id!s}", {"trigger_id": trigger_id}),
            answer=m.TriggerOutput,
        )


class Transfer(Calls):
    """What begins with `transfer.`"""

    def import_list(self, workspace: str, *, limit: int | Unset = UNSET) -> Iterator[m.ImportOutput]:
        """The imports of a workspace, newest first; and asking for one from a tracking server."""
        return self.pages(
            "GET",
            self.path("/api/v1/workspaces/{workspace!s}/imports", {"workspace": workspace}),
            query={"limit": limit},
            answer=m.ImportOutput,
        )

    def import_read(self, import_id: UUID) -> m.ImportOutput:
        """One import with its report."""
        return self.call(
            "GET", self.path("/api/v1/imports/{import_id!s}", {"import_id": import_id}), answer=m.ImportOutput
        )

    def import_request(
        self,
        workspace: str,
        *,
        uri: str,
        experiment: str | Unset = UNSET,
        username: str | Unset = UNSET,
        secret: str | Unset = UNSET,
        merge: bool | Unset = UNSET,
        with_files: bool | Unset = UNSET,
        with_registry: bool | Unset = UNSET,
        idempotency_key: str | None = None,
    ) -> m.ImportOutput:
        """The imports of a workspace, newest first; and asking for one from a tracking server."""
        return self.call(
            "POST",
            self.path("/api/v1/workspaces/{workspace!s}/imports", {"workspace": workspace}),
            body={
                "uri": uri,
                "experiment": experiment,
                "username": username,
                "secret": secret,
                "merge": merge,
                "with_files": with_files,
                "with_registry": with_registry,
            },
            headers={"Idempotency-Key": idempotency_key},
            answer=m.ImportOutput,
        )

    def import_upload(
        self,
        workspace: str,
        *,
        kind: Literal["tensorboard", "wandb", "mlruns"],
        archive: bytes,
        experiment: str | Unset = UNSET,
        origin: str | Unset = UNSET,
        merge: bool | Unset = UNSET,
        with_files: bool | Unset = UNSET,
        idempotency_key: str | None = None,
        files: Files = (),
    ) -> m.ImportOutput:
        """Asking for an import from an uploaded archive."""
        return self.call(
            "POST",
            self.path("/api/v1/workspaces/{workspace!s}/import-archives", {"workspace": workspace}),
            body={
                "kind": kind,
                "experiment": experiment,
                "origin": origin,
                "merge": merge,
                "with_files": with_files,
                "archive": archive,
            },
            headers={"Idempotency-Key": idempotency_key},
            files=files,
            answer=m.ImportOutput,
        )


class Operations:
    """The groups of operations."""

    def __init__(self, calls: Calls) -> None:
        self.accounts = Accounts(calls.http)
        self.audit = Audit(calls.http)
        self.compliance = Compliance(calls.http)
        self.deployments = Deployments(calls.http)
        self.experiments = Experiments(calls.http)
        self.jobs = Jobs(calls.http)
        self.monitoring = Monitoring(calls.http)
        self.registry = Registry(calls.http)
        self.training = Training(calls.http)
        self.transfer = Transfer(calls.http)
