"""The program for a terminal, as the portal hands it out."""

from functools import cache

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from training.web.client_program import client_source


@login_not_required
@require_safe
def client_program(request: HttpRequest) -> HttpResponse:
    """The program with this portal's address in it. It holds nothing that is not public."""
    headers = {
        "Content-Disposition": 'attachment; filename="portal.py"',
        "Cache-Control": "public, max-age=300",
    }
    return HttpResponse(_program(), content_type="text/x-python; charset=utf-8", headers=headers)


@cache
def _program() -> str:
    return client_source(settings.PORTAL_URL)
