"""The web application: MLflow's protocol on its lean path, everything else through Django."""

import os
from collections.abc import Iterable

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.prod")
_django = get_wsgi_application()

from portal.api.call import Environ  # noqa: E402 - needs the app registry
from portal.api.drain import draining  # noqa: E402
from portal.api.protocol import StartResponse  # noqa: E402
from portal.api.serving import gateway_redirect, is_served_by_gateway  # noqa: E402
from portal.mlflow import PROTOCOL  # noqa: E402
from portal.routing import undeclared_refuse  # noqa: E402
from portal.tracing import traced  # noqa: E402

undeclared_refuse()


def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Send each request to the part that serves its path."""
    start_response = draining(environ, start_response)
    if PROTOCOL.serves(environ["PATH_INFO"]):
        return PROTOCOL(environ, start_response)
    if is_served_by_gateway(environ["PATH_INFO"]):
        return gateway_redirect(environ, start_response)
    return _django(environ, start_response)


application = traced(application)
