"""Pages leave compressed, as no proxy may stand before the portal. A table of runs becomes an eighth.

Only whole pages and parts of pages: static files have their compressed copies, streams must not be held back, and
answers to programs are small or asked for by the thousand. Django's middleware adds a random length, against BREACH.
"""

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware

SMALLEST = 1400  # bytes: what fits into one packet gains nothing


class PagesMiddleware(GZipMiddleware):
    """Compresses HTML for who takes it."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        kind = response.get("Content-Type", "")
        if response.streaming or not kind.startswith("text/html") or len(response.content) < SMALLEST:  # type: ignore[attr-defined]
            return response
        compressed: HttpResponseBase = super().process_response(request, response)
        return compressed
