"""Making users and service accounts, changing them, and shutting them out."""

from dataclasses import asdict, dataclass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import Q

from portal.accounts.actor import Actor
from portal.accounts.models import User
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.kernel.versions import version_check
from portal.operations import operation


@dataclass(frozen=True)
class UserChanges:
    """The fields to change; None leaves a field as it is."""

    name: str | None = None
    email: str | None = None
    is_active: bool | None = None
    is_operator: bool | None = None
    is_auditor: bool | None = None


@operation("accounts.user.create")
def user_create(
    *,
    actor: Actor,
    username: str,
    email: str = "",
    name: str = "",
    password: str | None = None,
    is_service_account: bool = False,
    is_operator: bool = False,
    is_auditor: bool = False,
) -> User:
    """Make a user. Without a password only single sign-on lets them in; a service account has tokens only."""
    user = User(
        username=username, email=email, name=name, is_service_account=is_service_account,
        is_operator=is_operator, is_auditor=is_auditor,
    )  # fmt: skip
    _password_set(user, password)
    _fields_check(user)
    _uniqueness_check(user)
    user.save(force_insert=True)
    return user


@operation("accounts.user.update", on="user")
def user_update(
    *, actor: Actor, user: User, changes: UserChanges, expected_version: str | None = None
) -> User:
    """Change a user; deactivating ends their sessions and tokens with their next request.

    Raises Conflict when no active operator would be left.
    """
    version_check(user, expected_version)
    wanted = {field: value for field, value in asdict(changes).items() if value is not None}
    _operator_stays_check(actor, user, wanted)
    for field, value in wanted.items():
        setattr(user, field, value)
    _fields_check(user)
    _uniqueness_check(user)
    if not user.is_active:  # also for the day on which the account is activated again
        user.session_epoch += 1
    user.save(update_fields=[*wanted, "session_epoch"])
    return user


@operation("accounts.session.revoke", on="user")
def sessions_revoke(*, actor: Actor, user: User) -> User:
    """Sign a user out everywhere. People do it to themselves, operators to anybody."""
    if actor.kind != "system" and not actor.is_operator and actor.user_id != user.pk:
        raise NotFound("No such user, or you may not see them.")
    user.session_epoch += 1
    user.save(update_fields=["session_epoch"])
    return user


def _password_set(user: User, password: str | None) -> None:
    if password is None:
        user.set_unusable_password()
        return
    if user.is_service_account:
        raise InvalidInput("A service account has no password. Issue a token for it instead.")
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages), fields={"password": error.messages}) from error
    user.set_password(password)


def _fields_check(user: User) -> None:
    # An address as a username would let one person sign in under the name of another.
    if "@" in user.username:
        raise InvalidInput(f"The username {user.username} holds an @. Use letters, digits and . - + _ only.")
    if not user.email and not user.is_service_account:
        raise InvalidInput(f"{user.username} needs an e-mail address; only service accounts have none.")
    if user.is_service_account and (user.is_operator or user.is_auditor):
        raise InvalidInput(
            f"{user.username} is a service account: it belongs to workspaces and runs no portal."
        )
    if user.is_operator and user.is_auditor:
        raise InvalidInput(
            f"{user.username} cannot be operator and auditor at once: nobody audits their own acts."
        )
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages), fields=error.message_dict) from error


def _uniqueness_check(user: User) -> None:
    same = Q(username__iexact=user.username)
    if user.email:
        same |= Q(email__iexact=user.email)
    if User.objects.filter(same).exclude(pk=user.pk).exists():
        raise Conflict(
            f"Another user has the name {user.username} or the same e-mail address.", code="already_exists"
        )


def _operator_stays_check(actor: Actor, user: User, wanted: dict[str, Any]) -> None:
    # The identity provider's word ends a grant at once; user_create --operator on the machine brings one back.
    if actor.kind == "system":
        return
    loses = (
        user.is_operator
        and user.is_active
        and not (wanted.get("is_operator", True) and wanted.get("is_active", True))
    )
    # All operators are locked in one order, so that two of them cannot remove each other at the same moment.
    operators = User.objects.select_for_update().filter(is_operator=True, is_active=True).order_by("pk")
    if loses and [operator.pk for operator in operators] == [user.pk]:
        raise Conflict(
            f"{user.username} is the last operator of the portal. Make somebody else an operator first."
        )
