"""Grants to audit for a time."""

from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from portal.accounts.selectors import auditor_grant_get, auditor_grants, user_get, workspace_get
from portal.accounts.services.auditor_grants import auditor_grant_give, auditor_grant_revoke
from portal.api.base import ApiView, Serializers
from portal.api.paging import PageQuery
from portal.api.serializers import AuditorGrantInput, AuditorGrantOutput, RevocationInput
from portal.operations import permit


class AuditorGrantList(ApiView):
    """Who audits until when; operators and auditors see all, others their own and those in their workspaces."""

    actions: ClassVar[dict[str, str]] = {
        "GET": "accounts.auditor_grant.list",
        "POST": "accounts.auditor_grant.give",
    }
    inputs: ClassVar[Serializers] = {"GET": PageQuery, "POST": AuditorGrantInput}
    outputs: ClassVar[Serializers] = {"GET": AuditorGrantOutput, "POST": AuditorGrantOutput}
    is_paged = True

    def get(self, request: Request) -> Response:
        return self.page(auditor_grants(self.actor), self.given)

    def post(self, request: Request) -> Response:
        permit(actor=self.actor, action="accounts.auditor_grant.give")
        given = self.given
        user = user_get(self.actor, given.pop("username"))
        name = given.pop("workspace", None)
        workspace = workspace_get(self.actor, name) if name else None
        made = auditor_grant_give(actor=self.actor, user=user, workspace=workspace, **given)
        return self.answer(made, status=201)


class AuditorGrantRevocations(ApiView):
    """End a grant with the person's next request."""

    actions: ClassVar[dict[str, str]] = {"POST": "accounts.auditor_grant.revoke"}
    inputs: ClassVar[Serializers] = {"POST": RevocationInput}
    outputs: ClassVar[Serializers] = {"POST": AuditorGrantOutput}

    def post(self, request: Request, grant_id: UUID) -> Response:
        grant = auditor_grant_get(self.actor, grant_id)
        revoked = auditor_grant_revoke(actor=self.actor, grant=grant, reason=self.given["reason"])
        return self.answer(revoked, status=201)
