"""AI systems: the list, and one system with the models that it uses."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from compliance.selectors import web_follow_up
from portal.answers import PageRequest, whole_or_fragment
from portal.routing import page
from registry.selectors import web_system

READ = "compliance.system.read"


@page(READ)
@require_GET
def systems(request: PageRequest) -> HttpResponse:
    """The AI systems that the reader sees."""
    text, is_retired = request.GET.get("q", "").strip(), request.GET.get("view") == "retired"
    rows = web_follow_up.system_rows(request.actor, text=text, retired=is_retired)
    context = {"rows": web_system.system_rows(rows), "text": text, "is_retired": is_retired}
    return whole_or_fragment(request, "registry/systems.html", "registry/_systems.html", context)


@page(READ)
@require_GET
def system(request: PageRequest, key: UUID) -> HttpResponse:
    """One AI system."""
    found = web_follow_up.system_shown(request.actor, key)
    return render(request, "registry/system.html", {"system": found, "links": web_system.links_of(found)})
