"""What an actor may see of workspaces, members, users and tokens."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from portal import access
from portal.accounts.actor import Actor
from portal.accounts.models import ApiToken, AuditorGrant, Membership, Role, User, Workspace
from portal.kernel.errors import NotFound


def workspaces_visible(actor: Actor) -> QuerySet[Workspace]:
    """The workspaces that the actor sees, by name."""
    ids = actor.workspace_ids
    return Workspace.objects.all() if ids is None else Workspace.objects.filter(pk__in=ids)


def workspace_get(actor: Actor, name: str) -> Workspace:
    """One workspace. Raises NotFound, with the same words for one that is not there and one not seen."""
    found = workspaces_visible(actor).filter(name=name).first() if "\x00" not in name else None
    if found is None:
        raise NotFound(f"Workspace {name} does not exist, or you may not see it.")
    return found


def members(actor: Actor, workspace: Workspace) -> QuerySet[Membership]:
    """The roles held in a workspace, one row each. Raises NotFound when the workspace is not seen."""
    access.require(actor, "accounts.membership.list", workspace)
    return Membership.objects.filter(workspace=workspace).select_related("user")


def users_visible(actor: Actor) -> QuerySet[User]:
    """All users, for operators and auditors. Raises PermissionDenied for everybody else."""
    access.require(actor, "accounts.user.list")
    return User.objects.all()


def user_get(actor: Actor, username: str) -> User:
    """One user, for operators and auditors. Raises NotFound for everybody else, whether there is one or not."""
    may_look = access.allows(actor, "accounts.user.read")
    found = User.objects.filter(username=username).first() if may_look else None
    if found is None:
        raise NotFound(f"User {username} does not exist, or you may not see them.")
    return found


def user_named(username: str) -> User:
    """The user whom somebody names to grant a role or to issue a token; asking is for the operation."""
    found = User.objects.filter(username=username).first()
    if found is None:
        raise NotFound(f"There is no user {username}.")
    return found


def member_candidate(actor: Actor, workspace: Workspace, username: str) -> User:
    """The user whose roles in a workspace are to change.

    Whoever may not change roles there must not learn whether such a user exists: they get a stand-in, and the
    operation refuses them before it looks at it.
    """
    if not access.allows(actor, "accounts.membership.add", workspace):
        return User(username=username)
    return user_named(username)


def token_owner(actor: Actor, username: str | None) -> User:
    """The account to issue a token for: one's own, or a service account in a workspace that one maintains."""
    if username is None or username == actor.name:
        return self_get(actor)
    accounts = User.objects.filter(is_service_account=True, username=username)
    if not actor.is_operator:
        maintained = [workspace_id for workspace_id, roles in actor.roles.items() if Role.MAINTAINER in roles]
        accounts = accounts.filter(memberships__workspace_id__in=maintained)
    found = accounts.first()
    if found is None:
        raise NotFound(f"There is no service account {username} that you look after.")
    return found


def self_get(actor: Actor) -> User:
    """The actor's own account."""
    if actor.user_id is None:
        raise NotFound(f"{actor.name} is no person and has no account.")
    return User.objects.get(pk=actor.user_id)


def tokens_of(actor: Actor) -> QuerySet[ApiToken]:
    """The actor's own tokens."""
    return _with_relations(ApiToken.objects.filter(user=actor.user_id))


def tokens_visible(actor: Actor) -> QuerySet[ApiToken]:
    """Own tokens, and those of service accounts that reach only workspaces which the actor maintains."""
    if actor.sees_everything:
        return _with_relations(ApiToken.objects.all())
    own = Q(user=actor.user_id)
    if actor.kind == "token":  # which may be bound: it does not show what reaches past its workspaces
        own &= ~_reaches_outside(list(actor.roles))
    return _with_relations(ApiToken.objects.filter(own | _maintained_tokens(actor)))


def _reaches_outside(ids: list[int]) -> Q:
    """Tokens for a workspace that is not among these, be they bound to it or by their user's membership."""
    bound = ApiToken.workspaces.through.objects.filter(apitoken_id=OuterRef("pk"))
    grants = Membership.objects.filter(user_id=OuterRef("user_id"))
    is_bound_outside = Q(Exists(bound.exclude(workspace_id__in=ids)))
    return is_bound_outside | (~Q(Exists(bound)) & Q(Exists(grants.exclude(workspace_id__in=ids))))


def _maintained_tokens(actor: Actor) -> Q:
    ids = [workspace_id for workspace_id, roles in actor.roles.items() if Role.MAINTAINER in roles]
    bound = ApiToken.workspaces.through.objects.filter(apitoken_id=OuterRef("pk"))
    grants = Membership.objects.filter(user_id=OuterRef("user_id"))
    reaches_any = Q(Exists(bound)) | Q(Exists(grants))
    return Q(user__is_service_account=True) & reaches_any & ~_reaches_outside(ids)


def _with_relations(tokens: QuerySet[ApiToken]) -> QuerySet[ApiToken]:
    return tokens.select_related("user").prefetch_related("workspaces").order_by("-id")


def auditor_grants(actor: Actor) -> QuerySet[AuditorGrant]:
    """The grants to audit, newest first: all for operators and auditors, for others their own and their workspaces'."""
    found = AuditorGrant.objects.select_related("user", "workspace", "granted_by", "revoked_by").order_by(
        "-id"
    )
    ids = access.workspaces_allowing(actor, "accounts.membership.list")
    if ids is None:
        return found
    return found.filter(Q(user=actor.user_id) | Q(workspace_id__in=ids))


def auditor_grant_get(actor: Actor, grant_id: UUID) -> AuditorGrant:
    """One grant to audit. Raises NotFound, too, when the actor may not see it."""
    found = auditor_grants(actor).filter(pk=grant_id).first()
    if found is None:
        raise NotFound("No such grant, or you may not see it.")
    return found
