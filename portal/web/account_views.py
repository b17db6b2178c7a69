"""Tokens of the reader, and who belongs to a workspace."""

from collections.abc import Callable
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal import access
from portal.accounts.models import User, Workspace
from portal.accounts.selectors import workspaces_visible
from portal.accounts.services.memberships import membership_add, membership_remove
from portal.accounts.services.tokens import token_issue, token_revoke
from portal.answers import PageRequest, act
from portal.kernel.errors import DomainError, InvalidInput, NotFound
from portal.routing import page
from portal.web.forms import MemberForm, TokenForm
from portal.web.selectors import own_tokens, token_state, workspace_members
from portal.web.snippets import client_snippet


@page("accounts.token.list")
@require_GET
def tokens(request: PageRequest) -> HttpResponse:
    """The reader's tokens."""
    rows = [(token, token_state(token)) for token in own_tokens(request.actor)]
    return render(request, "accounts/tokens.html", {"rows": rows})


@page("accounts.token.issue")
@require_http_methods(["GET", "POST"])
def token_new(request: PageRequest) -> HttpResponse:
    """The form for a token; the secret is in the answer to it and nowhere else."""
    form = TokenForm(request.POST or None, actor=request.actor)
    if form.is_valid():
        try:
            issued = token_issue(
                actor=request.actor, user=User.objects.get(username=request.actor.name), **form.cleaned_data
            )
        except DomainError as no:
            form.add_error(None, no.detail)
        else:
            reached = form.cleaned_data["workspaces"] or workspaces_visible(request.actor)
            context = {"issued": issued, "snippet": client_snippet(issued.secret, list(reached[:2]))}
            return render(request, "accounts/token_issued.html", context)
    return render(request, "accounts/token_new.html", {"form": form})


@page("accounts.token.revoke")
@require_POST
def token_end(request: PageRequest, token_id: UUID) -> HttpResponse:
    """Revoke a token."""
    token = own_tokens(request.actor).filter(pk=token_id).first()
    if token is None:
        raise NotFound("No such token, or you may not see it.")
    said = f"The token {token.name} is revoked. What used it is refused from now on."
    return act(request, lambda: token_revoke(actor=request.actor, token=token), said=said, then="tokens")


@page("accounts.workspace.list")
@require_GET
def workspaces(request: PageRequest) -> HttpResponse:
    """The workspaces of the reader, with their roles there."""
    roles = request.actor.roles
    rows = [(each, sorted(roles.get(each.pk, ()))) for each in workspaces_visible(request.actor)]
    return render(request, "accounts/workspaces.html", {"rows": rows})


@page("accounts.membership.list")
@require_GET
def members(request: PageRequest, name: str) -> HttpResponse:
    """Who belongs to a workspace."""
    workspace = _workspace(request, name)
    context = {
        "workspace": workspace, "memberships": workspace_members(workspace), "form": MemberForm(),
        "may_change": access.allows(request.actor, "accounts.membership.add", workspace),
    }  # fmt: skip
    return render(request, "accounts/members.html", context)


@page("accounts.membership.add")
@require_POST
def member_add(request: PageRequest, name: str) -> HttpResponse:
    """Give a user a role."""
    return _member_act(request, name, membership_add, "{user} is {role} now.")


@page("accounts.membership.remove")
@require_POST
def member_remove(request: PageRequest, name: str) -> HttpResponse:
    """Take a role from a user."""
    return _member_act(request, name, membership_remove, "{user} is no {role} any more.")


def _member_act(request: PageRequest, name: str, operation: Callable[..., object], said: str) -> HttpResponse:
    workspace, form = _workspace(request, name), MemberForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("Name a user and one of the roles.")
    wanted, role = form.cleaned_data["user"], form.cleaned_data["role"]

    def change() -> None:
        operation(actor=request.actor, workspace=workspace, user=_user(request, workspace, wanted), role=role)

    return act(
        request,
        change,
        said=said.format(user=wanted, role=role),
        then=reverse("members", args=[workspace.name]),
    )


def _workspace(request: PageRequest, name: str) -> Workspace:
    found = workspaces_visible(request.actor).filter(name=name).first()
    if found is None:
        raise NotFound("No such workspace, or you may not see it.")
    return found


def _user(request: PageRequest, workspace: Workspace, wanted: str) -> User:
    """The user of that name or address.

    Who may not add members does not learn here who exists: the operation refuses their stand-in, and records it.
    """
    if not access.allows(request.actor, "accounts.membership.add", workspace):
        return User(username=wanted)
    found = User.objects.filter(Q(username__iexact=wanted) | Q(email__iexact=wanted)).first()
    if found is None:
        raise InvalidInput(f"There is no user {wanted}. An operator makes accounts.")
    return found
