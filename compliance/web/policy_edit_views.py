"""Policies as people change them: proposed by one, published or rejected by another."""

import inspect
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from compliance.models import Policy, PolicyVersion
from compliance.policies import facts
from compliance.selectors.web_follow_up import policy_shown, policy_version_shown
from compliance.services.policies import (
    policy_propose,
    policy_publish,
    policy_reject,
    policy_retire,
    publish_purpose,
)
from compliance.web.forms import NewPolicyForm, PolicyForm, ProvenForm, ReasonForm
from compliance.web.input import cleaned
from portal import access
from portal.accounts.models import Workspace
from portal.accounts.selectors import workspaces_visible
from portal.accounts.signin.proof import prove
from portal.answers import PageRequest, act
from portal.kernel.errors import DomainError
from portal.kernel.mlflow_errors import status_of
from portal.routing import page

PROPOSE = "compliance.policy.propose"
EVERYWHERE = "*"
LINES_AROUND = 2
_EXAMPLE = """name: champion-needs-two
description: What may be called champion.
applies_to:
  acts: [registry.alias.move]
  aliases: [champion]
rules:
  - id: scan-clean
    title: The files were scanned and nothing was found
    require: facts.evidence.artifact_scan.outcome == "pass"
approvals:
  - {role: approver, quorum: 1, quorum_by_tier: {high: 2}}
request_expires_after: 7d
approval_valid_for: 48h
break_glass: {allowed: true, hours: 8}
"""


@page(PROPOSE)
@require_http_methods(["GET", "POST"])
def policy_new(request: PageRequest) -> HttpResponse:
    """Propose a policy of a workspace, or one for all of them."""
    places = _places(request)
    form = NewPolicyForm(request.POST or None, places=places, initial={"source": _EXAMPLE})
    if not form.is_valid():
        return _page(request, form)
    said = form.cleaned_data
    workspace = None if said["workspace"] == EVERYWHERE else Workspace.objects.get(name=said["workspace"])
    return _propose(request, form, workspace)


@page(PROPOSE)
@require_http_methods(["GET", "POST"])
def policy_change(request: PageRequest, key: UUID) -> HttpResponse:
    """Propose a new version of a policy."""
    found = policy_shown(request.actor, key)
    newest = found.current or found.versions.order_by("-number").first()
    form = PolicyForm(request.POST or None, initial={"source": newest.source if newest else _EXAMPLE})
    return _propose(request, form, found.workspace, found) if form.is_valid() else _page(request, form, found)


@page("compliance.policy.retire")
@require_POST
def policy_leave(request: PageRequest, key: UUID) -> HttpResponse:
    """Propose that a policy ends."""
    found, reason = policy_shown(request.actor, key), cleaned(ReasonForm(request.POST))["reason"]
    change = lambda: policy_retire(actor=request.actor, policy=found, reason=reason)  # noqa: E731
    return act(
        request, change, said="Its end is proposed. A second person publishes it.", then=_address(found)
    )


@page("compliance.policy.publish")
@require_POST
def policy_accept(request: PageRequest, key: UUID, number: int) -> HttpResponse:
    """Put a proposed version in force, as a second person."""
    found, said = _version(request, key, number), cleaned(ProvenForm(request.POST))

    def change() -> None:
        proof = prove(request, said["secret"], purpose=publish_purpose(found))
        policy_publish(actor=request.actor, version=found, proof=proof, reason=said["reason"])

    return act(request, change, said=f"{found} is published.", then=_address(found.policy))


@page("compliance.policy.reject")
@require_POST
def policy_decline(request: PageRequest, key: UUID, number: int) -> HttpResponse:
    """Turn a proposed version down."""
    found, reason = _version(request, key, number), cleaned(ReasonForm(request.POST))["reason"]
    change = lambda: policy_reject(actor=request.actor, version=found, reason=reason)  # noqa: E731
    then = reverse("policy-version", args=[key, number])
    return act(request, change, said=f"{found} is rejected.", then=then)


def _propose(
    request: PageRequest, form: PolicyForm, workspace: Workspace | None, policy: Policy | None = None
) -> HttpResponse:
    """Propose; what is wrong is shown with its line, beside the text as it was typed."""
    said = form.cleaned_data
    source = said["source"].replace("\r\n", "\n")
    try:
        made = policy_propose(actor=request.actor, workspace=workspace, source=source, reason=said["reason"])
    except DomainError as no:
        pointer = _around(source, no.extra.get("line"))
        return _page(request, form, policy, refusal=no.detail, pointer=pointer, status=status_of(no))
    messages.success(request, f"{made} is proposed. A second person publishes or rejects it.")
    return redirect("policy-version", made.policy_id, made.number)


def _page(
    request: PageRequest, form: PolicyForm, policy: Policy | None = None, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {"form": form, "policy": policy, "facts_help": inspect.getdoc(facts), **more}
    return render(request, "compliance/policy_edit.html", context, status=status)


def _around(source: str, line: Any) -> list[tuple[int, str, bool]]:
    """`(number, text, is it)` of a line and of those around it."""
    if not isinstance(line, int):
        return []
    lines = source.splitlines()
    first, last = max(line - LINES_AROUND, 1), min(line + LINES_AROUND, len(lines))
    return [(number, lines[number - 1][:200], number == line) for number in range(first, last + 1)]


def _places(request: PageRequest) -> list[tuple[str, str]]:
    """Where the reader may propose policies: workspaces that they maintain, and everywhere for operators."""
    actor = request.actor
    places = [
        (each.name, each.name)
        for each in workspaces_visible(actor)
        if "maintainer" in actor.roles.get(each.pk, ())
    ]
    return [*places, (EVERYWHERE, "every workspace")] if access.allows(actor, PROPOSE, None) else places


def _version(request: PageRequest, key: UUID, number: int) -> PolicyVersion:
    return policy_version_shown(policy_shown(request.actor, key), number)


def _address(policy: Policy) -> str:
    return reverse("policy", args=[policy.pk])
