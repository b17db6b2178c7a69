"""Workspaces and their members."""

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from portal.accounts.selectors import member_candidate, members, workspace_get, workspaces_visible
from portal.accounts.services.memberships import membership_add, membership_remove
from portal.accounts.services.workspaces import workspace_create, workspace_update
from portal.api.base import ApiView, Serializers
from portal.api.paging import PageQuery
from portal.api.serializers import MemberInput, MemberOutput, WorkspaceChange, WorkspaceInput, WorkspaceOutput


class WorkspaceList(ApiView):
    """The workspaces that you see."""

    actions: ClassVar[dict[str, str]] = {
        "GET": "accounts.workspace.list",
        "POST": "accounts.workspace.create",
    }
    inputs: ClassVar[Serializers] = {"GET": PageQuery, "POST": WorkspaceInput}
    outputs: ClassVar[Serializers] = {"GET": WorkspaceOutput, "POST": WorkspaceOutput}
    is_paged = True

    def get(self, request: Request) -> Response:
        return self.page(workspaces_visible(self.actor), self.given)

    def post(self, request: Request) -> Response:
        return self.answer(workspace_create(actor=self.actor, **self.given), status=201)


class WorkspaceOne(ApiView):
    """One workspace, by name."""

    actions: ClassVar[dict[str, str]] = {
        "GET": "accounts.workspace.read",
        "PATCH": "accounts.workspace.update",
    }
    inputs: ClassVar[Serializers] = {"PATCH": WorkspaceChange}
    outputs: ClassVar[Serializers] = {"GET": WorkspaceOutput, "PATCH": WorkspaceOutput}

    def get(self, request: Request, workspace: str) -> Response:
        return self.answer(workspace_get(self.actor, workspace))

    def patch(self, request: Request, workspace: str) -> Response:
        found = workspace_get(self.actor, workspace)
        version = self.expected_version
        return self.answer(
            workspace_update(actor=self.actor, workspace=found, expected_version=version, **self.given)
        )


class MemberList(ApiView):
    """The roles held in a workspace."""

    actions: ClassVar[dict[str, str]] = {"GET": "accounts.membership.list", "POST": "accounts.membership.add"}
    inputs: ClassVar[Serializers] = {"GET": PageQuery, "POST": MemberInput}
    outputs: ClassVar[Serializers] = {"GET": MemberOutput, "POST": MemberOutput}
    is_paged = True

    def get(self, request: Request, workspace: str) -> Response:
        return self.page(members(self.actor, workspace_get(self.actor, workspace)), self.given)

    def post(self, request: Request, workspace: str) -> Response:
        place, given = workspace_get(self.actor, workspace), self.given
        user = member_candidate(self.actor, place, given.pop("username"))
        return self.answer(membership_add(actor=self.actor, workspace=place, user=user, **given), status=201)


class MemberRole(ApiView):
    """One role of one member."""

    actions: ClassVar[dict[str, str]] = {"DELETE": "accounts.membership.remove"}

    def delete(self, request: Request, workspace: str, username: str, role: str) -> Response:
        place = workspace_get(self.actor, workspace)
        user = member_candidate(self.actor, place, username)
        membership_remove(actor=self.actor, workspace=place, user=user, role=role)
        return Response(status=204)
