"""What goes in and out of the API; rules beyond shape are the operations'."""

from typing import Any

from rest_framework import serializers

from portal.accounts.models import Role
from portal.accounts.services.tokens import DEFAULT_TTL_DAYS, LONGEST_TTL_DAYS, SCOPES
from portal.api.paging import PageQuery


class WorkspaceInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=63)
    description = serializers.CharField(max_length=500, allow_blank=True, default="")


class WorkspaceChange(serializers.Serializer[Any]):
    description = serializers.CharField(max_length=500, allow_blank=True)


class WorkspaceOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.CharField()
    created_at = serializers.DateTimeField()


class MemberInput(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150)
    role = serializers.ChoiceField(choices=Role.choices)
    reason = serializers.CharField(max_length=500, allow_blank=True, default="")


class MemberOutput(serializers.Serializer[Any]):
    username = serializers.CharField(source="user.username")
    name = serializers.CharField(source="user.display_name")
    is_service_account = serializers.BooleanField(source="user.is_service_account")
    role = serializers.ChoiceField(choices=Role.choices)
    created_at = serializers.DateTimeField()


class UserInput(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150)
    email = serializers.EmailField(max_length=254, allow_blank=True, default="")
    name = serializers.CharField(max_length=200, allow_blank=True, default="")
    password = serializers.CharField(max_length=1000, required=False, write_only=True, trim_whitespace=False)
    is_service_account = serializers.BooleanField(default=False)
    is_operator = serializers.BooleanField(default=False)
    is_auditor = serializers.BooleanField(default=False)


class UserChange(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=200, allow_blank=True, required=False)
    email = serializers.EmailField(max_length=254, allow_blank=True, required=False)
    is_active = serializers.BooleanField(required=False)
    is_operator = serializers.BooleanField(required=False)
    is_auditor = serializers.BooleanField(required=False)


class UserOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    name = serializers.CharField()
    email = serializers.CharField()
    is_active = serializers.BooleanField()
    is_service_account = serializers.BooleanField()
    is_operator = serializers.BooleanField()
    is_auditor = serializers.BooleanField()


class TokenInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=100)
    scope = serializers.ChoiceField(choices=SCOPES)
    workspaces = serializers.ListField(
        child=serializers.CharField(max_length=63), max_length=100, default=list
    )
    ttl_days = serializers.IntegerField(min_value=1, max_value=LONGEST_TTL_DAYS, default=DEFAULT_TTL_DAYS)
    username = serializers.CharField(
        max_length=150, required=False, help_text="a service account; else your own"
    )


class TokenOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    username = serializers.CharField(source="user.username")
    name = serializers.CharField()
    prefix = serializers.CharField()
    scope = serializers.ChoiceField(choices=SCOPES)
    workspaces = serializers.ListField(child=serializers.CharField(), source="workspace_names")
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)


class IssuedTokenOutput(serializers.Serializer[Any]):
    secret = serializers.CharField(help_text="shown now and never again")
    token = TokenOutput()


class SelfOutput(serializers.Serializer[Any]):
    username = serializers.CharField(source="name")
    kind = serializers.CharField()
    is_operator = serializers.BooleanField()
    is_auditor = serializers.BooleanField()
    can_write = serializers.BooleanField()
    workspaces = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


class AuditorGrantInput(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150)
    workspace = serializers.CharField(max_length=63, required=False, help_text="left out: everywhere")
    starts_at = serializers.DateTimeField(required=False)
    ends_at = serializers.DateTimeField()
    reason = serializers.CharField(max_length=1000)


class RevocationInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=1000, allow_blank=True, default="")


class AuditorGrantOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    username = serializers.CharField(source="user.username")
    workspace = serializers.CharField(source="workspace.name", default=None, allow_null=True)
    reason = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    granted_by = serializers.CharField(source="granted_by.username", default=None, allow_null=True)
    granted_at = serializers.DateTimeField()
    revoked_by = serializers.CharField(source="revoked_by.username", default=None, allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)


class EventQuery(PageQuery):
    workspace = serializers.CharField(max_length=63, required=False)
    object_type = serializers.CharField(max_length=40, required=False)
    object_id = serializers.CharField(max_length=80, required=False)
    actor = serializers.CharField(max_length=120, required=False, help_text="such as user:7")
    action = serializers.CharField(max_length=80, required=False)
    outcome = serializers.ChoiceField(choices=["done", "denied", "refused"], required=False)


class EventOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    uuid = serializers.UUIDField()
    at = serializers.DateTimeField()
    actor = serializers.CharField()
    actor_name = serializers.CharField()
    action = serializers.CharField()
    outcome = serializers.CharField()
    object_type = serializers.CharField()
    object_id = serializers.CharField(allow_blank=True)
    object_name = serializers.CharField(allow_blank=True)
    changes = serializers.DictField(child=serializers.ListField(child=serializers.JSONField(allow_null=True)))
    detail = serializers.CharField(allow_blank=True)
    reason = serializers.CharField(allow_blank=True)
    request_id = serializers.CharField(allow_blank=True)
