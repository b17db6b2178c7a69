"""Who decides proves again who they are: by a code of their second factor, or by password where they have none."""

import datetime as dt
from typing import Literal

from allauth.account.forms import ReauthenticateForm as PasswordForm
from allauth.mfa.base.forms import ReauthenticateForm as CodeForm
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest

from portal.accounts.models import User
from portal.kernel.clock import now
from portal.kernel.errors import PermissionDenied

Way = Literal["code", "password", "none"]
FAILED, IMPOSSIBLE = "reauthentication_failed", "reauthentication_impossible"


def proof_way(user: User) -> Way:
    """How a person can prove it: who has a second factor needs its code, a password alone is not enough then."""
    if is_mfa_enabled(user):
        return "code"
    return "password" if user.has_usable_password() else "none"


def prove(request: HttpRequest, secret: str) -> dt.datetime:
    """Check the code or the password that the signed-in person gives; the moment at which they proved it.

    Tries count against the same limits as signing in. Raises PermissionDenied.
    """
    user = request.user
    way = proof_way(user)  # type: ignore[arg-type]
    if way == "none":
        raise PermissionDenied(
            "You sign in through the identity provider only. Set up a second factor under Security, then decide "
            "with its code.", code=IMPOSSIBLE,
        )  # fmt: skip
    form = (
        CodeForm({"code": secret}, user=user)
        if way == "code"
        else PasswordForm({"password": secret}, user=user)
    )
    if not form.is_valid():
        said = " ".join(message for messages in form.errors.values() for message in messages)
        raise PermissionDenied(f"You did not prove who you are, so nothing was decided. {said}", code=FAILED)
    return now()
