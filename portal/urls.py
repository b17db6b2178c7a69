"""The routes of the site; MLflow's protocol has its own table and does not pass here."""

from importlib.util import find_spec

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path

from experiments.protocol.server import MLFLOW_VERSION


@login_not_required
def health(request: HttpRequest) -> HttpResponse:
    """Alive: the process answers."""
    return HttpResponse("OK", content_type="text/plain")


@login_not_required
def version(request: HttpRequest) -> HttpResponse:
    """The MLflow release whose protocol is spoken here."""
    return HttpResponse(MLFLOW_VERSION, content_type="text/plain")


urlpatterns: list[URLPattern | URLResolver] = [
    path("health", health, name="health"),
    path("version", version, name="version"),
    path("accounts/", include("portal.accounts.urls")),
    path("console/", include("portal.console.urls")),
]
if find_spec("portal.api.urls"):
    urlpatterns.append(
        path("api/v1/", include("jobs.api.urls"))
    )  # before the portal's own, which end in a catch-all
    urlpatterns.append(path("api/v1/", include("compliance.api.urls")))
    urlpatterns.append(path("api/v1/", include("registry.api.urls")))
    urlpatterns.append(path("api/v1/", include("experiments.api.urls")))
    urlpatterns.append(path("api/v1/", include("transfer.api.urls")))
    urlpatterns.append(path("api/v1/", include("training.api.urls")))
    urlpatterns.append(path("api/v1/", include("deployments.api.urls")))
    urlpatterns.append(path("api/v1/", include("monitoring.api.urls")))
    urlpatterns.append(path("api/v1/", include("portal.api.urls")))
if find_spec("portal.web") and find_spec("portal.web.urls"):
    urlpatterns.append(path("", include("portal.web.urls")))

handler400 = "portal.web.errors.bad_request"
handler403 = "portal.web.errors.permission_denied"
handler404 = "portal.web.errors.page_not_found"
handler500 = "portal.web.errors.server_error"
