"""How long a session lives: 8 hours without a request, 24 hours in all."""

import time
from collections.abc import Callable

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from portal.accounts.signin.adapters import SIGNED_IN_AT

SEEN_AT = "seen_at"


class SessionLimitMiddleware:
    """Ends a session that is too old, and pushes the idle limit out while it is used.

    The push is written once per SESSION_REFRESH_SECONDS, so that a page that polls writes no session each time.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Without a session cookie there is nothing to limit, and nothing to read from the store.
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            self._limit(request)
        return self.get_response(request)

    def _limit(self, request: HttpRequest) -> None:
        now, session = time.time(), request.session
        signed_in_at = session.get(SIGNED_IN_AT)
        if signed_in_at is None:
            return
        if now - signed_in_at > settings.SESSION_ABSOLUTE_SECONDS:
            get_adapter(request).logout(request)
        elif now - session.get(SEEN_AT, 0) > settings.SESSION_REFRESH_SECONDS:
            session[SEEN_AT] = now
