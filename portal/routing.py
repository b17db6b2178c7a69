"""Every route says which action it stands for; a system check refuses to start with one that does not.

A page view is declared with `@page("experiments.run.read")`. An API view lists `actions = {"GET": …}` for each
method that it answers. Routes without a signed-in caller are listed here and nowhere else. Declaring is not
deciding: selectors filter by what the actor may see, operations ask for permission.
"""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern, URLResolver, get_resolver

from portal import access

View = TypeVar("View", bound=Callable[..., Any])

# Route names (or prefixes of names, ending in *) that answer without a declared action, each with its reason.
PUBLIC_ROUTES = {
    "account_*": "signing in and out, and one's own e-mail and password",
    "mfa_*": "one's own second factor",
    "socialaccount_*": "single sign-on of one's own account",
    "openid_connect_*": "single sign-on",
    "health": "liveness for the supervisor and the load balancer; tells nothing else",
    "ready": "readiness for the supervisor and the load balancer; tells nothing else",
    "version": "the version that a client asks for before it signs in",
    "client-package": "the plugin for MLflow's deployments client, which holds nothing but code",
    "typed-client": "the typed client of the API, which holds nothing but code",
    "client-program": "the program for a terminal, which holds nothing but the portal's address",
}


def page(action: str) -> Callable[[View], View]:
    """Declare the action that a page view stands for."""
    if action not in access.ACTIONS:
        raise LookupError(f"The action {action} is not listed in portal.access.catalogue.")

    def mark(view: View) -> View:
        view.portal_action = action  # type: ignore[attr-defined]
        return view

    return mark


def declared_actions(view: Any) -> list[str]:
    """The actions that a view declares; empty when it declares none."""
    single = getattr(view, "portal_action", None)
    if single:
        return [single]
    view_class = getattr(view, "cls", None) or getattr(view, "view_class", None)
    return list(getattr(view_class, "actions", {}).values())


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route of the site with its whole path."""
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, path)
        else:
            yield path, entry


def is_public(name: str | None) -> bool:
    """Whether a route of this name is on the list of public routes."""
    if not name:
        return False
    return any(
        name == wanted or (wanted.endswith("*") and name.startswith(wanted[:-1])) for wanted in PUBLIC_ROUTES
    )


@register()
def every_route_declares_an_action(**_: Any) -> list[CheckMessage]:
    """System check portal.E001 and portal.E002."""
    found: list[CheckMessage] = []
    for path, route in routes():
        actions = declared_actions(route.callback)
        if not actions and not is_public(route.name):
            found.append(
                Error(f"The route {path} declares no action.", hint="Use @page or actions.", id="portal.E001")
            )
        for action in set(actions) - access.ACTIONS.keys():
            found.append(Error(f"The route {path} names {action}, which is not listed.", id="portal.E002"))
    return found


def undeclared_refuse() -> None:
    """Stop the start of a server, which runs no system checks by itself. Raises ImproperlyConfigured."""
    found = every_route_declares_an_action()
    if found:
        raise ImproperlyConfigured(" ".join(message.msg for message in found))
