"""Who decides proves again who they are: by a code of their second factor, or by password where they have none.

Whose only way in is the identity provider has just come in through it: within five minutes, in the browser. A
proof is for one person and one purpose, lives for two minutes inside one process, and is spent once. A failed
try leaves an audit event and counts against the same limits as signing in.
"""

import datetime as dt
import time
from typing import Literal

from allauth.account.forms import ReauthenticateForm as PasswordForm
from allauth.mfa.base.forms import ReauthenticateForm as CodeForm
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest

from portal.accounts.models import User
from portal.accounts.signin.adapters import SIGNED_IN_AT
from portal.kernel.clock import now
from portal.kernel.errors import PermissionDenied

Way = Literal["code", "password", "none"]
REQUIRED, FAILED, IMPOSSIBLE = (
    "reauthentication_required", "reauthentication_failed", "reauthentication_impossible",
)  # fmt: skip
LIVES_FOR = dt.timedelta(minutes=2)
RECENT_SECONDS = 300
_MAKER = object()


class Proof:
    """That a person showed who they are, for one purpose. Only this module makes one."""

    def __init__(self, maker: object, *, user_id: int, purpose: str) -> None:
        if maker is not _MAKER:
            raise TypeError("A proof is made by proving who one is.")
        self.user_id, self.purpose, self.at = user_id, purpose, now()
        self._made = time.monotonic()
        self._is_spent = False

    def spend(self, *, user_id: int | None, purpose: str) -> dt.datetime:
        """Use the proof up; when it was made. Raises PermissionDenied for another person, purpose or time."""
        is_old = time.monotonic() - self._made > LIVES_FOR.total_seconds()
        if self._is_spent or is_old or (self.user_id, self.purpose) != (user_id, purpose):
            raise PermissionDenied(
                "Prove again who you are: this proof is for something else, or too old.", code=REQUIRED
            )
        self._is_spent = True
        return self.at


def proof_way(user: User) -> Way:
    """How a person can prove it: who has a second factor needs its code, a password alone is not enough then."""
    if is_mfa_enabled(user):
        return "code"
    return "password" if user.has_usable_password() else "none"


def prove(request: HttpRequest, secret: str, *, purpose: str, user: User | None = None) -> Proof:
    """Check the code or the password of a person: of whom the session is, or of `user` where a token calls.

    Raises PermissionDenied.
    """
    person: User = user or request.user  # type: ignore[assignment]
    if person.is_service_account or not person.is_active:
        raise PermissionDenied(f"{person.username} is no person who decides.", code=IMPOSSIBLE)
    way = proof_way(person)
    if way == "none":
        _recent_check(request, person)
    elif not secret:
        raise PermissionDenied(
            f"Prove that it is you: give your {'code' if way == 'code' else 'password'}. A token or a session alone "
            "decides nothing.", code=REQUIRED,
        )  # fmt: skip
    else:
        _secret_check(person, way, secret)
    return Proof(_MAKER, user_id=person.pk, purpose=purpose)


def _secret_check(person: User, way: Way, secret: str) -> None:
    form = (
        CodeForm({"code": secret}, user=person)
        if way == "code"
        else PasswordForm({"password": secret}, user=person)
    )
    if not form.is_valid():
        said = " ".join(message for messages in form.errors.values() for message in messages)
        raise PermissionDenied(f"You did not prove who you are, so nothing was decided. {said}", code=FAILED)


def _recent_check(request: HttpRequest, person: User) -> None:
    """The identity provider's word, while it is fresh; a token has no session and so none of it."""
    session = getattr(request, "session", None)
    signed_in_at = session.get(SIGNED_IN_AT) if session is not None and request.user == person else None
    if signed_in_at is None or not 0 <= time.time() - float(signed_in_at) <= RECENT_SECONDS:
        raise PermissionDenied(
            "You sign in through the identity provider only: sign in again and decide within five minutes, or set up "
            "a second factor under Security.", code=IMPOSSIBLE,
        )  # fmt: skip
