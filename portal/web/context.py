"""What the frame around every page needs."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject

from compliance.selectors.web_inbox import inbox
from portal.web.navigation import Group, navigation

THEMES = ("light", "dark")
DENSITIES = ("regular", "dense")


def frame(request: HttpRequest) -> dict[str, Any]:
    """Theme and density from their cookies, and the navigation of a signed-in person."""
    theme, density = request.COOKIES.get("portal_theme", ""), request.COOKIES.get("portal_density", "")
    user = getattr(request, "user", None)
    return {
        "theme": theme if theme in THEMES else "",
        "density": density if density in DENSITIES else "",
        # Asked for by pages alone; a fragment has no navigation around it.
        "navigation": SimpleLazyObject(lambda: _navigation(request, user)),
        "events_url": settings.EVENTS_URL,
        "security_url": _url_if_known("mfa_index"),
        "password_url": _url_if_known("account_change_password"),
    }


def _navigation(request: HttpRequest, user: Any) -> list[Group]:
    """With what waits in the inbox."""
    if user is None or not user.is_authenticated:
        return []
    actor = getattr(request, "actor", None)
    if actor is None:
        return navigation(request)
    return navigation(request, {"inbox": len(inbox(actor))})


def _url_if_known(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
