"""Which records the console lists, by which columns they are found, and which fields a single one shows.

Fields are named one by one: what is not named is not shown, so that a new secret column stays hidden by itself.
"""

from typing import Any, cast

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from compliance import models as compliance
from experiments import models as experiments
from jobs.models import JobRun
from portal.accounts import models as accounts
from portal.answers import PageRequest
from portal.audit.models import AuditCheckpoint, AuditEvent, AuditTrouble, AuditWitness
from portal.console.readonly import ReadOnlyAdmin
from portal.console.reads import noted
from portal.console.site import console_site
from registry import models as registry


class EventAdmin(ReadOnlyAdmin):
    """Events have pages of their own, which page by key and show proofs."""

    scope = "workspace_id"
    list_display = ("id",)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("console-audit")

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("console-event", uuid=cast(AuditEvent, self._row(request, object_id)).uuid)


class RequestAdmin(ReadOnlyAdmin):
    """A request is read in its dossier."""

    list_display = (
        "target_label",
        "subject_label",
        "act",
        "state",
        "risk_tier",
        "requested_by",
        "workspace",
        "created_at",
    )
    list_filter = ("state", "risk_tier", "act", "is_break_glass")
    search_fields = ("target_label", "subject_label", "subject_digest", "requested_by__username")

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("console-dossier", key=self._row(request, object_id).pk)


class EvidenceAdmin(ReadOnlyAdmin):
    """Evidence with what it found; looking into the body is noted of auditors."""

    list_display = ("kind", "subject_label", "outcome", "source", "digest", "workspace", "recorded_at")
    list_filter = ("kind", "outcome", "workspace")
    search_fields = ("subject_label", "subject_digest", "digest", "source")
    shown = (
        "kind", "subject_label", "subject_digest", "outcome", "summary", "body", "digest", "source", "actor",
        "recorded_at", "expires_at", "workspace",
    )  # fmt: skip

    def looked_at(self, request: HttpRequest, row: Model) -> None:
        noted(cast(PageRequest, request).actor, "console.evidence.read", row)


def _listed(
    columns: str,
    *,
    more: str = "",
    filters: str = "",
    search: str = "",
    scope: str | None = "workspace",
    order: str = "-pk",
) -> type[ReadOnlyAdmin]:
    """A read-only list with these columns; the single record shows them and `more`."""
    shown = tuple(columns.split())
    return type(
        "ListedAdmin",
        (ReadOnlyAdmin,),
        {
            "list_display": shown, "shown": shown + tuple(more.split()), "list_filter": tuple(filters.split()),
            "search_fields": tuple(search.split()), "scope": scope, "ordering": (order,),
            "list_select_related": True, "__module__": __name__,
        },
    )  # fmt: skip


_SUBJECT = "subject_label workspace"
console_site.register_all({
    AuditEvent: EventAdmin,
    AuditCheckpoint: _listed("size created_at", more="note", scope=None),
    AuditWitness: _listed("name size delivered_at problem problem_since", scope=None),
    AuditTrouble: _listed("key since said opened_at closed_at closure", scope=None),
    accounts.User: _listed(
        "username name is_active is_service_account is_operator is_auditor last_login date_joined", more="email",
        filters="is_active is_service_account is_operator is_auditor", search="username name", scope=None,
    ),
    accounts.Workspace: _listed("name description created_at", search="name description", scope="pk", order="name"),
    accounts.Membership: _listed(
        "user role workspace created_at", filters="role workspace", search="user__username workspace__name"
    ),
    accounts.AuditorGrant: _listed(
        "user workspace starts_at ends_at granted_by granted_at revoked_at", more="reason revoked_by",
        search="user__username reason",
    ),
    accounts.ApiToken: _listed(
        "name prefix user scope created_at expires_at last_used_at revoked_at", more="workspace_names", filters="scope",
        search="name prefix user__username", scope=None,
    ),
    compliance.Policy: _listed("name workspace current created_by created_at", search="name", scope="workspace"),
    compliance.PolicyVersion: _listed(
        "policy number state proposed_by proposed_at decided_by decided_at", more="reason digest source workspace",
        filters="state", search="policy__name digest",
    ),
    compliance.GateEvaluation: _listed(
        "act subject_label passed actor evaluated_at workspace",
        more="facts_digest checks approvals_needed waivers facts policy_versions", filters="passed act",
        search="subject_label facts_digest",
    ),
    compliance.Evidence: EvidenceAdmin,
    compliance.ApprovalRequest: RequestAdmin,
    compliance.Decision: _listed(
        "request person verdict role on_behalf_of decided_at workspace",
        more="round reason subject_digest evidence_digest reauthenticated_at", filters="verdict role",
        search="person__username request__target_label",
    ),
    compliance.Approval: _listed(
        "request state effective_at used_at expires_at ended_at confirm_by workspace",
        more="act subject_digest evidence_digest confirmed_by confirmed_at end_reason", filters="state act",
        search="request__target_label request__subject_label subject_digest",
    ),
    compliance.Delegation: _listed(
        "from_user to_user role starts_at ends_at revoked_at workspace", more="reason", filters="role",
        search="from_user__username to_user__username",
    ),
    compliance.Waiver: _listed(
        "policy_name rule subject_label state requested_by decided_by expires_at workspace",
        more="reason compensating_control requested_at decided_at ended_at subject_digest", filters="state",
        search="policy_name rule subject_label",
    ),
    compliance.Finding: _listed(
        f"title severity is_open owner due_at source {_SUBJECT}",
        more="description opened_by opened_at closed_by closed_at closure", filters="is_open severity",
        search="title subject_label",
    ),
    compliance.Recertification: _listed(
        f"{_SUBJECT} trigger due_at outcome completed_by completed_at", more="approval detail statement created_at",
        filters="outcome trigger", search="subject_label",
    ),
    compliance.AISystem: _listed(
        "name owner role risk_tier workspace retired_at",
        more="intended_purpose description risk_rationale details created_by created_at updated_at",
        filters="risk_tier role", search="name intended_purpose",
    ),
    compliance.LegalHold: _listed(
        f"{_SUBJECT} placed_by placed_at released_by released_at", more="subject_type reason",
        search="subject_label reason",
    ),
    compliance.AccessReview: _listed(
        "workspace started_by started_at completed_by completed_at", more="statement entries"
    ),
    compliance.Notice: _listed("topic title workspace created_at", more="url data", filters="topic", search="title"),
    compliance.Webhook: _listed(
        # Not the address: those of some receivers are secrets.
        "name status style workspace created_by", more="description events topics deleted_at", filters="status style",
        search="name",
    ),
    registry.RegisteredModel: _listed(
        "name workspace last_version is_prompt created_by deleted_at", more="description", search="name"
    ),
    registry.ModelVersion: _listed(
        "model version status current_stage digest user_name ready_at workspace",
        more="description source run logged_model copied_from status_message deleted_at",
        filters="status current_stage", search="model__name digest user_name",
    ),
    registry.Assignment: _listed(
        "model kind name version valid_from valid_to moved_by_name approval workspace", more="reason ended_by",
        filters="kind", search="model__name name moved_by_name",
    ),
    registry.ModelCard: _listed(
        "version number created_by created_at digest workspace", more="reason content", search="version__model__name"
    ),
    experiments.Experiment: _listed("name workspace lifecycle_stage", more="artifact_location", search="name"),
    experiments.Run: _listed(
        "name experiment status user_name workspace lifecycle_stage", more="created_by artifact_uri", filters="status",
        search="name",
    ),
    experiments.Dataset: _listed("name digest source_type experiment workspace", more="source", search="name digest"),
    experiments.LoggedModel: _listed(
        "name id status experiment workspace digest", more="model_type source_run created_by", filters="status",
        search="name digest",
    ),
    JobRun: _listed(
        "kind state workspace attempt actor_name created_at finished_at", more="key args reason result request_id",
        filters="state kind", search="kind key",
    ),
})  # fmt: skip


def record_address(kind: str, key: str) -> str:
    """The console's page of a record that is known by type and id; empty where there is none."""
    for model in console_site._registry:
        if model._meta.model_name == kind and model is not AuditEvent:
            return reverse(f"console:{model._meta.app_label}_{kind}_change", args=[key]) if key else ""
    return ""
