"""The addresses below /api/v1/. Other apps add theirs through `portal.urls`, before these, whose last catches all."""

from django.urls import path, re_path, register_converter
from django.urls.converters import StringConverter

from portal.api.views.audit import EventList
from portal.api.views.auditor_grants import AuditorGrantList, AuditorGrantRevocations
from portal.api.views.description import Docs, Schema, Unknown
from portal.api.views.people import Self, SelfSessions, TokenList, TokenOne, UserList, UserOne
from portal.api.views.workspaces import MemberList, MemberRole, WorkspaceList, WorkspaceOne


class NameConverter(StringConverter):
    """A user's or workspace's name: no slash, no control character."""

    regex = r"[\w.@+-]{1,150}"


register_converter(NameConverter, "name")

urlpatterns = [
    path("workspaces", WorkspaceList.as_view(), name="api-workspaces"),
    path("workspaces/<name:workspace>", WorkspaceOne.as_view(), name="api-workspace"),
    path("workspaces/<name:workspace>/members", MemberList.as_view(), name="api-members"),
    path(
        "workspaces/<name:workspace>/members/<name:username>/roles/<name:role>",
        MemberRole.as_view(),
        name="api-member-role",
    ),
    path("users", UserList.as_view(), name="api-users"),
    path("users/<name:username>", UserOne.as_view(), name="api-user"),
    path("tokens", TokenList.as_view(), name="api-tokens"),
    path("tokens/<uuid:token_id>", TokenOne.as_view(), name="api-token"),
    path("me", Self.as_view(), name="api-me"),
    path("me/sessions", SelfSessions.as_view(), name="api-me-sessions"),
    path("auditor-grants", AuditorGrantList.as_view(), name="api-auditor-grants"),
    path(
        "auditor-grants/<uuid:grant_id>/revocations",
        AuditorGrantRevocations.as_view(),
        name="api-auditor-grant-revocations",
    ),
    path("audit/events", EventList.as_view(), name="api-events"),
    path("schema", Schema.as_view(), name="api-schema"),
    path("docs", Docs.as_view(url_name="api-schema"), name="api-docs"),
    re_path(r"^[\w\W]*\Z", Unknown.as_view(), name="api-unknown"),
]
