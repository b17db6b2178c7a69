"""Reproductions on the page of a version, and one of them with its certificate."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from portal.answers import PageRequest, act
from portal.routing import page
from registry.selectors.web_version import version_numbered
from training.models import Reproduction
from training.reproduction.recorded import recorded_of
from training.selectors.reproductions import reproduction_get, reproductions_of
from training.services.reproductions import reproduction_begin

ROWS = 20


@page("training.reproduction.list")
@require_GET
def reproductions(request: PageRequest, workspace: str, name: str, number: int) -> HttpResponse:
    """Whether a version can be trained again, and how that came out."""
    version = version_numbered(request.actor, workspace, name, number)
    context = {
        "version": version, "model": version.model, "workspace": version.workspace,
        "recorded": recorded_of(version), "reproductions": list(reproductions_of(version)[:ROWS]),
    }  # fmt: skip
    is_part = request.headers.get("HX-Request") == "true"
    template = "training/_reproductions.html" if is_part else "training/reproductions.html"
    return render(request, template, context)


@page("training.reproduction.begin")
@require_POST
def reproduce(request: PageRequest, workspace: str, name: str, number: int) -> HttpResponse:
    """Train a version again."""
    version = version_numbered(request.actor, workspace, name, number)
    return act(
        request, lambda: reproduction_begin(actor=request.actor, version=version),
        said="The version is trained again; the verdict will stand here.",
        then=reverse("version-reproductions", args=[workspace, name, number]),
    )  # fmt: skip


@page("training.reproduction.read")
@require_GET
def reproduction(request: PageRequest, reproduction_id: UUID) -> HttpResponse:
    """One reproduction: the verdict, what was measured, and how to check the certificate."""
    found = reproduction_get(request.actor, reproduction_id)
    comparison = found.comparison or {}
    context = {
        "reproduction": found, "version": found.version, "model": found.version.model, "workspace": found.workspace,
        "files": comparison.get("files", []), "metrics": comparison.get("metrics", {}),
        "predictions": comparison.get("predictions", {}),
        "check": _check(found),
        "recorded": _shown(recorded_of(found.version).facts),
    }  # fmt: skip
    return render(request, "training/reproduction.html", context)


def _check(found: Reproduction) -> str:
    """The command that checks the certificate, once there is one."""
    if not found.certificate:
        return ""
    key = found.certificate["signatures"][0]["keyid"]
    return f"python -m compliance.verify_certificate certificate-{found.pk}.json --key {key}"


def _shown(facts: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Facts with names that people read; what has parts as `name value, name value`."""
    return [(key.replace("_", " ").capitalize(), _text(value)) for key, value in facts.items()]


def _text(value: Any) -> Any:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_text(each)}" for key, each in value.items()) or "none"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value
