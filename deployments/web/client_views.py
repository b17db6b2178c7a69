"""The plugin for MLflow's deployments client, as a wheel that the portal makes from its sources."""

from functools import cache
from pathlib import Path

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from portal.wheels import Package

PLUGIN = Package(
    name="portal_mlflow", version="1.0.0", summary="MLflow's deployments client for the portal", python=">=3.9",
    sources=Path(__file__).resolve().parents[1] / "programs" / "client" / "portal_mlflow",
    requires=("mlflow>=3", "requests"), more={"entry_points.txt": "[mlflow.deployments]\nportal = portal_mlflow\n"},
)  # fmt: skip
WHEEL = PLUGIN.file_name


@login_not_required
@require_safe
def client_package(request: HttpRequest) -> HttpResponse:
    """The wheel. It holds nothing that is not public."""
    headers = {
        "Content-Disposition": f'attachment; filename="{WHEEL}"',
        "Cache-Control": "public, max-age=300",
    }
    return HttpResponse(wheel(), content_type="application/zip", headers=headers)


@cache
def wheel() -> bytes:
    """The same bytes for the same sources."""
    return PLUGIN.wheel()
