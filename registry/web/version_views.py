"""Pages of one version: its tabs."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from experiments.web.markdown import note_html
from portal.answers import PageRequest
from portal.audit.selectors import object_trail
from portal.routing import page
from registry.models import ModelVersion
from registry.selectors import web_model, web_version
from registry.web.card_views import card_context
from registry.web.gate_panel import gate_panel
from registry.web.lineage_views import version_lineage
from registry.web.look_views import looks_of
from registry.web.snippets import version_snippet

READ = "registry.version.read"
TRAIL_ENTRIES = 100


@page(READ)
@require_GET
def version(
    request: PageRequest, workspace: str, name: str, number: int, tab: str = "overview"
) -> HttpResponse:
    """A version, one tab of it."""
    found = web_version.version_numbered(request.actor, workspace, name, number)
    context = _head(request, found) | {"tab": tab, "tabs": TABS} | _TAB_CONTENT[tab](request, found)
    return render(request, f"registry/version_{tab}.html", context)


def _head(request: PageRequest, found: ModelVersion) -> dict[str, Any]:
    return {
        "version": found, "model": found.model, "workspace": found.workspace,
        "aliases": web_version.version_aliases(found), "badges": web_model.badges_of([found])[found.pk],
        "owner": found.created_by.username if found.created_by else found.user_name,
    }  # fmt: skip


def _overview(request: PageRequest, found: ModelVersion) -> dict[str, Any]:
    champion = web_version.champion_of(found)
    return {
        "origin": web_version.origin_of(found), "champion": champion,
        "metrics": web_version.metrics_compared(found, champion), "tags": found.tags.order_by("key"),
        "description": note_html(found.description), "snippet": version_snippet(found),
        "findings": web_model.findings_open([found]), "gate": gate_panel(found, request.GET.get("alias", "")),
    }  # fmt: skip


def _files(request: PageRequest, found: ModelVersion) -> dict[str, Any]:
    manifest = found.manifest or []
    return {"manifest": manifest, "total": sum(int(each.get("size", 0)) for each in manifest)}


def _evidence(request: PageRequest, found: ModelVersion) -> dict[str, Any]:
    return {"evidence": web_version.evidence_of(found), **looks_of(found)}


def _card(request: PageRequest, found: ModelVersion) -> dict[str, Any]:
    return card_context(request, found)


def _lineage(request: PageRequest, found: ModelVersion) -> dict[str, Any]:
    return version_lineage(request.actor, found)


def _approvals(request: PageRequest, found: ModelVersion) -> dict[str, Any]:
    return {"requests": web_version.requests_about(found), "history": web_version.version_history(found)}


def _trail(request: PageRequest, found: ModelVersion) -> dict[str, Any]:
    key = found.pk.hex
    entries = object_trail(
        request.actor, object_type="modelversion", object_id=key, before_id=None, limit=TRAIL_ENTRIES
    )
    return {"entries": entries}


_TAB_CONTENT: dict[str, Callable[[PageRequest, ModelVersion], dict[str, Any]]] = {
    "overview": _overview, "files": _files, "card": _card, "evidence": _evidence, "lineage": _lineage,
    "approvals": _approvals, "audit": _trail,
}  # fmt: skip
TABS = tuple((name, name.capitalize()) for name in _TAB_CONTENT)
