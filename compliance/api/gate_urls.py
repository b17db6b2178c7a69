"""The addresses of policies, requests, decisions, approvals, delegations, waivers and evaluations below /api/v1/."""

from django.urls import path

from compliance.api import gate_views, policy_views

urlpatterns = [
    path("policy-schema", policy_views.PolicySchema.as_view(), name="api-policy-schema"),
    path("policies", policy_views.PolicyList.as_view(), name="api-policies"),
    path("policies/<uuid:policy_id>", policy_views.PolicyOne.as_view(), name="api-policy"),
    path("policies/<uuid:policy_id>/versions", policy_views.PolicyVersionList.as_view(), name="api-policy-versions"),
    path(
        "policies/<uuid:policy_id>/retirements", policy_views.PolicyRetirements.as_view(), name="api-policy-retirements"
    ),
    path("policy-versions/<uuid:version_id>", policy_views.PolicyVersionOne.as_view(), name="api-policy-version"),
    path(
        "policy-versions/<uuid:version_id>/publications", policy_views.PolicyPublications.as_view(),
        name="api-policy-publications",
    ),
    path(
        "policy-versions/<uuid:version_id>/rejections", policy_views.PolicyRejections.as_view(),
        name="api-policy-rejections",
    ),
    path("approval-requests", gate_views.RequestList.as_view(), name="api-requests"),
    path("approval-requests/<uuid:request_id>", gate_views.RequestOne.as_view(), name="api-request"),
    path(
        "approval-requests/<uuid:request_id>/submissions", gate_views.RequestSubmissions.as_view(),
        name="api-request-submissions",
    ),
    path(
        "approval-requests/<uuid:request_id>/withdrawals", gate_views.RequestWithdrawals.as_view(),
        name="api-request-withdrawals",
    ),
    path("approval-requests/<uuid:request_id>/decisions", gate_views.DecisionList.as_view(), name="api-decisions"),
    path("approvals", gate_views.ApprovalList.as_view(), name="api-approvals"),
    path("approvals/<uuid:approval_id>", gate_views.ApprovalOne.as_view(), name="api-approval"),
    path(
        "approvals/<uuid:approval_id>/revocations", gate_views.ApprovalRevocations.as_view(),
        name="api-approval-revocations",
    ),
    path(
        "approvals/<uuid:approval_id>/confirmations", gate_views.ApprovalConfirmations.as_view(),
        name="api-approval-confirmations",
    ),
    path("break-glass", gate_views.BreakGlass.as_view(), name="api-break-glass"),
    path("delegations", policy_views.DelegationList.as_view(), name="api-delegations"),
    path(
        "delegations/<uuid:delegation_id>/revocations", policy_views.DelegationRevocations.as_view(),
        name="api-delegation-revocations",
    ),
    path("waivers", policy_views.WaiverList.as_view(), name="api-waivers"),
    path("waivers/<uuid:waiver_id>/decisions", policy_views.WaiverDecisions.as_view(), name="api-waiver-decisions"),
    path("waivers/<uuid:waiver_id>/endings", policy_views.WaiverEndings.as_view(), name="api-waiver-endings"),
    path("evaluations", gate_views.EvaluationList.as_view(), name="api-evaluations"),
    path("evaluations/<uuid:evaluation_id>", gate_views.EvaluationOne.as_view(), name="api-evaluation"),
    path(
        "evaluations/<uuid:evaluation_id>/replay", gate_views.EvaluationReplay.as_view(), name="api-evaluation-replay"
    ),
    path("gate-previews", gate_views.Previews.as_view(), name="api-gate-previews"),
]  # fmt: skip
