"""The program for a terminal, as the portal hands it out."""

from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

PROGRAM = Path(__file__).resolve().parents[1] / "programs" / "client" / "portal.py"
_HOME = 'HOME = "http://127.0.0.1:8000"'


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
    return PROGRAM.read_text(encoding="utf-8").replace(_HOME, f"HOME = {settings.PORTAL_URL!r}", 1)
