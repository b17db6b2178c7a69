"""The account of a person who comes in through single sign-on for the first time."""

import re
from typing import Any

from portal.accounts.actor import Actor
from portal.accounts.models import User
from portal.accounts.services.users import user_create
from portal.accounts.signin.claims import claims_of

_NOT_IN_NAMES = re.compile(r"[^\w.+-]")


def newcomer_create(suggested: Any, extra_data: dict[str, Any], *, request_id: str) -> User:
    """Make the user that the provider describes, under a name that is free."""
    actor = Actor.system("signin.oidc", actions=["accounts.user.create"], request_id=request_id)
    claims = claims_of(extra_data)
    # Not the library's suggestion, which is empty when the name is taken.
    wanted = str(claims.get("preferred_username") or suggested.email or claims.get("sub") or "user")
    return user_create(
        actor=actor,
        username=_free(_NOT_IN_NAMES.sub("-", wanted.partition("@")[0])[:100] or "user"),
        email=suggested.email,
        name=str(claims.get("name") or "")[:200],
    )


def _free(username: str) -> str:
    taken = set(User.objects.filter(username__istartswith=username).values_list("username", flat=True))
    lowered = {name.lower() for name in taken}
    names = (username if number == 1 else f"{username}-{number}" for number in range(1, len(lowered) + 2))
    return next(name for name in names if name.lower() not in lowered)
