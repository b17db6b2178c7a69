"""Routes of compliance's pages."""

from django.urls import path

from compliance.web import decision_views, finding_views, people_views, policy_views, request_views
from compliance.web.keys import KEY

urlpatterns = [
    path("approvals", request_views.requests, name="requests"),
    path(f"approvals/{KEY}", request_views.approval_request, name="request"),
    path(f"approvals/{KEY}/decisions", decision_views.decide, name="request-decide"),
    path(f"approvals/{KEY}/submit", decision_views.request_submit, name="request-submit"),
    path(f"approvals/{KEY}/withdraw", decision_views.request_withdraw, name="request-withdraw"),
    path("waivers", people_views.waivers, name="waivers"),
    path(f"waivers/{KEY}", people_views.waiver, name="waiver"),
    path("delegations", people_views.delegations, name="delegations"),
    path("policies", policy_views.policies, name="policies"),
    path(f"policies/{KEY}", policy_views.policy, name="policy"),
    path(f"policies/{KEY}/versions/<int:number>", policy_views.policy, name="policy-version"),
    path("findings", finding_views.findings, name="findings"),
    path(f"findings/{KEY}", finding_views.finding, name="finding"),
]
