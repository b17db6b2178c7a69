"""Predictions that come to the web process: it sends them on to the gateway, which is another process."""

import re
from collections.abc import Iterable
from urllib.parse import quote

import orjson
from django.conf import settings

from portal.api.call import Environ
from portal.api.errors import CONTENT_TYPE, problem_of
from portal.api.protocol import StartResponse

_SERVED = re.compile(r"/endpoints/[^/]+/invocations\Z|/v2(/|\Z)")


def is_served_by_gateway(path: str) -> bool:
    """Whether the address is one of a model's, in MLflow's form or in that of Open Inference Protocol."""
    return _SERVED.match(path) is not None


def gateway_redirect(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """307 to the same path at SERVING_URL; 503 where the portal was not told where the gateway is."""
    if settings.SERVING_URL == settings.PORTAL_URL:
        why = "Predictions are served by the gateway of the portal, and its address is not set here (SERVING_URL)."
        body = orjson.dumps(problem_of(503, "gateway_unknown", why))
        start_response("503 Service Unavailable", [("Content-Type", CONTENT_TYPE)])
        return [body]
    path = quote(environ["PATH_INFO"].encode("latin-1"), safe="/")
    query = environ.get("QUERY_STRING", "")
    place = f"{settings.SERVING_URL}{path}" + (f"?{query}" if query else "")
    start_response("307 Temporary Redirect", [("Location", place), ("Content-Length", "0")])
    return [b""]
