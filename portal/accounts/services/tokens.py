"""Issuing and revoking API tokens.

Everyone issues their own. The tokens of a service account are issued by an operator, or by a maintainer as
long as the token reaches only workspaces that they maintain: otherwise a token would be a way into a
workspace of somebody else.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from portal.accounts.actor import Actor
from portal.accounts.models import ApiToken, Membership, Role, User, Workspace
from portal.accounts.tokens import secret_make
from portal.audit.record import snapshot
from portal.kernel.clock import now
from portal.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from portal.operations import Changed, effect, operation

DEFAULT_TTL_DAYS = 90
LONGEST_TTL_DAYS = 365
SCOPES = ("read", "write")


@dataclass(frozen=True)
class IssuedToken:
    """A new token with its secret, which is shown now and never again."""

    token: ApiToken
    secret: str


@operation("accounts.token.issue", on="user")
def token_issue(
    *,
    actor: Actor,
    user: User,
    name: str,
    scope: str,
    workspaces: Sequence[Workspace] = (),
    ttl_days: int = DEFAULT_TTL_DAYS,
) -> Changed[IssuedToken]:
    """Issue a token for `user`; no workspaces means all of the user's, also those to come.

    Raises PermissionDenied for another person's account, and for a token as the caller: a leaked token must
    not be able to outlive its revocation.
    """
    _may_issue_check(actor, user, {workspace.pk for workspace in workspaces})
    _values_check(user, name, scope, ttl_days)
    _workspaces_check(user, workspaces)
    secret = secret_make()
    token = ApiToken.objects.create(
        user=user, name=name, scope=scope, prefix=secret.prefix, digest=secret.digest,
        expires_at=now() + dt.timedelta(days=ttl_days),
    )  # fmt: skip
    token.workspaces.set(workspaces)
    after = {**(snapshot(token) or {}), "workspaces": sorted(workspace.name for workspace in workspaces)}
    return Changed(IssuedToken(token, secret.plain), before={}, after=after, subject=token)


@operation("accounts.token.revoke", on="token")
def token_revoke(*, actor: Actor, token: ApiToken, reason: str = "") -> ApiToken:
    """End a token with its next call; revoking it again changes nothing. Raises NotFound for one not seen."""
    _may_revoke_check(actor, token)
    token.revoked_at = token.revoked_at or now()
    token.save(update_fields=["revoked_at"])
    return token


@effect("accounts.token.issue", on="user")
def job_token_issue(
    *, actor: Actor, user: User, name: str, workspace: Workspace, expires_at: dt.datetime
) -> Changed[IssuedToken]:
    """A token with which a job's code acts for `user` in one workspace, as a part of the operation that begins it.

    Only the portal's own jobs have this; it ends with `job_tokens_revoke`, or at its time.
    """
    secret = secret_make()
    token = ApiToken.objects.create(
        user=user, name=name, scope="write", prefix=secret.prefix, digest=secret.digest, expires_at=expires_at
    )
    token.workspaces.set([workspace])
    after = {**(snapshot(token) or {}), "workspaces": [workspace.name]}
    return Changed(IssuedToken(token, secret.plain), before={}, after=after, subject=token)


@effect("accounts.token.revoke", on="user")
def job_tokens_revoke(*, actor: Actor, user: User, name: str) -> Changed[int]:
    """End the tokens of that name, as a part of the operation that ends the job or begins another attempt."""
    ended = ApiToken.objects.filter(user=user, name=name, revoked_at=None).update(revoked_at=now())
    return Changed(ended, before={}, after={"tokens": name, "revoked": ended}, subject=user)


def _maintained_ids(actor: Actor) -> set[int]:
    """The workspaces of which the actor is a maintainer."""
    return {workspace_id for workspace_id, roles in actor.roles.items() if Role.MAINTAINER in roles}


def _may_issue_check(actor: Actor, user: User, workspace_ids: Collection[int]) -> None:
    if actor.kind == "system":
        return
    if actor.kind == "token":
        raise PermissionDenied(
            "A token cannot issue tokens. Sign in to the portal and issue one under Tokens."
        )
    if user.pk == actor.user_id:
        return
    if not user.is_service_account:
        raise PermissionDenied(f"Only {user.username} can issue tokens for {user.username}.")
    if actor.is_operator or (workspace_ids and _maintained_ids(actor).issuperset(workspace_ids)):
        return
    raise PermissionDenied(
        f"A token for {user.username} has to name workspaces that you maintain, and no others. Or ask an operator."
    )


def _may_revoke_check(actor: Actor, token: ApiToken) -> None:
    if actor.kind == "system" or actor.is_operator:
        return
    reach = set(token.workspaces.values_list("pk", flat=True)) or set(
        Membership.objects.filter(user_id=token.user_id).values_list("workspace_id", flat=True)
    )
    # A person ends all of their own tokens; a token, which may be bound, none that reaches past its workspaces.
    if token.user_id == actor.user_id and (actor.kind == "user" or reach <= actor.roles.keys()):
        return
    if token.user.is_service_account and reach and _maintained_ids(actor) >= reach:
        return
    if actor.is_auditor:
        raise PermissionDenied(f"{actor.name} is an auditor, who reads and changes nothing. Ask an operator.")
    raise NotFound("No such token, or you may not see it.")


def _values_check(user: User, name: str, scope: str, ttl_days: int) -> None:
    if not user.is_active:
        raise Conflict(f"{user.username} is deactivated. An operator has to activate the account first.")
    if not name.strip() or len(name) > 100 or not name.isprintable():
        raise InvalidInput("Give the token a name of 1 to 100 printable characters.")
    if scope not in SCOPES:
        raise InvalidInput(f"{scope} is not a scope. The scopes are read and write.")
    if not 1 <= ttl_days <= LONGEST_TTL_DAYS:
        raise InvalidInput(f"A token lives for 1 to {LONGEST_TTL_DAYS} days, not {ttl_days}.")


def _workspaces_check(user: User, workspaces: Sequence[Workspace]) -> None:
    if user.is_operator or user.is_auditor:
        return
    own = set(Membership.objects.filter(user=user).values_list("workspace_id", flat=True))
    foreign = sorted(workspace.name for workspace in workspaces if workspace.pk not in own)
    if foreign:
        raise InvalidInput(f"{user.username} is not a member of {', '.join(foreign)}.")
