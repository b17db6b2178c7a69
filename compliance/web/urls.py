"""Routes of compliance's pages."""

from django.urls import path

from compliance.web import finding_views, policy_views, request_views
from compliance.web.keys import KEY

urlpatterns = [
    path("approvals", request_views.requests, name="requests"),
    path(f"approvals/{KEY}", request_views.approval_request, name="request"),
    path("policies", policy_views.policies, name="policies"),
    path(f"policies/{KEY}", policy_views.policy, name="policy"),
    path(f"policies/{KEY}/versions/<int:number>", policy_views.policy, name="policy-version"),
    path("findings", finding_views.findings, name="findings"),
    path(f"findings/{KEY}", finding_views.finding, name="finding"),
]
