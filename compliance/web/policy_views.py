"""Policies: the list, one policy with its versions, and one version beside the one before it."""

import difflib
from collections.abc import Iterator
from typing import cast
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from compliance.models import PolicyVersion
from compliance.selectors import web_follow_up
from portal import access
from portal.accounts.models import User
from portal.accounts.signin.proof import proof_way
from portal.answers import PageRequest
from portal.kernel.errors import NotFound
from portal.routing import page

READ = "compliance.policy.read"
CONTEXT_LINES = 3


@page(READ)
@require_GET
def policies(request: PageRequest) -> HttpResponse:
    """The policies of the portal and of the reader's workspaces."""
    may_propose = access.workspaces_allowing(request.actor, "compliance.policy.propose") != []
    context = {
        "rows": web_follow_up.policies_visible(request.actor),
        "may_propose": may_propose or request.actor.is_operator,
    }
    return render(request, "compliance/policies.html", context)


@page(READ)
@require_GET
def policy(request: PageRequest, key: UUID, number: int = 0) -> HttpResponse:
    """A version of a policy: the one in force, or the newest, unless its number is given."""
    found = web_follow_up.policy_shown(request.actor, key)
    versions = web_follow_up.policy_versions(found)
    shown = _version_of(versions, number or (found.current.number if found.current else versions[0].number))
    before = next(
        (each for each in versions if each.number < shown.number and each.state != "rejected"), None
    )
    context = {
        "policy": found, "versions": versions, "shown": shown, "before": before,
        "diff": list(_difference(before, shown)) if before else [],
        "proof_way": proof_way(cast(User, request.user)),
    }  # fmt: skip
    return render(request, "compliance/policy.html", context)


def _version_of(versions: list[PolicyVersion], number: int) -> PolicyVersion:
    for each in versions:
        if each.number == number:
            return each
    raise NotFound(f"The policy has no version {number}.")


def _difference(before: PolicyVersion, after: PolicyVersion) -> Iterator[tuple[str, str]]:
    """`(kind, line)` of a unified difference; kind is add, remove, place or same."""
    lines = difflib.unified_diff(
        before.source.splitlines(), after.source.splitlines(), lineterm="", n=CONTEXT_LINES
    )
    for line in list(lines)[2:]:
        kind = {"+": "add", "-": "remove", "@": "place"}.get(line[:1], "same")
        yield kind, line
