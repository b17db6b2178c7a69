"""`manage.py token_issue USER`: issue an API token and print its secret, once.

A secret cannot be printed a second time, so a repeated call issues anew. With `--name` the call can be
repeated without piling up tokens: live tokens of that user and name are revoked once the new one stands.
The scope is `write` unless said otherwise, as a training script needs it; the user's roles bound it anyway.
"""

from typing import Any

from django.core.management.base import CommandParser

from portal.accounts.actor import Actor
from portal.accounts.management.base import OperationCommand, days, user_named, workspace_named
from portal.accounts.models import ApiToken, User
from portal.accounts.services.tokens import DEFAULT_TTL_DAYS, SCOPES, IssuedToken, token_issue, token_revoke

UNNAMED = "issued by command"


class Command(OperationCommand):
    help = "Issue an API token and print its secret. With --name, it replaces the user's live token of that name."

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument(
            "--workspace", action="append", default=[], help="bind to this workspace; may be repeated"
        )
        parser.add_argument("--scope", choices=SCOPES, default="write", help="default: write")
        parser.add_argument(
            "--ttl", type=days, default=DEFAULT_TTL_DAYS, help="lifetime, 1d to 365d; default 90d"
        )
        parser.add_argument("--name", default="")

    def act(
        self, *, username: str, workspace: list[str], scope: str, ttl: int, name: str, **_: Any
    ) -> dict[str, Any]:
        actor = Actor.system(
            "commands.token_issue", actions=["accounts.token.issue", "accounts.token.revoke"]
        )
        user = user_named(username)
        issued = token_issue(
            actor=actor, user=user, name=name or UNNAMED, scope=scope, ttl_days=ttl,
            workspaces=[workspace_named(each) for each in dict.fromkeys(workspace)],
        )  # fmt: skip
        replaced = _older_revoke(actor, user, issued.token) if name else 0
        return {**_facts(issued), "username": username, "workspaces": workspace, "replaced": replaced}


def _older_revoke(actor: Actor, user: User, new: ApiToken) -> int:
    older = list(ApiToken.objects.filter(user=user, name=new.name, revoked_at=None).exclude(pk=new.pk))
    for token in older:
        token_revoke(actor=actor, token=token, reason=f"replaced by {new.prefix}")
    return len(older)


def _facts(issued: IssuedToken) -> dict[str, Any]:
    token = issued.token
    return {
        "message": issued.secret,
        "token": issued.secret,
        "id": str(token.pk),
        "name": token.name,
        "prefix": token.prefix,
        "scope": token.scope,
        "expires_at": token.expires_at.isoformat(),
    }
