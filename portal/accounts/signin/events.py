"""Audit events of signing in and out and of second factors. No password, code or mistyped name is written down."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.http import HttpRequest

from portal.accounts.actor import Actor
from portal.accounts.models import User
from portal.audit.record import record

SIGN_IN = "accounts.session.start"
SIGN_OUT = "accounts.session.end"
PASSWORD = "accounts.password.change"  # noqa: S105 - the name of an act
SECOND_FACTOR = "accounts.factor.change"


def succeeded(request: HttpRequest, user: User, action: str, detail: str = "") -> None:
    """Somebody whom we know did it."""
    record(
        Actor.of_user(user, request_id=_request_id(request)),
        action,
        "done",
        user,
        detail=_where(request, detail),
    )


def failed(request: HttpRequest, action: str, detail: str, *, user: User | None = None) -> None:
    """Somebody tried and was turned away; `user` is whom they claimed to be, if there is such a one.

    What was typed as a name is not kept: it may be a password in the wrong field.
    """
    stranger = Actor.system("signin", actions=[], request_id=_request_id(request))
    record(stranger, action, "denied", user, detail=_where(request, detail))


def _where(request: HttpRequest, detail: str) -> str:
    """The address as throttling counts it: behind trusted proxies, the client's own."""
    return f"{detail} from {get_adapter(request).get_client_ip(request)}".strip()


def _request_id(request: Any) -> str:
    return getattr(request, "request_id", "") or ""
