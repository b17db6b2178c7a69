"""Error pages: what was refused or failed, and what to do next."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from portal.api.errors import CONTENT_TYPE, problem_of

_TITLES = {
    400: "That request cannot be read",
    401: "Sign in first",
    403: "You may not do that",
    404: "Nothing here",
    409: "That does not fit the present state",
    413: "That is too large",
    429: "Too many tries",
    500: "The portal failed",
    503: "A part of the portal does not answer",
}
_ADVICE = {
    400: "Go back and check what you entered.",
    403: "Ask a maintainer of the workspace, who can give you the role that is missing.",
    404: "It does not exist, or you are not a member of its workspace. Check the address, or search.",
    409: "Reload the page to see how things stand now.",
    500: "The fault is recorded. If it happens again, tell an operator the request id below.",
    503: "Try again in a minute. If it lasts, tell an operator the request id below.",
}


def error_page(request: HttpRequest, status: int, detail: str = "") -> HttpResponse:
    """A whole page for an error, or its text alone where htmx asked."""
    template = "errors/_fragment.html" if request.headers.get("HX-Request") else "errors/page.html"
    user = getattr(request, "user", None)
    context = {
        "layout": "base.html" if user is not None and user.is_authenticated else "entrance.html",
        "status": status,
        "title": _TITLES.get(status, "That did not work"),
        "detail": detail,
        "advice": _ADVICE.get(status, ""),
        "request_id": getattr(request, "request_id", ""),
    }
    return render(request, template, context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What Django refuses before any view: a host that is none, say. Programs get JSON, as for every refusal."""
    if request.path.startswith("/api/"):
        detail = "The request cannot be read: its host, its address or its form is not valid."
        problem = problem_of(400, "bad_request", detail, request_id=getattr(request, "request_id", ""))
        return JsonResponse(problem, status=400, content_type=CONTENT_TYPE)
    return error_page(request, 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return _bare_page(request, 500, _ADVICE[500])


def database_page(request: HttpRequest, detail: str) -> HttpResponse:
    """What a page says that the database did not let through."""
    return _bare_page(request, 503, f"{detail} If it lasts, tell an operator the request id below.")


def _bare_page(request: HttpRequest, status: int, advice: str) -> HttpResponse:
    """No context processors here: what failed may be the database that they ask."""
    context = {
        "title": _TITLES[status],
        "advice": advice,
        "request_id": getattr(request, "request_id", ""),
    }
    return HttpResponse(render_to_string("errors/500.html", context), status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's secret is missing or old, mostly because the session ended in another tab."""
    return error_page(request, 403, "The form is out of date. Go back, reload the page and send it again.")
