"""AI systems: the list, and one system with the models that it uses."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from compliance.controls.catalogue import catalogue
from compliance.controls.coverage import coverage_of
from compliance.models.follow_up import RISK_TIERS
from compliance.selectors import web_follow_up
from portal import access
from portal.answers import PageRequest, whole_or_fragment
from portal.routing import page
from registry.selectors import web_system
from registry.selectors.models import models_visible
from registry.selectors.technical_files import technical_files
from registry.selectors.web_system import file_job

READ = "compliance.system.read"
MODELS_OFFERED = 500
FILES_SHOWN = 10


@page(READ)
@require_GET
def systems(request: PageRequest) -> HttpResponse:
    """The AI systems that the reader sees."""
    text, is_retired = request.GET.get("q", "").strip(), request.GET.get("view") == "retired"
    rows = web_follow_up.system_rows(request.actor, text=text, retired=is_retired)
    may_create = access.workspaces_allowing(request.actor, "compliance.system.create") != []
    context = {
        "may_create": may_create,
        "rows": web_system.system_rows(rows),
        "text": text,
        "is_retired": is_retired,
    }
    return whole_or_fragment(request, "registry/systems.html", "registry/_systems.html", context)


@page(READ)
@require_GET
def system(request: PageRequest, key: UUID) -> HttpResponse:
    """One AI system."""
    found = web_follow_up.system_shown(request.actor, key)
    models = models_visible(request.actor).filter(workspace_id=found.workspace_id, is_prompt=False)
    framework = request.GET.get("framework", "") or next(iter(catalogue().frameworks))
    coverage, show = coverage_of(request.actor, found, framework), request.GET.get("show", "")
    context = {
        "coverage": coverage, "framework": framework, "frameworks": catalogue().frameworks, "show": show,
        "controls": [each for each in coverage.controls if show in ("", each.state)],
        "may_attest": access.allows(request.actor, "compliance.evidence.attest", found),
        "files": list(technical_files(found)[:FILES_SHOWN]), "file_job": file_job(found),
        "system": found, "links": web_system.links_of(found), "tiers": RISK_TIERS,
        "models": models.order_by("name").values_list("name", flat=True)[:MODELS_OFFERED],
    }  # fmt: skip
    return render(request, "registry/system.html", context)
