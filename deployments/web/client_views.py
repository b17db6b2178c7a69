"""The plugin for MLflow's deployments client, as a wheel that the portal makes from its sources."""

import base64
import hashlib
import io
import zipfile
from functools import cache
from pathlib import Path

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

SOURCES = Path(__file__).resolve().parents[1] / "programs" / "client" / "portal_mlflow"
NAME, VERSION = "portal_mlflow", "1.0.0"
WHEEL = f"{NAME}-{VERSION}-py3-none-any.whl"
_INFO = f"{NAME}-{VERSION}.dist-info"
_ABOUT = {
    "METADATA": f"Metadata-Version: 2.1\nName: portal-mlflow\nVersion: {VERSION}\n"
    "Summary: MLflow's deployments client for the portal\nRequires-Python: >=3.9\nRequires-Dist: mlflow>=3\n"
    "Requires-Dist: requests\n",
    "WHEEL": "Wheel-Version: 1.0\nGenerator: portal\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "entry_points.txt": f"[mlflow.deployments]\nportal = {NAME}\n",
}
_EPOCH = (2020, 1, 1, 0, 0, 0)


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
    """The same bytes for the same sources (PEP 427)."""
    files = {f"{NAME}/{path.name}": path.read_bytes() for path in sorted(SOURCES.glob("*.py"))}
    files |= {f"{_INFO}/{name}": text.encode() for name, text in _ABOUT.items()}
    record = "".join(f"{path},sha256={_hash(content)},{len(content)}\n" for path, content in files.items())
    files[f"{_INFO}/RECORD"] = f"{record}{_INFO}/RECORD,,\n".encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(path, _EPOCH), content)
    return packed.getvalue()


def _hash(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
