"""What a person asks the gate to look at again, from the page of a version."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal.answers import PageRequest, act
from portal.routing import page
from registry.gate.signing import signature_evidence
from registry.models import ModelVersion
from registry.selectors.boms import bom_evidence
from registry.selectors.web_version import version_numbered
from registry.services.gate import version_bill, version_check_signature, version_scan, version_sign
from registry.services.verifications import version_verify


def looks_of(found: ModelVersion) -> dict[str, Any]:
    """What there is to download of what the gate made."""
    signature = signature_evidence(found)
    has_signature = signature is not None and "signature" in signature.body
    return {"has_signature": has_signature, "has_bill": bom_evidence(found) is not None}


@page("registry.version.scan")
@require_POST
def scan(request: PageRequest, workspace: str, name: str, number: int) -> HttpResponse:
    """Scan the files again."""
    return _asked(request, version_scan, workspace, name, number)


@page("registry.version.sign")
@require_POST
def sign(request: PageRequest, workspace: str, name: str, number: int) -> HttpResponse:
    """Sign the files."""
    return _asked(request, version_sign, workspace, name, number)


@page("registry.version.check_signature")
@require_POST
def signature_check(request: PageRequest, workspace: str, name: str, number: int) -> HttpResponse:
    """Check the signature."""
    return _asked(request, version_check_signature, workspace, name, number)


@page("registry.version.bill")
@require_POST
def bill(request: PageRequest, workspace: str, name: str, number: int) -> HttpResponse:
    """Write the bill of materials anew."""
    return _asked(request, version_bill, workspace, name, number)


@page("registry.version.verify")
@require_POST
def verify(request: PageRequest, workspace: str, name: str, number: int) -> HttpResponse:
    """Read every byte again and compare the digests."""
    return _asked(request, version_verify, workspace, name, number)


def _asked(request: PageRequest, ask: Any, workspace: str, name: str, number: int) -> HttpResponse:
    found = version_numbered(request.actor, workspace, name, number)
    return act(
        request, lambda: ask(actor=request.actor, version=found),
        said="A job looks at it; what it finds will stand here.",
        then=reverse("version-tab", args=[workspace, name, number, "evidence"]),
    )  # fmt: skip
