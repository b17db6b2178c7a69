"""Routes of compliance's pages."""

from django.urls import path

from compliance.web import (
    decision_views,
    finding_views,
    inbox_views,
    people_views,
    policy_edit_views,
    policy_views,
    recertification_views,
    request_views,
    special_views,
    webhook_views,
)
from compliance.web.keys import KEY

urlpatterns = [
    path("inbox", inbox_views.inbox_page, name="inbox"),
    path("approvals", request_views.requests, name="requests"),
    path(f"approvals/{KEY}", request_views.approval_request, name="request"),
    path(f"approvals/{KEY}/decisions", decision_views.decide, name="request-decide"),
    path(f"approvals/{KEY}/submit", decision_views.request_submit, name="request-submit"),
    path(f"approvals/{KEY}/withdraw", decision_views.request_withdraw, name="request-withdraw"),
    path(f"approvals/{KEY}/break-glass", special_views.request_break, name="request-break"),
    path(f"approvals/{KEY}/confirm", special_views.approval_second, name="approval-confirm"),
    path(f"approvals/{KEY}/revoke", special_views.approval_end, name="approval-revoke"),
    path(f"approvals/{KEY}/waivers", special_views.waiver_ask, name="waiver-ask"),
    path("waivers", people_views.waivers, name="waivers"),
    path(f"waivers/{KEY}", people_views.waiver, name="waiver"),
    path(f"waivers/{KEY}/decision", people_views.waiver_answer, name="waiver-decide"),
    path(f"waivers/{KEY}/end", people_views.waiver_close, name="waiver-end"),
    path("delegations/new", people_views.delegation_new, name="delegation-new"),
    path(f"delegations/{KEY}/end", people_views.delegation_end, name="delegation-end"),
    path("delegations", people_views.delegations, name="delegations"),
    path("recertifications", recertification_views.recertifications, name="recertifications"),
    path(f"recertifications/{KEY}", recertification_views.recertification, name="recertification"),
    path(
        f"recertifications/{KEY}/complete",
        recertification_views.recertification_end,
        name="recertification-complete",
    ),
    path("policies", policy_views.policies, name="policies"),
    path("policies/new", policy_edit_views.policy_new, name="policy-new"),
    path(f"policies/{KEY}/new-version", policy_edit_views.policy_change, name="policy-change"),
    path(f"policies/{KEY}/retire", policy_edit_views.policy_leave, name="policy-retire"),
    path(
        f"policies/{KEY}/versions/<int:number>/publish",
        policy_edit_views.policy_accept,
        name="policy-publish",
    ),
    path(
        f"policies/{KEY}/versions/<int:number>/reject", policy_edit_views.policy_decline, name="policy-reject"
    ),
    path(f"policies/{KEY}", policy_views.policy, name="policy"),
    path(f"policies/{KEY}/versions/<int:number>", policy_views.policy, name="policy-version"),
    path("webhooks", webhook_views.webhooks, name="webhooks"),
    path("webhooks/new", webhook_views.webhook_new, name="webhook-new"),
    path(f"webhooks/{KEY}", webhook_views.webhook, name="webhook"),
    path(f"webhooks/{KEY}/test", webhook_views.webhook_trial, name="webhook-test"),
    path(f"webhooks/{KEY}/switch", webhook_views.webhook_switch, name="webhook-switch"),
    path(f"webhooks/{KEY}/delete", webhook_views.webhook_end, name="webhook-delete"),
    path(f"deliveries/{KEY}/replay", webhook_views.delivery_again, name="delivery-replay"),
    path("findings", finding_views.findings, name="findings"),
    path(f"findings/{KEY}", finding_views.finding, name="finding"),
    path(f"findings/{KEY}/owner", finding_views.finding_give, name="finding-assign"),
    path(f"findings/{KEY}/due", finding_views.finding_move, name="finding-reschedule"),
    path(f"findings/{KEY}/close", finding_views.finding_end, name="finding-close"),
]
