"""Who may come in, and where they belong. Grants are rows; nothing here decides what a role may do."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from portal.kernel.ids import uuid7

WORKSPACE_NAME = RegexValidator(
    r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z",
    "Use 1 to 63 lower-case letters, digits and hyphens; begin and end with a letter or digit.",
)


class Role(models.TextChoices):
    """What a member is in one workspace; maintainer includes contributor, every role includes viewer."""

    VIEWER = "viewer"
    CONTRIBUTOR = "contributor"
    MAINTAINER = "maintainer"
    APPROVER = "approver"


class User(AbstractUser):
    """A person, or a service account (no password, tokens only).

    `is_operator` runs the portal itself, `is_auditor` reads everything and writes nothing. Neither these nor
    Django's own `is_superuser` grant a write inside a workspace.
    """

    name = models.CharField(max_length=200, blank=True)
    is_service_account = models.BooleanField(default=False)
    is_operator = models.BooleanField(default=False)
    is_auditor = models.BooleanField(default=False)
    # Part of every session's fingerprint: counting up ends all sessions of the user at once.
    session_epoch = models.PositiveIntegerField(default=0)

    class Meta(AbstractUser.Meta):
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(Lower("email"), condition=~Q(email=""), name="user_email_unique"),
            models.UniqueConstraint(Lower("username"), name="user_username_unique"),
        ]

    def __str__(self) -> str:
        return self.username

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        key_salt = f"portal.accounts.session.{self.session_epoch}"
        return salted_hmac(key_salt, self.password, secret=secret, algorithm="sha256").hexdigest()

    @property
    def display_name(self) -> str:
        return self.name or self.username


class Workspace(models.Model):
    """The unit of ownership and of permission; MLflow's workspace of the same name."""

    name = models.CharField(max_length=63, unique=True, validators=[WORKSPACE_NAME])
    description = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def workspace_id(self) -> int:
        """A workspace is inside itself, so that one permission question serves it and all it holds."""
        return int(self.pk)


class Membership(models.Model):
    """One role of one user in one workspace."""

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["workspace", "user", "role"], name="membership_unique"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.workspace}"


class AuditorGrant(models.Model):
    """For a time, a person reads as an auditor does: everywhere, or one workspace. It ends without anybody's doing.

    Who holds one writes no more than an auditor while it holds everywhere.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="auditor_grants")
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=1000)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    granted_at = models.DateTimeField(auto_now_add=True)
    revoked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["user", "ends_at"], condition=Q(revoked_at=None), name="auditor_grant_held"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="auditor_grant_has_length"),
            models.CheckConstraint(
                condition=Q(granted_by=None) | ~Q(granted_by=F("user")), name="auditor_grant_by_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} audits {self.workspace or 'everything'}"


class ApiToken(models.Model):
    """A secret that acts for its user, never with more rights than the user has at that moment.

    Only the SHA-256 digest of the secret is kept: it has 256 random bits, so a slow hash would add nothing.
    No workspaces listed means all of the user's.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="api_tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16, unique=True)
    digest = models.BinaryField(max_length=32, unique=True)
    scope = models.CharField(max_length=5, choices=[("read", "read"), ("write", "write")])
    workspaces = models.ManyToManyField(Workspace, related_name="api_tokens")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    last_used_address = models.GenericIPAddressField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(scope__in=["read", "write"]), name="token_scope_known"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def workspace_names(self) -> list[str]:
        """The workspaces that the token is bound to; lists prefetch them."""
        return sorted(workspace.name for workspace in self.workspaces.all())
