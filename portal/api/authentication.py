"""Who calls the API: a token in the Authorization header, or the session of a page, then with a CSRF token."""

from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.authentication import SessionAuthentication as CsrfCheckingAuthentication
from rest_framework.request import Request

from portal.accounts.actor import Actor
from portal.api.call import actor_of

Found = tuple[Actor, str] | None


class TokenAuthentication(BaseAuthentication):
    """Bearer, or Basic with the token as its password; the same reading as in MLflow's protocol."""

    def authenticate(self, request: Request) -> Found:
        if not request.META.get("HTTP_AUTHORIZATION"):
            return None
        return actor_of(request.META, request_id_of(request)), "token"

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="portal"'


class SessionAuthentication(CsrfCheckingAuthentication):
    """A signed-in person; every method that changes something needs the CSRF token."""

    def authenticate(self, request: Request) -> Any:
        found = super().authenticate(request)
        if found is None:
            return None
        user, _ = found
        return Actor.of_user(user, request_id=request_id_of(request)), "session"


def request_id_of(request: Any) -> str:
    """The id that the middleware gave to the request."""
    return str(getattr(getattr(request, "_request", request), "request_id", ""))
