"""The typed client of the API, as a wheel that the portal makes from its sources."""

from functools import cache
from pathlib import Path

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from portal.wheels import Package

CLIENT = Package(
    name="portal_client", version="1.0.0", summary="A typed client of the portal", python=">=3.10",
    sources=Path(__file__).resolve().parents[2] / "client" / "portal_client", requires=("httpx",),
)  # fmt: skip


@login_not_required
@require_safe
def typed_client(request: HttpRequest) -> HttpResponse:
    """The wheel. It holds nothing that is not public."""
    headers = {
        "Content-Disposition": f'attachment; filename="{CLIENT.file_name}"',
        "Cache-Control": "public, max-age=300",
    }
    return HttpResponse(_wheel(), content_type="application/zip", headers=headers)


@cache
def _wheel() -> bytes:
    return CLIENT.wheel()
