"""What all pages share: the request as middleware completes it, and the two ways to answer a form."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers

from portal.accounts.actor import Actor
from portal.kernel.errors import DomainError, NotFound


class PageRequest(HttpRequest):
    """A request behind the middleware of `portal.web`."""

    actor: Actor
    request_id: str


def whole_or_fragment(
    request: HttpRequest, whole: str, fragment: str, context: dict[str, Any]
) -> HttpResponse:
    """The same URL as a page, or as the part of it that htmx asks for."""
    response = render(request, fragment if request.headers.get("HX-Request") else whole, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def act(request: HttpRequest, change: Callable[[], Any], *, said: str, then: str) -> HttpResponse:
    """Do a change and go on to `then`, with a message that says how it went.

    What the caller may not see stays a 404; every other refusal is told on the page that they come from.
    """
    try:
        change()
    except NotFound:
        raise
    except DomainError as no:
        messages.error(request, no.detail)
    else:
        messages.success(request, said)
    return redirect(then)


def act_and_go(request: HttpRequest, change: Callable[[], str], *, said: str, otherwise: str) -> HttpResponse:
    """Do a change that says where to go on, such as to the page of what was made; `otherwise` is for refusals."""
    try:
        then = change()
    except NotFound:
        raise
    except DomainError as no:
        messages.error(request, no.detail)
        return redirect(otherwise)
    messages.success(request, said)
    return redirect(then)
