"""The lineage of one thing as a page: the drawing, what is live of it, and all nodes as a table."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from portal.accounts.actor import Actor
from portal.answers import PageRequest
from portal.kernel.errors import InvalidInput
from portal.routing import page
from registry.lineage.catalogue import KINDS
from registry.lineage.drawing import drawing_of
from registry.lineage.graph import DIRECTIONS, Node, NodeKey, blast_radius, lineage_of
from registry.models import ModelVersion


@page("registry.lineage.read")
@require_GET
def lineage(request: PageRequest, node: str) -> HttpResponse:
    """What a node was made from and what was made from it; of a dataset version, what is live and depends on it."""
    start, direction = NodeKey.parse(node), request.GET.get("direction", "both")
    if direction not in DIRECTIONS:
        raise InvalidInput(f"A direction is one of {', '.join(sorted(DIRECTIONS))}.")
    graph = lineage_of(request.actor, start, direction=direction)
    found = next(each for each in graph.nodes if each.id == graph.start)
    context = {
        "graph": graph, "drawing": drawing_of(graph, node_address), "start": found, "direction": direction,
        "directions": (("both", "Both"), ("up", "What it was made from"), ("down", "What was made from it")),
        "kind": KINDS[found.kind].title, "address": node_address(found),
        "rows": [(each, node_address(each)) for each in graph.nodes],
        "blast": blast_radius(request.actor, start) if start.kind in ("dataset", "registered-data") else None,
    }  # fmt: skip
    return render(request, "registry/lineage.html", context)


def version_lineage(actor: Actor, version: ModelVersion) -> dict[str, Any]:
    """What `registry/_lineage.html` needs to draw the lineage of a version."""
    graph = lineage_of(actor, NodeKey("version", version.pk))
    return {"graph": graph, "drawing": drawing_of(graph, node_address)}


def node_address(node: Node) -> str:
    """The page of a node; of what has none of its own, the page of its lineage."""
    facts = node.facts
    if node.is_unknown:
        return ""
    if node.kind == "run":
        return reverse("run", args=[node.id.removeprefix("run:")])
    if node.kind == "registered-data":
        return reverse("dataset-version", args=[facts["workspace"], facts["name"], facts["version"]])
    if node.kind == "version" and not facts["deleted"]:
        return reverse("version", args=[facts["workspace"], facts["model"], facts["version"]])
    if node.kind == "live":
        return reverse("model", args=[facts["workspace"], facts["model"]])
    if node.kind == "deployment":
        return reverse("endpoint", args=[facts["endpoint"]])
    if node.kind == "scoring":
        return reverse("scoring", args=[UUID(node.id.removeprefix("scoring:"))])
    if node.kind == "ai-system":
        return reverse("system", args=[node.id.removeprefix("ai-system:")])
    return reverse("lineage", args=[node.id])
