"""Home, search, and how a reader likes the pages to look."""

from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from portal.accounts.selectors import workspaces_visible
from portal.answers import PageRequest, whole_or_fragment
from portal.kernel.errors import NotFound
from portal.routing import page
from portal.web.context import DENSITIES, THEMES
from portal.web.navigation import navigation
from portal.web.search import Found, found_by
from portal.web.selectors import home_overview
from portal.web.snippets import client_snippet

LONGEST_SEARCH = 200
YEAR_SECONDS = 31_536_000
_PREFERENCES: dict[str, tuple[str, ...]] = {"theme": THEMES, "density": DENSITIES}


@page("portal.home.read")
@require_GET
def home(request: PageRequest) -> HttpResponse:
    """What runs, what ran last, and how to begin."""
    overview = home_overview(request.actor)
    context: dict[str, Any] = {
        "overview": overview,
        "snippet": client_snippet("<your token>", list(workspaces_visible(request.actor)[:2])),
    }
    return whole_or_fragment(request, "home/page.html", "home/_overview.html", context)


@page("portal.search.read")
@require_GET
def search(request: PageRequest) -> HttpResponse:
    """Pages, models, requests, experiments and runs by name, for the palette as JSON and without scripts as a page."""
    text = request.GET.get("q", "")[:LONGEST_SEARCH]
    pages = [
        Found(entry.label, "page", entry.url) for group in navigation(request) for entry in group.entries
    ]
    found = found_by(request.actor, text, pages)
    if request.accepts("text/html"):
        return render(request, "home/search.html", {"found": found, "text": text})
    return JsonResponse({"results": [asdict(each) for each in found]})


@page("accounts.self.read")
@require_POST
def preference(request: PageRequest, name: str) -> HttpResponse:
    """Remember theme or density in a cookie, and go back to where the reader was."""
    value, back = request.POST.get("value", ""), request.POST.get("next", "/")
    if value not in _PREFERENCES.get(name, ()):
        raise NotFound("There is no such preference.")
    # Only a path: anything else could be the name of a route, which `redirect` looks up.
    is_ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    response = redirect(back if is_ours else "/")
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(f"portal_{name}", value, max_age=YEAR_SECONDS, samesite="Lax", secure=secure)
    return response
