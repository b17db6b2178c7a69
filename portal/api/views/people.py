"""Users, the caller, and tokens."""

from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from portal.accounts.models import ApiToken
from portal.accounts.selectors import (
    self_get,
    token_owner,
    tokens_visible,
    user_get,
    users_visible,
    workspace_get,
    workspaces_visible,
)
from portal.accounts.services.tokens import token_issue, token_revoke
from portal.accounts.services.users import UserChanges, sessions_revoke, user_create, user_update
from portal.api.base import ApiView, Serializers
from portal.api.paging import PageQuery
from portal.api.serializers import (
    IssuedTokenOutput,
    SelfOutput,
    TokenInput,
    TokenOutput,
    UserChange,
    UserInput,
    UserOutput,
)
from portal.kernel.errors import NotFound
from portal.operations import permit


class Self(ApiView):
    """Who you are to the portal, and what you may do where."""

    actions: ClassVar[dict[str, str]] = {"GET": "accounts.self.read"}
    outputs: ClassVar[Serializers] = {"GET": SelfOutput}

    def get(self, request: Request) -> Response:
        actor = self.actor
        names = {workspace.pk: workspace.name for workspace in workspaces_visible(actor)}
        roles = {names[key]: sorted(held) for key, held in actor.roles.items() if key in names}
        facts = {
            name: getattr(actor, name) for name in ("name", "kind", "is_operator", "is_auditor", "can_write")
        }
        return self.answer({**facts, "workspaces": roles})


class SelfSessions(ApiView):
    """Your sessions: deleting them signs you out everywhere."""

    actions: ClassVar[dict[str, str]] = {"DELETE": "accounts.session.revoke"}

    def delete(self, request: Request) -> Response:
        sessions_revoke(actor=self.actor, user=self_get(self.actor))
        return Response(status=204)


class UserList(ApiView):
    """All users; for operators and auditors."""

    actions: ClassVar[dict[str, str]] = {"GET": "accounts.user.list", "POST": "accounts.user.create"}
    inputs: ClassVar[Serializers] = {"GET": PageQuery, "POST": UserInput}
    outputs: ClassVar[Serializers] = {"GET": UserOutput, "POST": UserOutput}
    is_paged = True

    def get(self, request: Request) -> Response:
        permit(actor=self.actor, action="accounts.user.list")
        return self.page(users_visible(self.actor), self.given)

    def post(self, request: Request) -> Response:
        return self.answer(user_create(actor=self.actor, **self.given), status=201)


class UserOne(ApiView):
    """One user, by name."""

    actions: ClassVar[dict[str, str]] = {"GET": "accounts.user.read", "PATCH": "accounts.user.update"}
    inputs: ClassVar[Serializers] = {"PATCH": UserChange}
    outputs: ClassVar[Serializers] = {"GET": UserOutput, "PATCH": UserOutput}

    def get(self, request: Request, username: str) -> Response:
        return self.answer(user_get(self.actor, username))

    def patch(self, request: Request, username: str) -> Response:
        user, changes = user_get(self.actor, username), UserChanges(**self.given)
        version = self.expected_version
        return self.answer(
            user_update(actor=self.actor, user=user, changes=changes, expected_version=version)
        )


class TokenList(ApiView):
    """Your tokens, and those of service accounts that are yours to look after."""

    actions: ClassVar[dict[str, str]] = {"GET": "accounts.token.list", "POST": "accounts.token.issue"}
    inputs: ClassVar[Serializers] = {"GET": PageQuery, "POST": TokenInput}
    outputs: ClassVar[Serializers] = {"GET": TokenOutput, "POST": IssuedTokenOutput}
    is_paged = True
    is_replayable = False

    def get(self, request: Request) -> Response:
        return self.page(tokens_visible(self.actor), self.given)

    def post(self, request: Request) -> Response:
        given = self.given
        user = token_owner(self.actor, given.pop("username", None))
        workspaces = [workspace_get(self.actor, name) for name in dict.fromkeys(given.pop("workspaces"))]
        return self.answer(
            token_issue(actor=self.actor, user=user, workspaces=workspaces, **given), status=201
        )


class TokenOne(ApiView):
    """One token: deleting revokes it at once; the row stays for the record."""

    actions: ClassVar[dict[str, str]] = {"DELETE": "accounts.token.revoke"}

    def delete(self, request: Request, token_id: UUID) -> Response:
        token_revoke(actor=self.actor, token=self._token(token_id))
        return Response(status=204)

    def _token(self, token_id: UUID) -> ApiToken:
        found = tokens_visible(self.actor).filter(pk=token_id).first()
        if found is None:
            raise NotFound("No such token, or you may not see it.")
        return found
